"""What belongs to the site alone and is left out by design: each kind with the name that a report gives it."""

from generator.confluence.storage.page import Html, get_classes, get_tag

_TAGS = frozenset(
    {"button", "script", "style", "template", "link", "meta", "source", "wbr", "colgroup", "col", "datalist"}
)
_CLASSES = frozenset({"mb-site-only", "headerlink", "md-content__button", "md-source-file", "md-feedback"})
_NAVIGATION = frozenset({"md-path", "md-tags"})


def is_dropped(element: Html) -> bool:
    """Whether the element is for the site's own use: navigation, buttons, filters, what its author marked so."""
    name, own = get_tag(element), get_classes(element)
    return (
        name in _TAGS
        or bool(own & _CLASSES)
        or (name == "nav" and bool(own & _NAVIGATION))
        or (name == "input" and element.get("type") != "checkbox")
        or element.get("data-confluence") == "skip"
        or element.get("hidden") is not None
    )
