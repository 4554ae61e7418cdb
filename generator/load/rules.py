"""The rules of reading: whether a file is a card that can be read."""

from generator.findings import Rule, Severity


def _define_error(code: str, name: str, explanation: str) -> Rule:
    return Rule(code, name, Severity.ERROR, explanation)


YAML_SYNTAX = _define_error(
    "MB001",
    "yaml-syntax",
    """Checks that a card is well-formed YAML 1.2, without tags and merge keys.

    Why: a file that cannot be read cannot be checked, and no part of it is in the book. A `!tag` or `<<` has a meaning
    only for another reader.
    Fix: correct the line that is named. The usual causes are a tab, a colon inside unquoted text, and a missing quote.
    Write the plain value instead of a tag, and the keys instead of `<<`.
    """,
)
NOT_TEXT = _define_error(
    "MB002",
    "not-text",
    """Checks that a card is UTF-8 text, with or without a byte order mark, without control characters.

    Why: another encoding changes names without an error. A control character, or a line break that only some tools
    recognise (U+0085, U+2028, U+2029), makes line numbers and pages differ from one tool to the next.
    Fix: save the file as UTF-8, and remove the character that is named.
    """,
)
NO_CARD = _define_error(
    "MB003",
    "no-card",
    """Checks that the cards folder has cards, and that every file in it has at least one: a mapping with a `kind`.

    Why: an empty file, or a Markdown file without front matter, is probably a card that was lost. Without any card
    nothing is checked, and `cards:` in mkdocs.yml may name the wrong folder.
    Fix: write the card (`modelbook new model ID` prints an example), or remove the file. Files that a card refers to by
    `$ref` or `openapi`, and a README.md without front matter, need no card. An OpenAPI document or a JSON Schema to
    which no card refers is a note.
    """,
)
TOO_LARGE = _define_error(
    "MB004",
    "too-large",
    """Checks that a file has at most 1 MB.

    Why: people read cards; a file of megabytes is data that does not belong in the folder.
    Fix: keep the data elsewhere and link to it; move a large contract into its own file with `$ref`.
    """,
)
TOO_NESTED = _define_error(
    "MB005",
    "too-nested",
    """Checks that a card has at most 64 levels, and a file at most 100,000 values and 5,000,000 characters.

    Aliases count as the values that they repeat: a text of 1,000 characters with ten aliases has 11,000.

    Why: deeper or larger structures are mistakes or attacks (a "billion laughs" file). Neither may stop the build.
    Fix: write the structure flat, and repeat values instead of chaining aliases. Link to a long text.
    """,
)
OUTSIDE = _define_error(
    "MB006",
    "outside-folder",
    """Checks that every file that a card refers to is inside the cards folder.

    Why: a link or a `$ref` to another folder could publish files that are not meant for the book.
    Fix: move the file into the cards folder and refer to it by a relative path.
    """,
)
DUPLICATE_KEY = _define_error(
    "MB007",
    "duplicate-key",
    """Checks that no mapping has the same key twice.

    Why: most readers keep the last one without an error, so the other value is lost.
    Fix: merge the two, or remove one; both lines are named.
    """,
)
DUPLICATE_ID = _define_error(
    "MB008",
    "duplicate-id",
    """Checks that every id of a kind is unique, ignoring case.

    Why: a reference could mean either card, and both would have the same page.
    Fix: rename one of the two; both positions are named.
    """,
)
UNKNOWN_KIND = _define_error(
    "MB009",
    "unknown-kind",
    """Checks that every card has a known `kind`.

    Why: the kind determines which keys a card may have and how it is checked.
    Fix: write one of model, system, flow, experiment, migration, team, person, resource.
    """,
)
UNKNOWN_KEY = _define_error(
    "MB010",
    "unknown-key",
    """Checks that a card has only the keys of its kind, and keys that start with `x-`.

    Why: a mistyped key would be ignored without an error, and its value would be missing on the page.
    Fix: use the known key that the hint proposes, or start a key of your own with `x-`.
    """,
)
MISSING_KEY = _define_error(
    "MB011",
    "missing-key",
    """Checks that a card has all required keys.

    Why: a model without a name or a lifecycle cannot be found or judged.
    Fix: add the key; the reference page describes its value.
    """,
)
WRONG_TYPE = _define_error(
    "MB012",
    "wrong-type",
    """Checks that a value has the type of its key: text, number, day, list or mapping.

    Why: a list cannot be shown if a text is expected.
    Fix: write the value as the hint proposes.
    """,
)
BAD_VALUE = _define_error(
    "MB013",
    "bad-value",
    """Checks that a key has a value that it allows: a known word, a real day, a whole address, a number in range.

    A number in free data is in range if a 64-bit float can store it, in any base: `1e999` is not.

    Why: readers rely on it, and a day that does not exist or half an address misleads them.
    Fix: write a value of the form that the message names.
    """,
)
BAD_ID = _define_error(
    "MB014",
    "bad-id",
    """Checks that an id can be the name of a page: letters, digits, dot, dash, underscore; not `index`.

    Why: it becomes the name of a file in the site. `../x` would be outside of it, and `index` is the list of the kind.
    Fix: choose another id, and change the references to it.
    """,
)
BROKEN_FILE_REF = _define_error(
    "MB015",
    "broken-file-ref",
    """Checks that a `$ref` or `openapi` in a contract points to a YAML or JSON file, and its pointer into the file.

    Why: without it the page has no contract, and the examples cannot be checked.
    Fix: write the path relative to the card, as in `{$ref: contracts/eta.yml}` or `{$ref: api.yml#/pointer}`. A `$ref`
    to a file must be directly under `request` or `response`; one within a schema must point into it: `#/$defs/city`.
    """,
)
UNREADABLE = _define_error(
    "MB017",
    "unreadable-file",
    """Checks that every card can be opened: a regular file that the user may read, named in UTF-8, in no linked folder.

    Why: a card that is skipped without an error is only missed when it is needed.
    Fix: correct the permissions, or remove the broken link or the special file.
    """,
)
BAD_SETTING = _define_error(
    "MB018",
    "bad-setting",
    """Checks that the options of the plugin in mkdocs.yml are known and valid.

    Why: a mistyped option would be ignored without an error.
    Fix: use the known option that the hint proposes; the settings page lists them.
    """,
)

RULES = (
    YAML_SYNTAX, NOT_TEXT, NO_CARD, TOO_LARGE, TOO_NESTED, OUTSIDE, DUPLICATE_KEY, DUPLICATE_ID, UNKNOWN_KIND,
    UNKNOWN_KEY, MISSING_KEY, WRONG_TYPE, BAD_VALUE, BAD_ID, BROKEN_FILE_REF, UNREADABLE, BAD_SETTING,
)  # fmt: skip
