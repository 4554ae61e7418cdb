"""Wikis for tests: the demo server in both flavours over both transports, and a real site if one is configured."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from generator.confluence.demo import ADMIN, DemoServer, serve
from generator.confluence.demo.world import PAGE, Version
from generator.confluence.rest import RequestAttempt, Wiki, WikiCredentials, connect, read_credentials
from generator.confluence.wiki import Flavour, NewPage, NotFound, Page, Space
from tests.confluence.demo.server import Variant, VariantServer
from tests.confluence.transport import InMemory

REAL = "CONFLUENCE_TEST_URL"


@dataclass
class Bench:
    """A wiki with a space for one test."""

    wiki: Wiki
    space: Space
    sent: list[RequestAttempt]
    demo: DemoServer | None = None
    made: list[str] = field(default_factory=list)
    stamp: str = field(default_factory=lambda: uuid4().hex[:8])

    def title(self, name: str) -> str:
        """Return a title that no other run uses."""
        return f"{name} {self.stamp}"

    def page(self, name: str, body: str = "<p>Text</p>", parent: Page | None = None) -> Page:
        """Create a page below another one or below the home page, for the length of the test."""
        parent_id = parent.id if parent else self.space.homepage_id
        made = self.wiki.create_page(NewPage(self.space, self.title(name), body, parent_id))
        self.made.append(made.id)
        return made


def access_to(demo: DemoServer, base: str, token: str = ADMIN.token, user: str = ADMIN.email) -> WikiCredentials:
    """Read credentials from an environment for the flavour."""
    cloud = demo.flavour is Flavour.CLOUD
    environ = {"CONFLUENCE_URL": base, "CONFLUENCE_USER": user if cloud else "", "CONFLUENCE_TOKEN": token}
    return read_credentials(environ, demo.flavour)


def context_of(flavour: Flavour) -> str:
    return "/wiki" if flavour is Flavour.CLOUD else ""


def fill(demo: DemoServer, parent_id: str, count: int) -> list[str]:
    """Create many pages below a page without requests, and return their ids."""
    session = demo.session()
    space = session.space(session.find(parent_id).space_id)
    drafts = (Version(f"Model {number}", "<p>x</p>") for number in range(count))
    return [str(session.create(PAGE, space, parent_id, draft).id) for draft in drafts]


@pytest.fixture(params=[*Flavour], ids=str)
def flavour(request: pytest.FixtureRequest) -> Flavour:
    return Flavour(request.param)


@pytest.fixture
def demo(flavour: Flavour) -> Iterator[DemoServer]:
    made = VariantServer(flavour)
    yield made
    made.close()


VARIANTS = {"strict": Variant(forbidden=403, taken_key=400, update_clears_state=True)}
"""The other behaviour where Atlassian's documents are silent."""


@pytest.fixture(
    params=["cloud-memory", "cloud-strict", "cloud-http", "datacenter-memory", "datacenter-http", "real"],
)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Return each wiki of the contract tests; the real one only if CONFLUENCE_TEST_URL is set."""
    if request.param == "real":
        yield from _real()
        return
    flavour, _, door = request.param.partition("-")
    sent: list[RequestAttempt] = []
    with ExitStack() as stack:
        made = VariantServer(Flavour(flavour), VARIANTS.get(door, Variant()))
        stack.callback(made.close)
        if door == "http":
            address = stack.enter_context(serve(made))
            wiki = connect(access_to(made, address.site), observer=sent.append)
        else:
            base = f"http://localhost{context_of(made.flavour)}"
            wiki = connect(access_to(made, base), observer=sent.append, adapter=InMemory(made))
        yield Bench(wiki, wiki.space("BOOK"), sent, made)


def _real() -> Iterator[Bench]:
    if not os.environ.get(REAL):
        pytest.skip(f"{REAL} is not set: this part of the contract was NOT run against a real site")
    names = ("URL", "USER", "TOKEN")
    access = read_credentials({f"CONFLUENCE_{name}": os.environ.get(f"CONFLUENCE_TEST_{name}", "") for name in names})
    sent: list[RequestAttempt] = []
    wiki = connect(access, observer=sent.append)
    bench = Bench(wiki, wiki.space(os.environ["CONFLUENCE_TEST_SPACE"]), sent)
    yield bench
    for page_id in reversed(bench.made):
        try:
            wiki.trash_page(page_id)
        except NotFound:
            continue


@pytest.fixture
def local(bench: Bench) -> DemoServer:
    """Return the demo server of the bench, for changes that no API allows."""
    if bench.demo is None:
        pytest.skip("needs a demo server")
    return bench.demo
