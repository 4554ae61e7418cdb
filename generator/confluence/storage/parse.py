"""The parser of storage format, as Modelbook writes it and as Confluence stores it, and its canonical form."""

from html.entities import name2codepoint

from lxml import etree

from generator.confluence.storage.page import Html

AC = "http://atlassian.com/content"
RI = "http://atlassian.com/resource/identifier"
_XML = frozenset({"lt", "gt", "amp", "quot", "apos"})
ENTITIES = "".join(f'<!ENTITY {name} "&#{code};">' for name, code in sorted(name2codepoint.items()) if name not in _XML)
"""The named characters of XHTML, which Confluence writes and XML does not define."""
_VOLATILE = frozenset(
    {"ac:local-id", "ac:macro-id", "ac:schema-version", "local-id", "ri:version-at-save", "class", "ac:breakout-width"}
    | {"ri:space-key"}
)
"""Attributes that Confluence adds, changes or omits when a page is saved, like `data-…` of its editor."""
_NUMBERED = frozenset({"ac:task-id", "ac:task-uuid"})
_UNWRAPPED = (f"{{{AC}}}inline-comment-marker",)
"""Markers of inline comments, which do not change the text."""
_LOOSE = frozenset(
    {"r", "table", "tbody", "tr", "td", "th", "ul", "ol", "li", "blockquote", "div"}
    | {"ac:structured-macro", "ac:rich-text-body", "ac:task-list", "ac:task", "ac:task-body", "ac:link", "ac:image"}
)
"""Elements in which whitespace between children has no meaning."""


def parse_storage(storage: str) -> Html:
    """Return the body as a tree under a root element.

    Raises:
        etree.XMLSyntaxError: The body is invalid for Confluence too.

    """
    document = f'<!DOCTYPE r [{ENTITIES}]><r xmlns:ac="{AC}" xmlns:ri="{RI}">{storage}</r>'
    parser = etree.XMLParser(strip_cdata=False, remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    return etree.fromstring(document.encode(), parser)


def get_name(element: Html) -> str:
    """Return the prefixed name of an element, as Confluence writes it: `ac:link`."""
    return to_prefixed_name(str(element.tag))


def get_attribute(element: Html, name: str) -> str:
    """Return an attribute by its prefixed name (`ac:name`); "" if it is missing."""
    return next((str(value) for key, value in element.attrib.items() if to_prefixed_name(str(key)) == name), "")


def to_prefixed_name(qualified: str) -> str:
    """Return a name of lxml (`{…}link`) with the prefix of Confluence (`ac:link`)."""
    for prefix, namespace in (("ac", AC), ("ri", RI)):
        if qualified.startswith(f"{{{namespace}}}"):
            return f"{prefix}:{qualified[len(namespace) + 2 :]}"
    return qualified


def normalise_storage(storage: str) -> str:
    """Return the canonical form, which is equal for bodies that differ only in what Confluence changes on save.

    It has no volatile attributes, task numbers, comment markers and whitespace between blocks; the parameters of macros
    are sorted; entities, CDATA and empty elements have one form. The function is idempotent.
    """
    root = parse_storage(storage)
    etree.strip_tags(root, *_UNWRAPPED)
    for element in list(root.iter()):
        for key in map(str, list(element.attrib)):
            if to_prefixed_name(key) in _VOLATILE or key.startswith("data-"):
                del element.attrib[key]
    for element in [node for node in root.iter() if get_name(node) in _NUMBERED]:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    for element in root.iter():
        if get_name(element) == "ac:structured-macro":
            element[:] = sorted(
                element, key=lambda child: (get_name(child) != "ac:parameter", get_attribute(child, "ac:name"))
            )
        texts = (element.text, *(child.tail for child in element))
        if get_name(element) in _LOOSE and not any((text or "").strip() for text in texts):
            element.text = None
            for child in element:
                child.tail = None
    text = etree.tostring(root, method="c14n").decode()
    return text[text.index(">") + 1 : text.rindex("<")]
