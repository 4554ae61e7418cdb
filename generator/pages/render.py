"""Views through templates to Markdown; the only importer of jinja2.

Whatever a template prints is escaped unless one of our filters made it: a card's text is data.
"""

import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from generator.findings import Finding, Position, Rule, Severity
from generator.names import find_nearest
from generator.pages import escaping
from generator.pages.paths import PageLocation

TEMPLATE_SYNTAX = Rule(
    "MB081",
    "template-syntax",
    Severity.ERROR,
    """A template is well-formed Jinja.

    Why: a page cannot be made from it.
    Fix: mend the line that is named; a tag is not closed, or a filter does not exist.
    """,
)
TEMPLATE_MISTAKE = Rule(
    "MB082",
    "template-mistake",
    Severity.ERROR,
    """A template uses only what its page offers; what is undefined is an error, never an empty place.

    Why: an empty place in a page looks like a gap in the card.
    Fix: use the name that the hint offers; the page about templates lists what each page has.
    """,
)

RULES = (TEMPLATE_SYNTAX, TEMPLATE_MISTAKE)

Filter = Callable[..., object]


@dataclass(frozen=True, slots=True)
class OnPage:
    """A filter whose first argument is the page that is being written."""

    apply: Filter


def _join(values: Iterable[object], separator: str = "") -> Markup:
    """Texts with a separator that the template gives, as it stands there."""
    return Markup(str(separator).join(map(escaping.text, values)))  # noqa: S704 - the template's own words


_ESCAPING: Mapping[str, Filter] = {
    "text": escaping.text,
    "lines": escaping.lines,
    "code": escaping.code,
    "fence": escaping.fence,
    "ticks": escaping.ticks,
    "attr": escaping.attribute,
    "join": _join,
    "e": escaping.text,
    "escape": escaping.text,
    "forceescape": lambda value: escaping.text(str(value)),
}
"""Filters of Jinja that escape for HTML alone are replaced by those that escape for Markdown too."""

_PRINTED = (Markup, jinja2.Undefined)
"""What a template prints as it is; the latter is an error."""

_HTML_ONLY = ("urlize", "xmlattr", "tojson")
"""Filters of Jinja whose output Markdown would read as markup."""


@dataclass(frozen=True, slots=True)
class TemplateFolders:
    """Where templates are: the user's own first, then the shipped ones, then the shipped ones again as `shipped/`."""

    own: Path
    shipped: Path
    project: Path
    """What file names in findings are relative to."""

    @property
    def has_own(self) -> bool:
        """Whether the user has templates; the repository of the product has the shipped ones in their place."""
        return self.own.resolve() != self.shipped.resolve() and next(self.own.rglob("*.j2"), None) is not None

    def name(self, file: str) -> str:
        """A template's name in findings."""
        path = Path(file)
        if path.is_relative_to(self.project):
            return path.relative_to(self.project).as_posix()
        return f"templates/{path.relative_to(self.shipped).as_posix()}" if path.is_relative_to(self.shipped) else file


class Templates:
    """Compiled templates with the filters of the book."""

    def __init__(self, folders: TemplateFolders, filters: Mapping[str, Filter | OnPage]) -> None:
        shipped = jinja2.FileSystemLoader(folders.shipped)
        self._folders = folders
        self._environment = jinja2.Environment(
            loader=jinja2.ChoiceLoader(
                [jinja2.FileSystemLoader(folders.own), shipped, jinja2.PrefixLoader({"shipped": shipped})]
            ),
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            finalize=_finalize,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self._environment.filters.update(_ESCAPING)
        for name in _HTML_ONLY:
            self._environment.filters.pop(name)
        for name, function in filters.items():
            self._environment.filters[name] = _with_here(function.apply) if isinstance(function, OnPage) else function

    def render(self, name: str, here: PageLocation, **values: object) -> tuple[str, Finding | None]:
        """A page's Markdown, or the finding at the template's file and line."""
        try:
            markdown = self._environment.get_template(name).render(here=here, **values)
        except jinja2.TemplateSyntaxError as error:
            position = Position(self._folders.name(error.filename or name), error.lineno)
            return "", TEMPLATE_SYNTAX.at(position, str(error.message), "")
        except jinja2.TemplateNotFound as error:
            known = self._environment.list_templates()
            near = find_nearest(str(error.message), known)
            hint = f"did you mean {near!r}?" if near else ""
            return "", TEMPLATE_MISTAKE.at(self._place(error, name), f"no template {error.message!r}", hint)
        except Exception as error:
            place = self._place(error, name)
            if not place.file.endswith(".j2"):
                raise
            return "", TEMPLATE_MISTAKE.at(place, _message(error), _hint(error))
        return _tidy(markdown), None

    def _place(self, error: BaseException, name: str) -> Position:
        """The innermost line of a template on the way to the error, if the error came straight from there."""
        frames = traceback.extract_tb(error.__traceback__)
        inner = [frame for frame in frames if frame.filename.endswith(".j2")]
        ours = frames[-1].filename if frames else ""
        from_filter = "/generator/" in ours.replace("\\", "/") and not isinstance(error, jinja2.TemplateError)
        if not inner or (from_filter and not ours.endswith("render.py")):
            return Position(ours if from_filter else f"templates/{name}")
        return Position(self._folders.name(inner[-1].filename), inner[-1].lineno or 1)


def _finalize(value: object) -> object:
    """What a template prints: nothing for None, our own Markup as it is, all else as escaped text."""
    if value is None:
        return ""
    return value if isinstance(value, _PRINTED) else escaping.text(value)


def _with_here(function: Filter) -> Filter:
    """The filter with the page that is being written as its first argument."""

    @jinja2.pass_context
    def with_here(context: jinja2.runtime.Context, *arguments: Any, **options: Any) -> object:  # noqa: ANN401
        return function(context["here"], *arguments, **options)

    return with_here


def _message(error: Exception) -> str:
    text = str(error).partition("\n")[0]
    return text if isinstance(error, jinja2.UndefinedError) else f"{type(error).__name__}: {text}"


def _hint(error: Exception) -> str:
    return "the page about templates lists what each page offers" if isinstance(error, jinja2.UndefinedError) else ""


def _tidy(markdown: str) -> str:
    """At most one empty line in a row outside of fences, and one line end at the end."""
    lines: list[str] = []
    fence = ""
    for line in markdown.split("\n"):
        if fence:
            fence = "" if line == fence else fence
        elif line.startswith("```"):
            fence = line[: len(line) - len(line.lstrip("`"))]
        elif not line.strip() and (not lines or not lines[-1]):
            continue
        lines.append(line if fence else line.rstrip())
    return "\n".join(lines).strip("\n") + "\n"
