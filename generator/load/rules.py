"""The codes of reading: what may be wrong with a file before anybody asks what it means."""

from generator.findings import Rule, Severity

ERROR = Severity.ERROR

YAML_SYNTAX = Rule(
    "MB001",
    "yaml-syntax",
    ERROR,
    """A card is well-formed YAML 1.2, without tags of other tools and without merge keys.

    Why: what cannot be read cannot be checked, and nothing of the file reaches the book.
    Fix: mend the line that is named; the usual causes are a tab, a colon inside unquoted text, a lost quote.
    A `!tag` or `<<` means something to another reader only; write the plain value.
    """,
)
NOT_TEXT = Rule(
    "MB002",
    "not-text",
    ERROR,
    """A card is UTF-8 text, with or without a byte order mark.

    Why: another encoding turns names into garbage without anybody noticing; a control character, or a line break that
    only some tools see (U+0085, U+2028, U+2029), makes line numbers and pages differ from one tool to the next.
    Fix: save the file as UTF-8; remove the character that is named.
    """,
)
NO_CARD = Rule(
    "MB003",
    "no-card",
    ERROR,
    """The cards folder has cards, and every file in it has at least one: a mapping with a `kind`.

    Why: an empty file, or a Markdown file without front matter, looks like a card that was lost. Without any card
    nothing is checked, and `cards:` in mkdocs.yml may name the wrong folder.
    Fix: fill it in (`modelbook new model ID` shows how) or remove it. Files that a card refers to by `$ref` or
    `openapi`, and a README.md without front matter, are no cards and are left alone. An OpenAPI document or a JSON
    Schema that no card refers to yet is a note.
    """,
)
TOO_LARGE = Rule(
    "MB004",
    "too-large",
    ERROR,
    """A card is at most 1 MB.

    Why: a card is read by people; a file of megabytes is data that strayed into the folder.
    Fix: keep the data elsewhere and link it; put a large contract into its own file with `$ref`.
    """,
)
TOO_NESTED = Rule(
    "MB005",
    "too-nested",
    ERROR,
    """A card is nested at most 64 levels deep. A file has at most 100,000 values and 5,000,000 characters.

    Aliases count as what they stand for: a text of 1,000 characters with ten aliases has 11,000.

    Why: deeper or larger structures are mistakes or attacks (a "billion laughs" file); neither may stop the build.
    Fix: write the structure flat; repeat instead of chaining aliases. Link to a long text instead of repeating it.
    """,
)
OUTSIDE = Rule(
    "MB006",
    "outside-folder",
    ERROR,
    """Everything that a card names lies inside the cards folder.

    Why: a link or a `$ref` that leads elsewhere would publish files that nobody meant to publish.
    Fix: move the file into the cards folder and refer to it relatively.
    """,
)
DUPLICATE_KEY = Rule(
    "MB007",
    "duplicate-key",
    ERROR,
    """A key stands once in its mapping.

    Why: most readers keep the last one silently, so that half of what was written is lost.
    Fix: merge the two, or remove one; both places are named.
    """,
)
DUPLICATE_ID = Rule(
    "MB008",
    "duplicate-id",
    ERROR,
    """An id is used once for its kind, whatever the case of its letters.

    Why: references would lead to either card, and both want the same page.
    Fix: rename one of the two; both places are named.
    """,
)
UNKNOWN_KIND = Rule(
    "MB009",
    "unknown-kind",
    ERROR,
    """A card says with `kind` what it describes.

    Why: the kind decides which keys there are and what is checked.
    Fix: write one of model, system, flow, experiment, migration, team, person, resource.
    """,
)
UNKNOWN_KEY = Rule(
    "MB010",
    "unknown-key",
    ERROR,
    """A card has only keys that its kind knows; own extras start with `x-`.

    Why: a mistyped key would be ignored silently, and the page would miss what it says.
    Fix: use the nearest known key that the hint names, or prefix your own with `x-`.
    """,
)
MISSING_KEY = Rule(
    "MB011",
    "missing-key",
    ERROR,
    """A card has the keys without which it means nothing.

    Why: a model without a name or a lifecycle cannot be found or judged.
    Fix: add the key; the reference page says what it holds.
    """,
)
WRONG_TYPE = Rule(
    "MB012",
    "wrong-type",
    ERROR,
    """A value has the type that its key expects: text, number, day, list or mapping.

    Why: a list where text is expected cannot be shown.
    Fix: write it as the message says.
    """,
)
BAD_VALUE = Rule(
    "MB013",
    "bad-value",
    ERROR,
    """A value is one of those that its key allows: a known word, a real day, a whole address, a number in range.

    A number in free data is in range if a 64-bit float can hold it, whatever its base: `1e999` is not.

    Why: a day that does not exist or half an address misleads whoever relies on it.
    Fix: write a value of the form that the message names.
    """,
)
BAD_ID = Rule(
    "MB014",
    "bad-id",
    ERROR,
    """An id can be the name of a page: letters, digits, dot, dash, underscore; not `index`.

    Why: it becomes a file in the site; `../x` would escape it, and `index` is the list of its kind.
    Fix: choose another id; references name the id, so change them with it.
    """,
)
BROKEN_FILE_REF = Rule(
    "MB015",
    "broken-file-ref",
    ERROR,
    """A `$ref` or `openapi` in a contract leads to a readable YAML or JSON file, and its pointer into it.

    Why: without it the page shows no contract and the examples cannot be checked.
    Fix: write the path relative to the card, as in `{$ref: contracts/eta.yml}` or `{$ref: api.yml#/pointer}`. A `$ref`
    to a file stands right under `request` or `response`; within a schema it leads within that schema: `#/$defs/city`.
    """,
)
UNREADABLE = Rule(
    "MB017",
    "unreadable-file",
    ERROR,
    """Every card can be opened: a regular file that the user may read, with a name in UTF-8, in no linked folder.

    Why: a card that is skipped silently is missed by nobody until it matters.
    Fix: correct its permissions, or remove the broken link or the special file.
    """,
)
BAD_SETTING = Rule(
    "MB018",
    "bad-setting",
    ERROR,
    """The options of the plugin in mkdocs.yml are known and well-formed.

    Why: a mistyped option would be ignored silently.
    Fix: use the nearest known option that the hint names; the settings page lists them.
    """,
)

RULES = (
    YAML_SYNTAX, NOT_TEXT, NO_CARD, TOO_LARGE, TOO_NESTED, OUTSIDE, DUPLICATE_KEY, DUPLICATE_ID, UNKNOWN_KIND,
    UNKNOWN_KEY, MISSING_KEY, WRONG_TYPE, BAD_VALUE, BAD_ID, BROKEN_FILE_REF, UNREADABLE, BAD_SETTING,
)  # fmt: skip
