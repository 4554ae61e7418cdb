"""Elements of a page that are only for the site, and are omitted by design."""

from generator.confluence.storage.page import Html, get_classes, get_tag

_TAGS = frozenset(
    {"button", "script", "style", "template", "link", "meta", "source", "wbr", "colgroup", "col", "datalist"}
)
_CLASSES = frozenset({"mb-site-only", "headerlink", "md-content__button", "md-source-file", "md-feedback"})
_NAVIGATION = frozenset({"md-path", "md-tags"})


def is_dropped(element: Html) -> bool:
    """Return whether an element is only for the site: navigation, buttons, filters, or marked by its author."""
    name, own = get_tag(element), get_classes(element)
    return (
        name in _TAGS
        or bool(own & _CLASSES)
        or (name == "nav" and bool(own & _NAVIGATION))
        or (name == "input" and element.get("type") != "checkbox")
        or element.get("data-confluence") == "skip"
        or element.get("hidden") is not None
    )
