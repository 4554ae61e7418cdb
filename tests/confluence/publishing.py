"""A book for a test, a wiki to publish it to, and the state of the wiki."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from generator.confluence.built import Built, read_site
from generator.confluence.demo import DemoServer
from generator.confluence.rest import RequestAttempt, Wiki, connect
from generator.confluence.storage.parse import normalise_storage
from generator.confluence.sync.apply import apply
from generator.confluence.sync.lock import RunEnvironment
from generator.confluence.sync.manifest import page_key
from generator.confluence.sync.prepare import Prepared, Waiting, prepare
from generator.confluence.sync.report import list_differences, plan_file, plan_in
from generator.confluence.sync.values import NO_CONSENT, Consent, Outcome, Plan, PublishSettings, Result
from generator.confluence.wiki import Flavour, NewPage, Page, PageUpdate, Status
from generator.values import FrozenValue
from tests.confluence.conftest import access_to, context_of
from tests.confluence.demo.server import Variant, VariantServer, add_comment
from tests.confluence.demo.shapes import check_stored_bodies
from tests.confluence.rest.test_rate_limit import FakeTime
from tests.confluence.storage.book import page_html
from tests.confluence.transport import InMemory

SETTINGS = PublishSettings(space="BOOK")


def apply_policy(policy: str, settings: PublishSettings = SETTINGS) -> PublishSettings:
    """Return the settings with one policy for every trouble; what cannot be overwritten is held."""
    always = {"manual_edits": policy, "manual_moves": policy, "trashed_pages": policy, "inline_comments": policy}
    narrow = "hold" if policy == "overwrite" else policy
    return settings.model_copy(update={**always, "archived_pages": narrow, "taken_titles": narrow})


ENDED = 2**22 + 1
"""A process number above the largest one of Linux, so no process has it."""


class Sheet(FrozenValue):
    """A page of a site."""

    ref: str
    title: str
    parent: str | None = None
    html: str = "<p>Text</p>"
    labels: tuple[str, ...] = ()
    pictures: Mapping[str, bytes] = msgspec.field(default_factory=dict)
    state: str = ""
    """The content state."""
    aliases: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        return f"{self.ref.replace(':', '/')}.html"

    @property
    def card(self) -> str:
        return f"cards/{self.ref.partition(':')[2]}.yml"


def render_facts(**rows: str) -> str:
    """Render a fact panel as the templates do."""
    cells = "".join(f"<tr><th>{name.replace('_', ' ')}</th><td>{value}</td></tr>" for name, value in rows.items())
    return f'<table class="mb-facts">{cells}</table>'


def render_link(sheet: Sheet, anchor: str = "") -> str:
    """Render a link from any page of the site; all pages are one folder deep."""
    return f'<a href="../{sheet.path}{anchor}">{sheet.title}</a>'


def write_site(folder: Path, sheets: Iterable[Sheet]) -> Built:
    """Write the sheets as a built site with a cache of conversions, and replace an earlier one."""
    listed = list(sheets)
    for sheet in listed:
        file = folder / sheet.path
        file.parent.mkdir(parents=True, exist_ok=True)
        shown = "".join(f'<p><img alt="{name}" src="{name}"></p>' for name in sheet.pictures)
        file.write_text(page_html(f"<h1>{sheet.title}</h1>{sheet.html}{shown}"), "utf-8")
        for name, content in sheet.pictures.items():
            (file.parent / name).write_bytes(content)
    listing = {"version": 1, "site_url": None, "title": "Modelbook", "pages": [_listed(sheet) for sheet in listed]}
    (folder / "pages.json").write_text(json.dumps(listing), "utf-8")
    return read_site(folder, lambda _: (), cache=folder.parent / "cache")


def _listed(sheet: Sheet) -> dict[str, Any]:
    source = {"file": sheet.card, "line": 1}
    return {"path": sheet.path, "ref": sheet.ref, "title": sheet.title, "parent": sheet.parent} | {
        "labels": list(sheet.labels),
        "source": source,
        **({"state": sheet.state} if sheet.state else {}),
        **({"aliases": list(sheet.aliases)} if sheet.aliases else {}),
    }


def build_library(number: int, *, sections: int = 3, labelled: bool = False, plain: bool = False) -> list[Sheet]:
    """Build a book with a home page, sections, and cards that link to their neighbours.

    `labelled` gives the home page and the sections labels too; `plain` leaves the cards' facts out.
    """
    home = Sheet("page:home", "The book", None, "<p>All models</p>", ("book",) if labelled else ())
    tops = [
        Sheet(f"page:section-{each}", f"Section {each}", "page:home", "<p>Models</p>", ("part",) if labelled else ())
        for each in range(sections)
    ]
    names = [Sheet(f"model:m{each}", f"Model {each}") for each in range(number - sections - 1)]
    cards = [_model(each, names, tops) for each in range(len(names))]
    if plain:
        cards = [replace(card, html=card.html[card.html.index("<p>") :]) for card in cards]
    listed = f"<ul>{''.join(f'<li>{render_link(card)}</li>' for card in cards)}</ul>"
    return [home, *(replace(top, html=listed if number < 100 else top.html) for top in tops), *cards]


def _model(number: int, names: list[Sheet], tops: list[Sheet]) -> Sheet:
    after = names[(number + 1) % len(names)]
    panel = render_facts(owner=f"team {number % 7}", version="1.0", deployed_on="2025-11-03", consumers="feed, mail")
    html = f"{panel}<h2 id='use'>Use</h2><p>Ranks things for {number}. See {render_link(after, '#use')}.</p>"
    labels = ("model", "production") if number % 5 else ()
    pictures = {f"flow-{number}.png": f"picture {number}".encode()} if number % 3 == 0 else {}
    parent = tops[number % len(tops)].ref
    return Sheet(names[number].ref, names[number].title, parent, html, labels or ("model",), pictures)


def count_pictures(sheets: Iterable[Sheet]) -> int:
    return sum(len(sheet.pictures) for sheet in sheets)


@dataclass
class Publisher:
    """A machine that publishes a site to a demo server any number of times."""

    demo: DemoServer
    folder: Path
    settings: PublishSettings = SETTINGS
    time: FakeTime = field(default_factory=FakeTime)
    sent: list[RequestAttempt] = field(default_factory=list)
    pid: int = field(default_factory=os.getpid)
    """The process of its runs; ENDED stands for one that was killed."""
    runs: Any = field(default_factory=count)

    def wiki(self, observer: Callable[[RequestAttempt], None] | None = None, adapter: Any = None) -> Wiki:
        base = f"http://localhost{context_of(self.demo.flavour)}"

        def observed(sent: RequestAttempt) -> None:
            self.sent.append(sent)
            if observer is not None:
                observer(sent)

        return connect(
            access_to(self.demo, base),
            observer=observed,
            clock=self.time.clock(),
            adapter=adapter or InMemory(self.demo, self.time.sleep),
        )

    def build(self, sheets: Iterable[Sheet]) -> Built:
        return write_site(self.folder, sheets)

    def waiting(self, patience: float = 0) -> Waiting:
        return Waiting(self.time.clock().now, self.time.sleep, patience)

    def prepared(self, built: Built, wiki: Wiki | None = None, **more: Any) -> Prepared:
        return prepare(wiki or self.wiki(), built, self.settings, self.waiting(), **more)

    def plan(self, sheets: Iterable[Sheet], *, consent: Consent = NO_CONSENT) -> Plan:
        return self.prepared(self.build(sheets), consent=consent).plan

    def environment(self) -> RunEnvironment:
        clock = self.time.clock()
        return RunEnvironment(f"run {next(self.runs)}", clock.now, clock.sleep, lambda svg: svg.encode(), pid=self.pid)

    def publish(self, sheets: Iterable[Sheet], *, consent: Consent = NO_CONSENT, wiki: Wiki | None = None) -> Result:
        """Plan and apply, as `modelbook publish apply` does."""
        built, wiki = self.build(sheets), wiki or self.wiki()
        prepared = prepare(wiki, built, self.settings, self.waiting(), consent=consent)
        result = apply(prepared.plan, wiki, built, self.environment(), manifest=prepared.manifest)
        check_stored_bodies(self.demo)
        return result

    def apply_saved(self, plan: Plan, sheets: Iterable[Sheet]) -> Result:
        """Apply a plan from its file, as `modelbook publish apply --plan` does."""
        built, wiki = self.build(sheets), self.wiki()
        saved, prepared = plan_in(plan_file(plan)), self.prepared(built, consent=plan.consent)
        differences = list_differences(saved, prepared.plan)
        if differences:
            return Result(Outcome.REFUSED, refusals=differences)
        return apply(prepared.plan, wiki, built, self.environment(), manifest=prepared.manifest)

    def requests(self) -> int:
        """Return the number of requests since the last call."""
        number = len(self.sent)
        self.sent.clear()
        return number

    # What other people do there.

    def find_page(self, title: str) -> Page:
        wiki = self.wiki()
        found = wiki.page_titled(wiki.space("BOOK"), title)
        assert found is not None, title
        return wiki.page(found.id, body=True)

    def edit(self, title: str, old: str, new: str, **more: Any) -> Page:
        page = self.find_page(title)
        assert page.body is not None
        assert old in page.body
        body = page.body.replace(old, new)
        return self.wiki().update_page(PageUpdate(page.id, page.title, body, page.version.number + 1, **more))

    def create_unmanaged_page(self, title: str, body: str = "<p>Mine</p>", parent_id: str | None = None) -> Page:
        wiki = self.wiki()
        space = wiki.space("BOOK")
        return wiki.create_page(NewPage(space, title, body, parent_id or space.homepage_id))

    def add_comment(self, title: str, selection: str) -> str:
        """Create an inline comment, and return its marker."""
        return add_comment(self.demo, self.find_page(title).id, selection).marker

    def resolve_comments(self) -> None:
        """Resolve all comments."""
        assert isinstance(self.demo, VariantServer)
        for comment in chain.from_iterable(self.demo.comments.values()):
            comment.state = "resolved"

    def lose_comments(self) -> None:
        """Make the wiki detach all comments, even if the body contains their markers."""
        assert isinstance(self.demo, VariantServer)
        self.demo.variant = Variant(detaches_comments=True)

    def set_status(self, page_id: str, status: Status) -> None:
        """Change the status of a page without a request and without moving its children."""
        self.demo.world.contents[int(page_id)].status = status


def read_state(demo: DemoServer, book: str = "modelbook") -> dict[str, Any]:
    """Return the visible state of the wiki, without ids and version numbers."""
    contents = demo.world.contents
    pages = [page for page in contents.values() if page.status is Status.CURRENT]
    gone = sorted((page.status.value, page.title) for page in contents.values() if page.status is not Status.CURRENT)
    found: dict[str, Any] = {"(gone)": gone}
    for page in pages:
        claim = page.properties.get(page_key(book))
        parent = contents.get(page.parent_id or 0)
        found[page.title] = {
            "parent": parent.title if parent else None,
            "body": normalise_storage(page.current.body),
            "labels": sorted(page.labels),
            "files": sorted((file.name, file.content, file.comment) for file in page.files.values()),
            "ref": claim and claim.value["page"] == str(page.id) and claim.value["ref"],
        }
    return found


def publisher(flavour: Flavour, folder: Path, **more: Any) -> Publisher:
    return Publisher(VariantServer(flavour), folder, **more)


def publish_book(demo: DemoServer, folder: Path, sheets: Iterable[Sheet]) -> Publisher:
    """Return a publisher with a published book."""
    publisher = Publisher(demo, folder)
    assert publisher.publish(sheets).outcome is Outcome.DONE
    return publisher


def configure(publisher: Publisher, policy: str = "hold", **settings: object) -> Publisher:
    """Change the settings of a publisher, with one policy for every trouble, and return it."""
    publisher.settings = apply_policy(policy).model_copy(update=settings)
    return publisher
