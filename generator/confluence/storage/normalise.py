"""A canonical form of storage format, to compare a published body with the stored one."""

from lxml import etree

from generator.confluence.storage.parse import AC, get_attribute, get_name, parse_storage, to_prefixed_name

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
