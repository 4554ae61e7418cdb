"""The parser of storage format, as Modelbook writes it and as Confluence stores it."""

from html.entities import name2codepoint

from lxml import etree

from generator.confluence.storage.page import Html

AC = "http://atlassian.com/content"
RI = "http://atlassian.com/resource/identifier"
_XML = frozenset({"lt", "gt", "amp", "quot", "apos"})
_ENTITIES = "".join(
    f'<!ENTITY {name} "&#{code};">' for name, code in sorted(name2codepoint.items()) if name not in _XML
)
"""The named characters of XHTML, which Confluence writes and XML does not define."""


def parse_storage(storage: str) -> Html:
    """Return the body as a tree under a root element.

    Raises:
        etree.XMLSyntaxError: The body is invalid for Confluence too.

    """
    document = f'<!DOCTYPE r [{_ENTITIES}]><r xmlns:ac="{AC}" xmlns:ri="{RI}">{storage}</r>'
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
