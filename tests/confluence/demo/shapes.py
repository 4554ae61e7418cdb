"""The elements of the storage format, with their places; real sites drop unknown ones without an error.

Confluence publishes no schema. The table has what its editors write and its documentation names.
"""

from collections.abc import Iterator

from lxml import etree

from generator.confluence.demo import DemoServer
from generator.confluence.demo.storage import parse_body
from generator.confluence.storage.parse import get_attribute, get_name, to_prefixed_name

_TABLE = """
ac:structured-macro | * | ac:parameter ac:rich-text-body ac:plain-text-body | ac:name
ac:parameter | ac:structured-macro | text ri:page ri:attachment ri:url ri:user ri:space ri:content-entity ri:blog-post ac:link | ac:name
ac:rich-text-body | ac:structured-macro | * |
ac:plain-text-body | ac:structured-macro | text |
ac:link | * | ri:page ri:attachment ri:url ri:user ri:space ri:content-entity ri:blog-post ri:shortcut ac:link-body ac:plain-text-link-body |
ac:link-body | ac:link | * |
ac:plain-text-link-body | ac:link | text |
ac:image | * | ri:attachment ri:url ac:caption |
ac:caption | ac:image | * |
ac:task-list | * | ac:task |
ac:task | ac:task-list | ac:task-id ac:task-uuid ac:task-status ac:task-body |
ac:task-id ac:task-uuid ac:task-status | ac:task | text |
ac:task-body | ac:task | * |
ac:layout | * | ac:layout-section |
ac:layout-section | ac:layout | ac:layout-cell | ac:type
ac:layout-cell | ac:layout-section | * |
ac:emoticon | * | | ac:name
ac:inline-comment-marker | * | * | ac:ref
ac:placeholder | * | text |
ri:page ri:blog-post | ac:link ac:image ac:parameter ri:attachment | | ri:content-title
ri:content-entity | ac:link ac:image ac:parameter ri:attachment | | ri:content-id
ri:attachment | ac:link ac:image ac:parameter | ri:page ri:content-entity ri:blog-post | ri:filename
ri:url | ac:link ac:image ac:parameter | | ri:value
ri:user | ac:link ac:image ac:parameter | |
ri:space | ac:link ac:image ac:parameter | | ri:space-key
ri:shortcut | ac:link ac:image ac:parameter | | ri:key
"""  # noqa: E501 - a table
"""Elements, parents, children (`*` for anything, `text` for text) and required attributes."""
SHAPES = {
    name: (parents.split(), children.split(), attributes.split())
    for names, parents, children, attributes in (line.split("|") for line in _TABLE.strip().splitlines())
    for name in names.split()
}


def list_errors(element: etree._Element, name: str) -> Iterator[str]:
    """Describe what is wrong with the place, the children and the attributes of an element."""
    if ":" not in name:
        return
    if name not in SHAPES:
        yield f"Unknown element <{name}>"
        return
    parents, children, attributes = SHAPES[name]
    parent, inside = element.getparent(), [get_name(child) for child in element]
    if parents != ["*"] and (parent is None or get_name(parent) not in parents):
        yield f"Unexpected element <{name}>: it belongs into {' or '.join(f'<{each}>' for each in sorted(parents))}"
    given = {to_prefixed_name(str(key)) for key in element.attrib}
    yield from (f"Element <{name}> lacks the attribute {each}" for each in attributes if each not in given)
    if children != ["*"]:
        yield from (f"Unexpected element <{each}> in <{name}>" for each in inside if each not in children)
        texts = (element.text, *(child.tail for child in element))
        if "text" not in children and any((text or "").strip() for text in texts):
            yield f"Unexpected text in <{name}>"
    if name == "ac:task-status" and (element.text or "").strip() not in ("complete", "incomplete"):
        yield f"The status of a task is complete or incomplete, not {element.text!r}"
    if name == "ri:content-entity" and not get_attribute(element, "ri:content-id").isdigit():
        yield "ri:content-id must be the number of a page"
    if name == "ac:image" and sum(each.startswith("ri:") for each in inside) != 1:
        yield "Element <ac:image> needs one ri:attachment or ri:url"


def check_shapes(body: str) -> None:
    """Fail if an element of a body is unknown or in the wrong place."""
    for element in parse_body(body).iterdescendants():
        assert not [*list_errors(element, get_name(element))], body


def check_stored_bodies(demo: DemoServer) -> None:
    """Fail if a page of a demo server has an element that is unknown or in the wrong place."""
    for page in demo.world.contents.values():
        check_shapes(page.current.body)
