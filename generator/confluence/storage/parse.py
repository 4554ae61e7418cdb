"""Storage format read back: ours, and what Confluence made of it on save."""

from html.entities import name2codepoint

from lxml import etree

from generator.confluence.storage.page import Html

AC = "http://atlassian.com/content"
RI = "http://atlassian.com/resource/identifier"
_XML = frozenset({"lt", "gt", "amp", "quot", "apos"})
_ENTITIES = "".join(
    f'<!ENTITY {name} "&#{code};">' for name, code in sorted(name2codepoint.items()) if name not in _XML
)
"""XHTML's named characters, which Confluence writes and XML does not know."""


def parse_storage(storage: str) -> Html:
    """The body as a tree under a root element; etree.XMLSyntaxError where Confluence would refuse it too."""
    document = f'<!DOCTYPE r [{_ENTITIES}]><r xmlns:ac="{AC}" xmlns:ri="{RI}">{storage}</r>'
    parser = etree.XMLParser(remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    return etree.fromstring(document.encode(), parser)


def get_name(element: Html) -> str:
    """The element's name with the prefix as Confluence spells it: `ac:link`."""
    return to_prefixed_name(str(element.tag))


def get_attribute(element: Html, name: str) -> str:
    """An attribute by its spelled name (`ac:name`), "" where it is missing."""
    return next((str(value) for key, value in element.attrib.items() if to_prefixed_name(str(key)) == name), "")


def to_prefixed_name(qualified: str) -> str:
    """A name as lxml has it (`{…}link`) with the prefix as Confluence spells it (`ac:link`)."""
    for prefix, namespace in (("ac", AC), ("ri", RI)):
        if qualified.startswith(f"{{{namespace}}}"):
            return f"{prefix}:{qualified[len(namespace) + 2 :]}"
    return qualified


def get_parameters(macro: Html) -> dict[str, str]:
    """A macro's parameters by name."""
    return {get_attribute(child, "ac:name"): child.text or "" for child in macro if get_name(child) == "ac:parameter"}


def get_rich_body(macro: Html) -> Html | None:
    """A macro's rich body, or None."""
    return next((child for child in macro if get_name(child) == "ac:rich-text-body"), None)


def get_plain_body(macro: Html) -> str:
    """A macro's plain body: the text of a code block."""
    return next((child.text or "" for child in macro if get_name(child) == "ac:plain-text-body"), "")
