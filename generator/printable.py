"""Text that is safe to print: it cannot control a terminal, hide words, or give a CI system a command.

Cards, file names, contracts, commit messages and wiki pages are written by other people. Whatever of them reaches the
terminal, a log or a report passes these functions.
"""

import re
import unicodedata
from collections.abc import Callable

NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 does not allow, not even escaped: https://www.w3.org/TR/xml/#charsets."""
_JOINERS = "\u200c\u200d"
"""Persian and Hindi words, and most emoji, are wrong without them; they neither hide nor reorder anything."""
_ESCAPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Control characters, format characters (marks of direction among them), surrogates, line and paragraph separators."""

# GitHub trims a line before it looks for `::`: https://github.com/actions/runner, ActionCommand.TryParseV2.
# GitHub (`##[`), Azure Pipelines (`##vso[`) and TeamCity (`##teamcity[`) find theirs anywhere in a line.
_COLON_COMMAND = re.compile(r"(\s*:):")
_HASH_COMMAND = re.compile(r"##(?=[A-Za-z]*\[)")

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~@&!$])(?=(\w?))")
# GitHub and GitLab look for mentions (@ada) and references (#12, !12, ~label, $12, &12) after they have decoded
# character references, so only a space of no width prevents them: https://github.com/github/cmark-gfm/issues/181
_SIGNS_OF_REFERENCES = frozenset("@#!~$&")


def escape_unprintable(text: str) -> str:
    r"""Return the text with each control character, line break and mark of direction as its escape, such as `\x1b`."""
    return _escape_letters(text, lambda letter: letter.encode("unicode_escape").decode(), keep=f"\t{_JOINERS}")


def escape_line(text: str) -> str:
    """Return the text as one line without commands for a terminal or a CI system."""
    line = escape_unprintable(text)
    if "##" in line:
        line = _HASH_COMMAND.sub(r"#\\x23", line)
    command = _COLON_COMMAND.match(line) if "::" in line else None
    return f"{command[1]}\\x3a{line[command.end() :]}" if command else line


def escape_markdown(text: str) -> str:
    """Return text without effect in a comment on GitHub or GitLab: no markup, no HTML and no mention of a user."""
    return _MARKUP.sub(
        lambda match: f"&#{ord(match[1])};{'&#8203;' if match[2] and match[1] in _SIGNS_OF_REFERENCES else ''}",
        escape_line(text),
    )


def escape_json(text: str) -> str:
    r"""Return a JSON document with the same meaning in which such characters are JSON's own escapes, as in `\u202e`."""
    lines = (_escape_letters(line, _json_escape, keep=_JOINERS) for line in text.split("\n"))
    return _HASH_COMMAND.sub(r"#\\u0023", "\n".join(lines))


def _escape_letters(text: str, escape: Callable[[str], str], keep: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        escape(letter) if unicodedata.category(letter) in _ESCAPED_CATEGORIES and letter not in keep else letter
        for letter in text
    )


def _json_escape(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[start : start + 2].hex()}" for start in range(0, len(units), 2))
