"""The pages with a fixed place, in the order of the site: navigation, breadcrumbs and parents come from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generator.pages.paths import SECTIONS, SiteSection


@dataclass(frozen=True, slots=True)
class NavigationPage:
    """A page about the whole book or about Modelbook, as opposed to a page of one card."""

    name: str
    """Its template is `pages/NAME.md.j2`."""
    title: str
    path: str
    """Its Markdown file."""
    is_wide: bool = False
    """Whether its tables need the room of the table of contents."""

    @property
    def key(self) -> str:
        """Its stable identifier in `pages.json`."""
        return f"page:{self.name}"


@dataclass(frozen=True, slots=True)
class Navigation:
    """The pages with a fixed place. All of them are below the home page."""

    home: NavigationPage
    sections: tuple[SiteSection, ...]
    overviews: tuple[NavigationPage, ...]
    reference: tuple[NavigationPage, ...]

    @property
    def pages(self) -> tuple[NavigationPage | SiteSection, ...]:
        """Every page, in the order of the navigation."""
        return (self.home, *self.sections, *self.overviews, *self.reference)

    def list_breadcrumbs(self, parent: str | None) -> tuple[NavigationPage | SiteSection, ...]:
        """Return the pages above a page with this parent, the home page first."""
        return () if parent is None else (self.home, *(page for page in self.pages[1:] if page.key == parent))

    def to_mkdocs(self, guide: Sequence[str], more_reference: Sequence[dict[str, str]] = ()) -> list[Any]:
        """Return the value of `nav` in mkdocs.yml, with the author's own pages as guide."""
        return [
            {self.home.title: self.home.path},
            *({section.title: section.path} for section in self.sections),
            {"Overviews": [{page.title: page.path} for page in self.overviews]},
            *([{"Guide": list(guide)}] if guide else []),
            {"Reference": [*({page.title: page.path} for page in self.reference), *more_reference]},
        ]


NAVIGATION = Navigation(
    home=NavigationPage("home", "Home", "index.md"),
    sections=SECTIONS,
    overviews=(
        NavigationPage("who-to-call", "Who to call", "who-to-call.md", is_wide=True),
        NavigationPage("map", "Map", "map.md"),
        NavigationPage("attention", "What needs attention", "attention.md"),
        NavigationPage("debt", "Debt", "debt.md"),
    ),
    reference=(
        NavigationPage("fields", "Fields of a card", "reference/fields.md"),
        NavigationPage("codes", "Codes of findings", "reference/codes/index.md"),
    ),
)
"""To add a page, add it here and to `VIEWS` in `site.py`."""
