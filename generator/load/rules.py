"""The rules of reading: whether a file is a card that can be read."""

from generator.findings import get_rule

YAML_SYNTAX = get_rule("MB001")
NOT_TEXT = get_rule("MB002")
NO_CARD = get_rule("MB003")
TOO_LARGE = get_rule("MB004")
TOO_NESTED = get_rule("MB005")
OUTSIDE = get_rule("MB006")
DUPLICATE_KEY = get_rule("MB007")
DUPLICATE_ID = get_rule("MB008")
UNKNOWN_KIND = get_rule("MB009")
UNKNOWN_KEY = get_rule("MB010")
MISSING_KEY = get_rule("MB011")
WRONG_TYPE = get_rule("MB012")
BAD_VALUE = get_rule("MB013")
BAD_ID = get_rule("MB014")
BROKEN_FILE_REF = get_rule("MB015")
UNREADABLE = get_rule("MB017")
BAD_SETTING = get_rule("MB018")
CLAIMED_ID = get_rule("MB023")
CHANGED_FILE = get_rule("MB027")
BAD_LOCK = get_rule("MB028")

RULES = (
    YAML_SYNTAX, NOT_TEXT, NO_CARD, TOO_LARGE, TOO_NESTED, OUTSIDE, DUPLICATE_KEY, DUPLICATE_ID, UNKNOWN_KIND,
    UNKNOWN_KEY, MISSING_KEY, WRONG_TYPE, BAD_VALUE, BAD_ID, BROKEN_FILE_REF, UNREADABLE, BAD_SETTING,
    CLAIMED_ID, CHANGED_FILE, BAD_LOCK,
)  # fmt: skip
