"""The rules about publishing: content that Confluence cannot show, or not unchanged."""

from generator.findings import Rule, Severity

TITLE_TOO_LONG = Rule(
    "MB901",
    "title-too-long",
    Severity.ERROR,
    """
    Checks that the title of a page has at most 255 characters.

    Why: Confluence rejects a longer title, and the page would be missing in the space.
    Fix: shorten the `name:` of the card; put the long form into `summary:` or the text.
    """,
)
TITLE_TAKEN = Rule(
    "MB902",
    "title-taken",
    Severity.ERROR,
    """
    Checks that no two pages of a space have the same title.

    Why: Confluence rejects the second page. A page of another author is never overwritten or adopted.
    Fix: rename the card, or set a suffix for such titles in the configuration.
    """,
)
NOT_CARRIED = Rule(
    "MB903",
    "element-not-carried",
    Severity.WARNING,
    """
    Checks that every element of a page has a counterpart in Confluence.

    Why: an embedded video or a form works only on the site; in the wiki only its text is left.
    Fix: use text, a table, an image or a link instead, or mark the element `data-confluence="skip"` if it is only for
    the site.
    """,
)
BROKEN_LINK = Rule(
    "MB904",
    "link-leads-nowhere",
    Severity.WARNING,
    """
    Checks that every link of a page works in Confluence.

    Why: a link to an unpublished page needs an address on the site, and a script is never published.
    Fix: correct the address or its anchor, or set `site_url` in mkdocs.yml so that the link can point to the site.
    """,
)
FILE_MISSING = Rule(
    "MB905",
    "file-missing",
    Severity.WARNING,
    """
    Checks that every image and every linked file is part of the built site.

    Why: it is uploaded as an attachment of its page; a missing file leaves a broken image.
    Fix: put the file next to the page, or correct its path.
    """,
)
CHARACTER_NOT_CARRIED = Rule(
    "MB906",
    "character-not-carried",
    Severity.WARNING,
    """
    Checks that a page contains only characters that XML allows.

    Why: Confluence rejects a whole page because of one control character, so the character is omitted.
    Fix: delete the invisible character from the card or the Markdown page.
    """,
)
SHOWN_AS_SOURCE = Rule(
    "MB907",
    "shown-as-source",
    Severity.INFO,
    """
    Reports formulas and Mermaid diagrams, which Confluence shows as source.

    Why: Confluence draws neither without an add-on that some sites do not have.
    Fix: nothing is required; use an image or a system-flow card if the drawing matters.
    """,
)
ICON_WITHOUT_TEXT = Rule(
    "MB908",
    "icon-without-text",
    Severity.INFO,
    """
    Checks that every icon has a text.

    Why: Confluence does not have the icon, and a screen reader cannot read it; without a title nothing is shown.
    Fix: write the word next to the icon. Nothing is required for a decorative icon.
    """,
)
NESTED_TOO_DEEPLY = Rule(
    "MB909",
    "nested-too-deeply",
    Severity.WARNING,
    """
    Checks that elements of a page are nested at most 100 levels deep.

    Why: deeper elements are published as plain text, because readers and parsers do not keep such a structure.
    Fix: flatten the list, quotation or HTML block; an unclosed tag is the usual cause.
    """,
)
FILE_NAME_TAKEN = Rule(
    "MB910",
    "attachment-name-taken",
    Severity.ERROR,
    """
    Checks that different files of a page have different attachment names.

    Why: a page in Confluence has one attachment of a name, so one of the two images would be shown twice.
    Fix: rename one of the files; folders are joined into the name with a hyphen.
    """,
)
NO_ARTICLE = Rule(
    "MB911",
    "page-without-article",
    Severity.ERROR,
    """
    Checks that a built page has its content in the article element of Material.

    Why: everything around it is the theme; without the article there is nothing to publish.
    Fix: keep `<article class="md-content__inner md-typeset">` around the content in your template.
    """,
)
LANGUAGE_NOT_KNOWN = Rule(
    "MB912",
    "language-not-known",
    Severity.INFO,
    """
    Checks that Confluence highlights the language of every code block.

    Why: its code macro knows about twenty languages and fails for others, so the block is published without one.
    Fix: nothing is required; name a related language after the fence if colours matter. Each language is reported once.
    """,
)
TOOLTIP_NOT_CARRIED = Rule(
    "MB913",
    "tooltip-not-carried",
    Severity.INFO,
    """
    Checks that the text of a page contains the text of its tooltips.

    Why: neither Confluence nor a phone shows the tooltip of a link or a word, so its readers miss the text.
    Fix: write the text next to the link or the term. Nothing is required if it adds nothing.
    """,
)

RULES = tuple(value for value in tuple(globals().values()) if isinstance(value, Rule))
"""All rules, for `modelbook explain` and the page of each code."""
