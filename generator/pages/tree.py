"""Where each page is: its path, its parent, and the way from one page to another."""

import posixpath
from dataclasses import dataclass
from functools import lru_cache

from generator.names import Ref
from generator.schema import KINDS


@dataclass(frozen=True, slots=True)
class Section:
    """A folder of the site with the pages of one kind."""

    folder: str
    title: str
    kind: str
    lead: str
    """What one finds there, in a line."""


SECTIONS: tuple[Section, ...] = (
    Section("models", "Models", "model", "Every machine-learning model, in use or once in use."),
    Section("flows", "Flows", "flow", "How results come about, from the trigger to the screen."),
    Section("systems", "Systems", "system", "The services, jobs, apps and dashboards around the models."),
    Section("experiments", "Experiments", "experiment", "A/B tests, what was decided, and the clean-up they owe."),
    Section("migrations", "Migrations", "migration", "What moves, in which order, and how far it is."),
    Section("teams", "Teams", "team", "Who answers for what."),
    Section("people", "People", "person", "Everything that counts on a person."),
    Section("resources", "Resources", "resource", "Topics, feature views, collections and rules between the systems."),
)

_BY_KIND = {section.kind: section for section in SECTIONS}


def section_of(kind: str) -> Section:
    """The section of a kind; resources are known by their type."""
    return _BY_KIND[kind if kind in KINDS else "resource"]


def path_of(ref: Ref) -> str:
    """The Markdown file of a card's page: `models/ryl.md`, `resources/topic/orders.v1.md`."""
    section = section_of(ref.kind)
    folder = f"{section.folder}/{ref.kind}" if section.kind == "resource" else section.folder
    return f"{folder}/{ref.id}.md"


def index_path(section: Section) -> str:
    """The Markdown file of a section's index."""
    return f"{section.folder}/index.md"


@dataclass(frozen=True, slots=True)
class Here:
    """The page that is being written: what links on it are relative to."""

    path: str
    directory_urls: bool = False
    """Whether `models/ryl.md` is served as `models/ryl/` rather than `models/ryl.html`."""

    @property
    def folder(self) -> str:
        """The folder of the page's Markdown file; links from its pages are the same."""
        return self.path.rpartition("/")[0]

    def markdown(self, path: str) -> str:
        """The way to another page's Markdown file, for a Markdown link."""
        return _way(path, self.folder)

    def href(self, path: str) -> str:
        """The way to another page or file as built, for raw HTML, which no engine rewrites."""
        target = self.built(path)
        return _way(target, posixpath.dirname(self.built(self.path)))

    def built(self, path: str) -> str:
        """Where a page's file ends up, relative to the site; a folder ends in a slash."""
        stem, ending = posixpath.splitext(path)
        if ending != ".md":
            return path
        if not self.directory_urls:
            return f"{stem}.html"
        return f"{stem.removesuffix('index')}" if posixpath.basename(stem) == "index" else f"{stem}/"


@lru_cache(maxsize=32_768)
def _way(target: str, folder: str) -> str:
    """The way from a folder to a file or folder (with a slash at its end), both relative to the site."""
    above = folder.split("/") if folder else []
    below = target.split("/")
    shared = 0
    while shared < min(len(above), len(below) - 1) and above[shared] == below[shared]:
        shared += 1
    way = "/".join([".."] * (len(above) - shared) + below[shared:])
    return way or "./"
