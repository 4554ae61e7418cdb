"""The findings about publishing: what Confluence cannot take as it stands."""

from generator.findings import Rule, Severity

TITLE_TOO_LONG = Rule(
    "MB901",
    "title-too-long",
    Severity.ERROR,
    """
    A page's title has at most 255 characters.

    Why: Confluence refuses a longer one, and the page would be missing from the space.
    Fix: shorten the card's `name:`; the long form belongs into `summary:` or the prose.
    """,
)
TITLE_TAKEN = Rule(
    "MB902",
    "title-taken",
    Severity.ERROR,
    """
    No two pages of a space have the same title.

    Why: Confluence refuses the second one, and a page of somebody else is never overwritten or adopted.
    Fix: rename the card, or let the configuration add a suffix to taken titles.
    """,
)
NOT_CARRIED = Rule(
    "MB903",
    "element-not-carried",
    Severity.WARNING,
    """
    Every element of a page has a counterpart in Confluence.

    Why: an embedded video or a form works on the site alone; on the wiki only its text is left.
    Fix: say the same with text, a table, an image or a link, or mark the element `data-confluence="skip"`
    where it is meant for the site only.
    """,
)
BROKEN_LINK = Rule(
    "MB904",
    "link-leads-nowhere",
    Severity.WARNING,
    """
    Every link of a page leads somewhere from Confluence too.

    Why: a link to what is not published can only be carried as an address on the site, and a script is never carried.
    Fix: correct the address or its anchor, or set `site_url` in mkdocs.yml so that the link can lead to the site.
    """,
)
FILE_MISSING = Rule(
    "MB905",
    "file-missing",
    Severity.WARNING,
    """
    Every image and every linked file is part of the built site.

    Why: it is uploaded as an attachment of its page; what is missing leaves a broken picture.
    Fix: put the file beside the page, or correct its path.
    """,
)
CHARACTER_NOT_CARRIED = Rule(
    "MB906",
    "character-not-carried",
    Severity.WARNING,
    """
    A page holds only characters that XML allows.

    Why: Confluence refuses a whole page for one control character; it is therefore left out.
    Fix: delete the invisible character from the card or the Markdown page.
    """,
)
SHOWN_AS_SOURCE = Rule(
    "MB907",
    "shown-as-source",
    Severity.INFO,
    """
    Formulas and Mermaid drawings are shown on Confluence as they were typed.

    Why: plain Confluence draws neither without an add-on that not every site has.
    Fix: nothing to mend; use an image or a system-flow card where the picture matters.
    """,
)
ICON_WITHOUT_TEXT = Rule(
    "MB908",
    "icon-without-text",
    Severity.INFO,
    """
    An icon that says something has words beside it.

    Why: Confluence has no such icon, and a screen reader sees none either; without a title nothing can be shown.
    Fix: write the word next to the icon; nothing to mend where the icon only decorates.
    """,
)
NESTED_TOO_DEEPLY = Rule(
    "MB909",
    "nested-too-deeply",
    Severity.WARNING,
    """
    Elements of a page are nested at most 100 deep.

    Why: what lies deeper is carried as plain text, because no reader and no parser keeps such a structure.
    Fix: flatten the list, quotation or HTML block; an unclosed tag is the usual cause.
    """,
)
FILE_NAME_TAKEN = Rule(
    "MB910",
    "attachment-name-taken",
    Severity.ERROR,
    """
    Two different files of a page have different attachment names.

    Why: Confluence keeps one attachment a name on a page, so one of the two pictures would be shown twice.
    Fix: rename one of the files; folders are joined into the name with a hyphen.
    """,
)
NO_ARTICLE = Rule(
    "MB911",
    "page-without-article",
    Severity.ERROR,
    """
    A built page has its content in Material's article element.

    Why: what lies around it is the theme; without the article there is nothing to publish.
    Fix: let a custom template keep `<article class="md-content__inner md-typeset">` around the content.
    """,
)
LANGUAGE_NOT_KNOWN = Rule(
    "MB912",
    "language-not-known",
    Severity.INFO,
    """
    A code block's language is one that Confluence colours.

    Why: its code macro knows some twenty languages and fails on others; the block is shown there without colours.
    Fix: nothing to mend; name a related language after the fence where the colours matter. Told once per language.
    """,
)
TOOLTIP_NOT_CARRIED = Rule(
    "MB913",
    "tooltip-not-carried",
    Severity.INFO,
    """
    What a page says stands in its text, not only in a tooltip.

    Why: Confluence shows no tooltip on a link or a word, nor does a phone; who reads there never sees its words.
    Fix: write the words beside the link or the term; nothing to mend where they add nothing.
    """,
)

RULES = (
    TITLE_TOO_LONG,
    TITLE_TAKEN,
    NOT_CARRIED,
    BROKEN_LINK,
    FILE_MISSING,
    CHARACTER_NOT_CARRIED,
    SHOWN_AS_SOURCE,
    ICON_WITHOUT_TEXT,
    NESTED_TOO_DEEPLY,
    FILE_NAME_TAKEN,
    NO_ARTICLE,
    LANGUAGE_NOT_KNOWN,
    TOOLTIP_NOT_CARRIED,
)
"""All of them, for `modelbook explain` and the page of each code."""
