"""Templates: views to Markdown; the only importer of jinja2.

Whatever a template prints is escaped, except the output of our own filters: the text of a card is data.
"""

import hashlib
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from types import CodeType
from typing import Any

import jinja2
import jinja2.compiler
import jinja2.meta
from markupsafe import Markup

from generator.findings import Finding, Position
from generator.names import find_nearest
from generator.pages import markup
from generator.pages.paths import PageLocation
from generator.pages.template_folders import TEMPLATE_MISTAKE, TEMPLATE_SYNTAX, TemplateFolders
from generator.values import FrozenValue

TemplateFilter = Callable[..., object]


class OnPage(FrozenValue):
    """A filter whose first argument is the location of the page that is being rendered."""

    apply: TemplateFilter


def _join(values: Iterable[object], separator: str = "") -> Markup:
    """Join escaped texts with a separator from the template, which is not escaped."""
    return Markup(str(separator).join(map(markup.escape_text, values)))  # noqa: S704 - the template's own words


_ESCAPING: Mapping[str, TemplateFilter] = {
    "text": markup.escape_text,
    "lines": markup.escape_lines,
    "code": markup.format_code,
    "fence": markup.format_fence,
    "block": markup.format_block,
    "ticks": markup.format_code_spans,
    "attr": markup.escape_attribute,
    "css_string": markup.format_css_string,
    "omit_empty_columns": markup.omit_empty_columns,
    "join": _join,
    "e": markup.escape_text,
    "escape": markup.escape_text,
    "forceescape": lambda value: markup.escape_text(str(value)),
}
"""Filters that escape for Markdown too; Jinja's own escape for HTML alone."""

_MOST_DRAWN = 64
_THEME_FILTERS = frozenset({"url", "script_tag"})
"""The filters that MkDocs adds; their output depends on the page, so that no template contains it."""
_HTML_ONLY = ("urlize", "xmlattr", "tojson")
"""Filters of Jinja whose output Markdown would read as markup."""


class _CompiledTemplates(jinja2.BytecodeCache):
    """The code of compiled templates: a process compiles a template once, and those of packages are kept on disk.

    The disk has no templates of authors, which would pile up there.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._code: dict[str, tuple[str, CodeType]] = {}

    @cached_property
    def _files(self) -> jinja2.FileSystemBytecodeCache | None:
        """The files, in a folder that only this user can change; None if there is no such folder."""
        # Jinja applies filters to constants when it compiles, so the code depends on ours.
        sources = sorted(Path(__file__).parent.glob("*.py"))
        stamps = [f"{file.name} {file.stat().st_mtime_ns} {file.stat().st_size}" for file in sources]
        digest = hashlib.blake2b("\n".join([jinja2.__version__, *stamps]).encode(), digest_size=8).hexdigest()
        try:
            return jinja2.FileSystemBytecodeCache(pattern=f"modelbook-{self._name}-{digest}-%s.cache")
        except (OSError, RuntimeError):
            return None

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        is_packaged = filename is not None and any(Path(filename).is_relative_to(folder) for folder in _PACKAGED)
        return f"{_ON_DISK if is_packaged else ''}{super().get_cache_key(name, filename)}"

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        checksum, code = self._code.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code
        elif bucket.key.startswith(_ON_DISK) and self._files is not None:
            with suppress(Exception):  # a damaged file may raise anything
                self._files.load_bytecode(bucket)
            if bucket.code is not None:
                self._code[bucket.key] = (bucket.checksum, bucket.code)

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        assert bucket.code is not None
        self._code[bucket.key] = (bucket.checksum, bucket.code)
        if bucket.key.startswith(_ON_DISK) and self._files is not None:
            with suppress(OSError):  # a full disk
                self._files.dump_bytecode(bucket)


_ON_DISK = "packaged-"
_PACKAGED = (Path(__file__).parents[2] / "templates", Path(__file__).parents[1], Path(jinja2.__file__).parents[1])
"""The folders of the templates that come with Modelbook and with other packages."""
_compiled_templates = _CompiledTemplates("pages")
_compiled_theme = _CompiledTemplates("theme")


def cache_theme(environment: jinja2.Environment) -> None:
    """Keep the compiled templates of a theme for the next build, unless another plugin has added a filter."""
    if environment.filters.keys() - jinja2.filters.FILTERS.keys() <= _THEME_FILTERS:
        environment.bytecode_cache = _compiled_theme


class _CodeGenerator(jinja2.compiler.CodeGenerator):
    """Makes code with fewer calls: a page prints hundreds of values."""

    def _output_child_pre(self, *_: object) -> None:
        # What `_finalize` returns is escaped: Jinja would look at each piece again.
        self.write("(t_out if (t_out := ")

    def _output_child_post(self, *_: object) -> None:
        self.write(").__class__ is Markup else environment.finalize(t_out))")

    def visit_Getattr(self, node: jinja2.nodes.Getattr, frame: jinja2.compiler.Frame) -> None:  # noqa: N802 - of Jinja
        self.write("(t_value if (t_value := getattr((t_owner := ")
        self.visit(node.node, frame)
        name = repr(node.attr)
        self.write(f"), {name}, missing)) is not missing else environment.getattr(t_owner, {name}))")


class _Environment(jinja2.Environment):
    code_generator_class = _CodeGenerator
    here: PageLocation | None = None
    """The location of the page that is being rendered."""

    def compile(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - the signature of Jinja
        # Jinja applies filters to constants here, but the result of some filters depends on the page.
        here, self.here = self.here, None
        try:
            return super().compile(*arguments, **options)
        finally:
            self.here = here

    def make_globals(self, d: MutableMapping[str, Any] | None) -> dict[str, Any]:
        # Jinja's own mapping looks up each name in two others, and each import and include looks up all names.
        return {**self.globals, **(d or {})}


class Templates:
    """Compiled templates with the filters of a book."""

    def __init__(self, folders: TemplateFolders, filters: Mapping[str, TemplateFilter | OnPage]) -> None:
        shipped = jinja2.FileSystemLoader(folders.shipped)
        self._folders = folders
        self._environment = _Environment(
            loader=jinja2.ChoiceLoader(
                [jinja2.FileSystemLoader(folders.own), shipped, jinja2.PrefixLoader({"shipped": shipped})]
            ),
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            # An undefined name raises an error when it becomes text.
            finalize=lambda value: "" if value is None else markup.escape_text(value),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            cache_size=-1,
            bytecode_cache=_compiled_templates,
        )
        for name in _HTML_ONLY:
            self._environment.filters.pop(name)
        self._environment.filters.update(_ESCAPING)
        self._environment.filters["once"] = self._draw_once
        self._drawn: defaultdict[CodeType, dict[object, object]] = defaultdict(dict)
        """What `_draw_once` has drawn, by the code of the macro, in the order of the last use."""
        self._has_own = folders.has_own
        self._list_used = cache(self._find_used)  # a cache of the class would keep every book
        for name, function in filters.items():
            made = self._pass_here(function.apply) if isinstance(function, OnPage) else function
            self._environment.filters[name] = made

    def uses_own(self, name: str) -> bool:
        """Return whether a template of the author renders a page, or a part of it."""
        if not self._has_own:
            return False  # without parsing the shipped ones
        waiting, met = [name], {name}
        while waiting:
            used = self._list_used(waiting.pop())
            if used is None:
                return True
            waiting += used - met
            met |= used
        return False

    def _find_used(self, name: str) -> frozenset[str] | None:
        """Find the templates that a shipped template uses; None for one of the author, or if it chooses them late."""
        assert self._environment.loader is not None
        try:
            source, file, _ = self._environment.loader.get_source(self._environment, name)
        except jinja2.TemplateNotFound:
            return frozenset()
        if file is None or not Path(file).is_relative_to(self._folders.shipped):
            return None
        names = frozenset(jinja2.meta.find_referenced_templates(self._environment.parse(source)))
        return None if None in names else frozenset(one for one in names if one is not None)

    def render(self, name: str, here: PageLocation, **values: object) -> tuple[str, Finding | None]:
        """Render the Markdown of a page, or return the finding at the template's file and line."""
        self._environment.here = here
        try:
            markdown = self._environment.get_template(name).render(here=here, **values)
        except jinja2.TemplateSyntaxError as error:
            position = Position(self._folders.format_name(error.filename or name), error.lineno)
            return "", TEMPLATE_SYNTAX.at(position, str(error.message))
        except Exception as error:
            position = self._locate(error, name)
            if isinstance(error, jinja2.TemplateNotFound):
                nearest = find_nearest(str(error.message), self._environment.list_templates())
                hint = f"did you mean {nearest!r}?" if nearest else ""
                return "", TEMPLATE_MISTAKE.at(position, f"no template {error.message!r}", hint)
            if not position.file.endswith(".j2"):  # a bug in one of Modelbook's filters
                raise
            message = str(error).partition("\n")[0]
            if isinstance(error, jinja2.UndefinedError):
                hint = "see the variables of each page in the documentation of templates"
                return "", TEMPLATE_MISTAKE.at(position, message, hint)
            return "", TEMPLATE_MISTAKE.at(position, f"{type(error).__name__}: {message}")
        finally:
            self._environment.here = None
        return _collapse_blank_lines(markdown), None

    def _pass_here(self, function: TemplateFilter) -> TemplateFilter:
        environment = self._environment

        def with_here(*arguments: Any, **options: Any) -> object:  # noqa: ANN401
            if environment.here is None:
                raise jinja2.nodes.Impossible
            return function(environment.here, *arguments, **options)

        return with_here

    def _draw_once(self, value: object, macro: jinja2.runtime.Macro) -> object:
        """Return what a macro prints for a value, made once for equal values: a long contract that models share.

        The macro must print nothing else of the book or of the page. Those of the author may, so they print it again.
        """
        if self._has_own:
            return macro(value)
        known = self._drawn[macro._func.__code__]  # noqa: SLF001 - macros of the same template are equal
        drawn = known.pop(value, None)
        if drawn is None:
            drawn = macro(value)
        known[value] = drawn
        if len(known) > _MOST_DRAWN:
            del known[next(iter(known))]
        return drawn

    def _locate(self, error: Exception, name: str) -> Position:
        """Return the innermost line of a template on the stack, or the file of the filter that failed."""
        frames = traceback.extract_tb(error.__traceback__)
        last = frames[-1].filename if frames else ""
        is_ours = "/generator/" in last.replace("\\", "/") and not isinstance(error, jinja2.TemplateError)
        inner = next((frame for frame in reversed(frames) if frame.filename.endswith(".j2")), None)
        if inner is None or (is_ours and not last.endswith("render.py")):
            return Position(last if is_ours else f"templates/{name}")
        return Position(self._folders.format_name(inner.filename), inner.lineno or 1)


def _collapse_blank_lines(markdown: str) -> str:
    """Return the text with at most one empty line in a row outside of fences, and one line break at the end."""
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
