"""What of a page is for the site alone: never expected in the wiki, and counted by name."""

from tests.confluence.parity.markup import Tag

_NOT_SHOWN = frozenset({"button", "script", "style", "template", "datalist"})
_CLASSES = ("mb-site-only", "headerlink", "md-content__button", "md-source-file", "md-feedback")


def reason(tag: Tag) -> str:
    """Return why the element is not meant for the wiki, "" if it is."""
    if tag.name in _NOT_SHOWN:
        return f"<{tag.name}>"
    named = next((name for name in _CLASSES if name in tag.classes), "")
    if tag.name == "nav" and tag.classes & {"md-path", "md-tags"}:
        return "the theme's navigation"
    if tag.name == "input" and tag.attributes.get("type") != "checkbox":
        return "<input>"
    if tag.attributes.get("data-confluence") == "skip":
        return "data-confluence=skip"
    if "data-mb-relative" in tag.attributes:
        return "data-mb-relative"
    return named or ("hidden" if "hidden" in tag.attributes else "")
