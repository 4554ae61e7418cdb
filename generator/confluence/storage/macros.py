"""The elements of storage format that Modelbook writes."""

from generator.confluence.storage.nodes import CData, Element, Node, Nodes, PageFile, PageTarget, compute_digest

INLINE_MACROS = frozenset({"anchor", "status"})


def to_anchor_name(identifier: str) -> str:
    """Return an id as the name of an anchor: letters, digits, dots, hyphens and underscores.

    Ids of footnotes contain colons, which Confluence sometimes reads as separators. A changed id gets some digits of
    its digest, so that `a:b` and `a-b` stay different. The name depends only on the id: links from other pages need it.
    """
    name = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in identifier)
    return name if name == identifier else f"{name}-{compute_digest(identifier.encode())[:6]}"


def build_code(text: str, language: str = "", title: str = "", first_line: str = "") -> Element:
    """Return a code macro, with line numbers if the number of the first line is given."""
    numbers = {"firstline": first_line, "linenumbers": "true"} if first_line else {}
    body = Element("ac:plain-text-body", (), (CData(text),))
    return build_macro("code", {**numbers, "language": language, "title": title}, body)


def build_box(name: str, parameters: dict[str, str], body: Nodes) -> Element:
    """Return a macro around blocks: a panel, an expand, an excerpt, Page Properties."""
    return build_macro(name, parameters, Element("ac:rich-text-body", (), body))


def build_image(source: PageFile | str, attributes: dict[str, str]) -> Element:
    """Return an image of an attachment or of an external address, without empty attributes."""
    shown = source if isinstance(source, PageFile) else Element("ri:url", (("ri:value", source),))
    given = tuple((f"ac:{name}", value) for name, value in sorted(attributes.items()) if value)
    return Element("ac:image", given, (shown,))


def build_link(target: PageTarget | PageFile | None, body: Nodes, anchor: str = "") -> Element:
    """Return a link to a page, to an attachment, or (without target) to an anchor of the same page."""
    attributes = (("ac:anchor", anchor),) if anchor else ()
    shown: Nodes = () if target is None else (target,)
    return Element("ac:link", attributes, (*shown, Element("ac:link-body", (), body)))


def build_macro(name: str, parameters: dict[str, str], *body: Node) -> Element:
    """Return a macro with its parameters, without empty ones, and its body."""
    given = (Element("ac:parameter", (("ac:name", key),), (value,)) for key, value in parameters.items() if value)
    return Element("ac:structured-macro", (("ac:name", name),), (*given, *body))
