"""The folders of templates, and the rules about templates; separate from rendering, whose imports take time."""

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from generator.findings import Finding, Position, Severity, get_rule
from generator.values import FrozenValue

TEMPLATE_SYNTAX = get_rule("MB081")
TEMPLATE_MISTAKE = get_rule("MB082")

RULES = (TEMPLATE_SYNTAX, TEMPLATE_MISTAKE)

_FORMER_TEMPLATE = "pages/code.md.j2"
_FORMER_TEMPLATE_HINT = "move your changes to `pages/codes.md.j2`, or delete the file"


class TemplateFolders(FrozenValue):
    """The folders of templates: the user's own come before the shipped ones, which are also under `shipped/`."""

    own: Path
    shipped: Path
    project: Path
    """The folder that file names in findings are relative to."""

    @property
    def has_own(self) -> bool:
        """Whether the user has templates; in the repository of Modelbook, the shipped ones are in their place."""
        return self.own.resolve() != self.shipped.resolve() and next(self.own.rglob("*.j2"), None) is not None

    def format_name(self, file: str) -> str:
        """Return the name of a template in findings."""
        path = Path(file)
        if path.is_relative_to(self.project):
            return path.relative_to(self.project).as_posix()
        return f"templates/{path.relative_to(self.shipped).as_posix()}" if path.is_relative_to(self.shipped) else file


def build_template_folders(root: Path, own: str) -> TemplateFolders:
    """Return the folders of templates: those of the book before the shipped ones."""
    return TemplateFolders(own=root / own, shipped=find_shipped_templates(), project=root)


def find_shipped_templates() -> Path:
    """Find the templates of Modelbook: in the installed package, or next to it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


def find_former_templates(folders: TemplateFolders) -> Iterator[Finding]:
    """Find the templates of the user that no page has any more."""
    if (folders.own / _FORMER_TEMPLATE).is_file():
        position = Position(folders.format_name(str(folders.own / _FORMER_TEMPLATE)))
        found = TEMPLATE_MISTAKE.at(position, "unused template: all rules are on one page", _FORMER_TEMPLATE_HINT)
        yield replace(found, severity=Severity.INFO)
