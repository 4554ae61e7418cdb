"""A book published to a demo server over sockets."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

from generator.cli.publish.session import apply_plan, prepare_plan
from generator.cli.publish.source import Source, read_publish_settings
from generator.confluence.built import PageEntry
from generator.confluence.demo import DemoServer, LoggedRequest, serve
from generator.confluence.rest import Wiki, connect, read_credentials
from generator.confluence.storage.page import Html
from generator.confluence.storage.parse import get_attribute, get_name, parse_storage
from generator.confluence.sync.prepare import Prepared
from generator.confluence.sync.values import Outcome, Plan, Result
from generator.confluence.wiki import Flavour, Page, Space, Status
from tests.confluence.demo.shapes import check_stored_bodies
from tests.confluence.parity import Surroundings, parity
from tests.sites import run_modelbook


@dataclass(frozen=True)
class RunningWiki:
    """A demo server that accepts requests."""

    demo: DemoServer
    environ: dict[str, str]
    first: tuple[LoggedRequest, ...] = ()
    """The requests of the first publish."""

    @property
    def wiki(self) -> Wiki:
        return connect(read_credentials(self.environ))

    @property
    def space(self) -> Space:
        return self.wiki.space(self.environ["CONFLUENCE_SPACE"])

    def list_pages(self) -> dict[str, Page]:
        """Return the current pages below the home page by title, with their bodies."""
        listed = [page.id for page in self.wiki.pages_in_space(self.space) if page.id != self.space.homepage_id]
        found = self.wiki.pages(listed, body=True).values()
        return {page.title: page for page in found if page.status is Status.CURRENT}

    def get_page(self, title: str) -> Page:
        return self.list_pages()[title]

    def plan(self, source: Source) -> Plan:
        return self._prepared(source).plan

    def publish(self, source: Source) -> Result:
        made = self._prepared(source)
        return apply_plan(made, self.wiki, source)

    def _prepared(self, source: Source) -> Prepared:
        return prepare_plan(self.wiki, source, read_publish_settings(source.configuration, self.environ))

    def run(self, book: Path, *arguments: str, **more: str) -> CompletedProcess[str]:
        return run_modelbook("publish", *arguments, cwd=book, **{**self.environ, **more})

    def count_requests(self) -> int:
        """Return the number of requests since the last call."""
        number = len(self.demo.log)
        self.demo.log.clear()
        return number


@contextmanager
def run_demo_server(flavour: Flavour) -> Iterator[RunningWiki]:
    with closing(DemoServer(flavour)) as demo, serve(demo) as address:
        yield RunningWiki(demo, address.environ)
    check_stored_bodies(demo)


NO_CREDENTIALS = {"CONFLUENCE_URL": "", "CONFLUENCE_USER": "", "CONFLUENCE_TOKEN": "", "CONFLUENCE_SPACE": ""}
"""An environment without settings of Confluence."""


@dataclass(frozen=True)
class StoredPage:
    """The anchors, links and attachments of a stored page."""

    anchors: frozenset[str]
    links: tuple[tuple[str, str], ...]
    """Title of the page ("" for its own) and anchor ("" for its top)."""
    files: frozenset[str]
    """Attachments that the page shows or links to."""


def parse_stored_page(body: str) -> StoredPage:
    elements = list(parse_storage(body).iter("*"))
    anchors = ("".join(map(str, each.itertext())) for each in elements if get_attribute(each, "ac:name") == "anchor")
    links = (each for each in elements if get_name(each) == "ac:link")
    files = (get_attribute(each, "ri:filename") for each in elements)
    pages = tuple(_parse_link(each) for each in links if not any(get_name(child) == "ri:attachment" for child in each))
    return StoredPage(frozenset(anchors), pages, frozenset(files) - {""})


def _parse_link(link: Html) -> tuple[str, str]:
    titles = (get_attribute(each, "ri:content-title") for each in link)
    return next(filter(None, titles), ""), get_attribute(link, "ac:anchor")


def publish_first_time(place: RunningWiki, source: Source) -> tuple[LoggedRequest, ...]:
    """Publish a new book within the documented number of requests, and return these."""
    first = place.publish(source)
    assert first.outcome is Outcome.DONE, first
    assert len(first.done) == len(source.built.entries)
    files = sum(len(change.uploads) for change in first.done)
    sent = tuple(place.demo.log)
    assert place.count_requests() <= 4 * len(first.done) + files
    return sent


def expect_parity(place: RunningWiki, source: Source, entries: Sequence[PageEntry] = ()) -> None:
    """Check that the given pages of the book, or all, have all content of the site in the wiki."""
    names = {entry.path: entry.title for entry in source.built.entries}
    pages = place.list_pages()
    for entry in entries or source.built.entries:
        html = (source.built.folder / entry.path).read_text("utf-8")
        title, site = entry.heading or entry.title, source.built.site
        around = Surroundings(entry.path, title, names, site.url, site.unpublished)
        verdict = parity(html, pages[entry.title].body or "", around)
        assert verdict.holds, f"{entry.ref}: {verdict.missing}"
