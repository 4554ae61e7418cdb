"""An SVG in HTML as a document, and its description."""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from generator.confluence.storage.page import Html, get_tag, get_text
from generator.confluence.storage.text import remove_illegal

_SPELLED = (
    "attributeName attributeType baseFrequency calcMode clipPathUnits diffuseConstant edgeMode filterUnits "
    "gradientTransform gradientUnits kernelMatrix keyPoints keySplines keyTimes lengthAdjust markerHeight "
    "markerUnits markerWidth maskContentUnits maskUnits numOctaves pathLength patternContentUnits "
    "patternTransform patternUnits preserveAlpha preserveAspectRatio primitiveUnits refX refY repeatCount "
    "repeatDur specularConstant specularExponent spreadMethod startOffset stdDeviation stitchTiles surfaceScale "
    "systemLanguage tableValues targetX targetY textLength viewBox xChannelSelector yChannelSelector zoomAndPan "
    "animateMotion animateTransform clipPath feBlend feColorMatrix feComponentTransfer feComposite "
    "feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB "
    "feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset fePointLight "
    "feSpecularLighting feSpotLight feTile feTurbulence foreignObject linearGradient radialGradient textPath"
)
_CASED = {name.lower(): name for name in _SPELLED.split()}
"""The names of SVG with capitals by their lower-case form, since an HTML parser changes names to lower case."""
_NAMESPACES = {"xmlns": "http://www.w3.org/2000/svg", "xmlns:xlink": "http://www.w3.org/1999/xlink"}


def to_svg_document(element: Html) -> str:
    """Return an SVG as XML that a renderer accepts; equal drawings give equal text."""
    return "".join(_render_svg(element, is_root=True))


def _render_svg(element: Html, *, is_root: bool) -> Iterator[str]:
    name = _CASED.get(get_tag(element), get_tag(element))
    given = {str(key): str(value) for key, value in element.attrib.items()}
    attributes = {_CASED.get(key, key): value for key, value in given.items()}
    shown = {**attributes, **_NAMESPACES} if is_root else attributes
    yield (f"<{name}" + "".join(f" {key}={quoteattr(remove_illegal(value))}" for key, value in shown.items()) + ">")
    yield escape(remove_illegal(element.text or ""))
    for child in element:
        if get_tag(child):
            yield from _render_svg(child, is_root=False)
        yield escape(remove_illegal(child.tail or ""))
    yield f"</{name}>"


def get_description(element: Html) -> str:
    """Return the description of an SVG, else its title, else its label, as the alternative text."""
    described = (node for name in ("desc", "title") for node in element if get_tag(node) == name)
    found = next((get_text(node) for node in described if get_text(node)), "")
    return found or (element.get("aria-label") or "").strip()
