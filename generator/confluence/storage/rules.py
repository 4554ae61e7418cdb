"""The rules about publishing: content that Confluence cannot show, or not unchanged."""

from generator.findings import Rule, get_rule

TITLE_TOO_LONG = get_rule("MB901")
TITLE_TAKEN = get_rule("MB902")
NOT_CARRIED = get_rule("MB903")
BROKEN_LINK = get_rule("MB904")
FILE_MISSING = get_rule("MB905")
CHARACTER_NOT_CARRIED = get_rule("MB906")
SHOWN_AS_SOURCE = get_rule("MB907")
ICON_WITHOUT_TEXT = get_rule("MB908")
NESTED_TOO_DEEPLY = get_rule("MB909")
FILE_NAME_TAKEN = get_rule("MB910")
NO_ARTICLE = get_rule("MB911")
LANGUAGE_NOT_KNOWN = get_rule("MB912")
TOOLTIP_NOT_CARRIED = get_rule("MB913")

RULES = tuple(value for value in tuple(globals().values()) if isinstance(value, Rule))
"""All rules, for `modelbook explain` and the page of each code."""
