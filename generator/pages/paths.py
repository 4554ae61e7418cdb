"""The paths of pages, the relative links between them, and the pages with a fixed place in the navigation."""

import posixpath
import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, Self

from msgspec.structs import replace

from generator.names import Ref
from generator.schema import KINDS
from generator.settings import PageSection
from generator.values import FrozenValue


class SiteSection(FrozenValue):
    """A folder of the site with the pages of one kind."""

    folder: PageSection
    title: str
    kind: str
    lead: str
    """The first line of its index page."""

    @property
    def key(self) -> str:
        """The key of its index page."""
        return f"page:{self.folder}"

    @property
    def path(self) -> str:
        """The Markdown file of its index page."""
        return f"{self.folder}/index.md"

    @property
    def section(self) -> PageSection:
        """Its section in the setting `confluence.pages`."""
        return self.folder


SECTIONS: tuple[SiteSection, ...] = (
    SiteSection("models", "Models", "model", "All machine-learning models."),
    SiteSection("flows", "Flows", "flow", "The steps from a trigger to the result that users see."),
    SiteSection("experiments", "Experiments", "experiment", "A/B tests with their decisions and their clean-up."),
    SiteSection("migrations", "Migrations", "migration", "Migrations with their order and their progress."),
    SiteSection("systems", "Systems", "system", "The services, jobs, apps and dashboards around the models."),
    SiteSection("resources", "Data", "resource", "Topics, feature views, collections and rules between the systems."),
    SiteSection("teams", "Teams", "team", "Teams with their responsibilities."),
    SiteSection("people", "People", "person", "People with their responsibilities."),
)

_BY_KIND = {section.kind: section for section in SECTIONS}


def get_section(kind: str) -> SiteSection:
    """Return the section of a kind; the kind of a resource is its type."""
    return _BY_KIND[kind if kind in KINDS else "resource"]


@lru_cache(maxsize=65_536)
def get_card_path(ref: Ref) -> str:
    """Return the Markdown file of a card's page: `models/ryl.md`, `resources/topic/orders.v1.md`."""
    section = get_section(ref.kind)
    folder = f"{section.folder}/{ref.kind}" if section.kind == "resource" else section.folder
    return f"{folder}/{ref.id}.md"


RULES_PATH = "reference/codes/index.md"
"""The Markdown file of the page of rules, which has an anchor for each code."""
_OLD_RULE_LINK = re.compile(r"\]\((?P<folder>(?:[^()\s]*/)?codes/)(?P<code>MB\d{3})\.md(?:#[^()\s]*)?\)")
"""A Markdown link to the former page of a rule, `reference/codes/MB203.md`."""


def get_rule_path(code: str) -> str:
    """Return the Markdown file of the page of rules with the anchor of a code."""
    return f"{RULES_PATH}#{code}"


def replace_old_rule_links(markdown: str) -> str:
    """Return a text whose links to the former pages of single rules point to the page of rules."""
    return _OLD_RULE_LINK.sub(r"](\g<folder>index.md#\g<code>)", markdown)


@lru_cache(maxsize=65_536)
def get_output_path(path: str, *, directory_urls: bool) -> str:
    """Return the path of a built page or file, relative to the site; a folder ends in a slash."""
    stem, ending = posixpath.splitext(path)
    if ending != ".md":
        return path
    if not directory_urls:
        return f"{stem}.html"
    return stem.removesuffix("index") if posixpath.basename(stem) == "index" else f"{stem}/"


def get_html_file(path: str, *, directory_urls: bool) -> str:
    """Return the HTML file of a page, relative to the site: `models/ryl.html` or `models/ryl/index.html`."""
    output = get_output_path(path, directory_urls=directory_urls)
    return f"{output}index.html" if output.endswith("/") or not output else output


class PageLocation(FrozenValue):
    """The place of the page that is being rendered: its links are relative to it."""

    path: str
    directory_urls: bool = False
    """Whether `models/ryl.md` is served as `models/ryl/` instead of `models/ryl.html`."""

    @property
    def folder(self) -> str:
        """The folder of the Markdown file; all pages in it have the same Markdown links."""
        return self.path.rpartition("/")[0]

    @property
    def base(self) -> str:
        """The folder of the built page; all pages in it have the same links in HTML."""
        return get_output_path(self.path, directory_urls=self.directory_urls).rpartition("/")[0]

    def get_markdown_link(self, path: str) -> str:
        """Return the relative path of another page's Markdown file, for a Markdown link."""
        return _compute_relative_path(path, self.folder)

    def get_href(self, path: str) -> str:
        """Return the relative path of another page or file as built, for raw HTML, which no engine rewrites.

        The path may end with an anchor: `map/growth.md#ranking`.
        """
        file, mark, anchor = path.partition("#")
        target = get_output_path(file, directory_urls=self.directory_urls)
        return _compute_relative_path(target, self.base) + mark + anchor


@lru_cache(maxsize=4_096)
def _compute_relative_path(target: str, folder: str) -> str:
    """Return the path from a folder to a file or folder (with a final slash); both are relative to the site."""
    above = folder.split("/") if folder else []
    below = target.split("/")
    shared = 0
    while shared < min(len(above), len(below) - 1) and above[shared] == below[shared]:
        shared += 1
    return "/".join([".."] * (len(above) - shared) + below[shared:]) or "./"


class NavigationPage(FrozenValue):
    """A page about the whole book or about Modelbook, as opposed to a page of one card."""

    name: str
    """Its template is `pages/NAME.md.j2`."""
    title: str
    path: str
    """Its Markdown file."""
    is_wide: bool = False
    """Whether its tables need the room of the table of contents."""
    section: PageSection = "views"
    """Its section in the setting `confluence.pages`."""
    is_optional: bool = False
    """Whether only some books have it."""

    @property
    def key(self) -> str:
        """Its stable identifier in `pages.json`."""
        return f"page:{self.name}"


def list_sidebar_features(features: Sequence[str]) -> list[str]:
    """Return the features of Material for the navigation of Modelbook, with those that the author has chosen.

    The groups are open, and the guide is listed only on its own pages. `navigation.indexes` would make the first index
    of a group its heading, and `navigation.expand` needs every page in the sidebar.
    """
    kept = [name for name in features if name != "navigation.indexes"]
    own = ["navigation.sections", *([] if "navigation.expand" in kept else ["navigation.prune"])]
    return list(dict.fromkeys([*kept, *own]))


class Navigation(FrozenValue):
    """The pages with a fixed place in the sidebar: the home page, then three groups."""

    home: NavigationPage
    answers: tuple[NavigationPage, ...]
    """The pages that answer a question about the whole book."""
    catalogue: tuple[SiteSection, ...]
    help: tuple[NavigationPage, ...]
    """The reference, after the author's own pages."""

    @property
    def pages(self) -> tuple[NavigationPage | SiteSection, ...]:
        """Every page, in the order of the navigation."""
        return (self.home, *self.answers, *self.catalogue, *self.help)

    def select(self, paths: Collection[str]) -> Self:
        """Return the navigation of a book that has some Markdown files, without its other optional pages."""
        return replace(self, answers=tuple(page for page in self.answers if not page.is_optional or page.path in paths))

    def list_breadcrumbs(self, parent: str | None) -> tuple[NavigationPage | SiteSection, ...]:
        """Return the pages above a page with this parent, the home page first."""
        return () if parent is None else (self.home, *(page for page in self.pages[1:] if page.key == parent))

    def to_mkdocs(self, guide: Sequence[str], more_catalogue: Sequence[dict[str, str]] = ()) -> list[Any]:
        """Return the value of `nav` in mkdocs.yml, with the author's own pages as guide."""
        own = [{"Guide": list(guide)}] if len(guide) > 1 else list(guide)
        return [
            {self.home.title: self.home.path},
            {"Answers": [{page.title: page.path} for page in self.answers]},
            {"Catalogue": [*({section.title: section.path} for section in self.catalogue), *more_catalogue]},
            {"Help": [*own, *({page.title: page.path} for page in self.help)]},
        ]


DRAFTS_PATH = "drafts-to-finish.md"
"""The Markdown file of the page of drafts, which only a book with drafts has."""

INVENTORY_PATH = "model-inventory.md"
"""The Markdown file of the page of the inventory, which only a book with tiers, validations or the like has."""

NAVIGATION = Navigation(
    home=NavigationPage("home", "Home", "index.md", section="home"),
    answers=(
        NavigationPage("debt", "Open work", "debt.md"),
        NavigationPage("drafts-to-finish", "Drafts to finish", DRAFTS_PATH, is_optional=True),
        NavigationPage("attention", "What needs attention", "attention.md"),
        NavigationPage("who-to-call", "Who to call", "who-to-call.md", is_wide=True),
        NavigationPage("map", "Map", "map.md"),
        NavigationPage("model-inventory", "Inventory", INVENTORY_PATH, is_wide=True, is_optional=True),
    ),
    catalogue=SECTIONS,
    help=(
        NavigationPage("fields", "Fields of a card", "reference/fields.md", section="guide"),
        NavigationPage("codes", "Rules", RULES_PATH, section="rules"),
    ),
)
"""To add a page, add it here and to `VIEWS` in `site.py`."""
