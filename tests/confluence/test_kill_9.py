"""A process that is killed after any request, over sockets, and the run that recovers."""

from pathlib import Path

from generator.confluence.standin import Standin, serve
from generator.confluence.wiki import Flavour
from tests.confluence.killed_publisher import publishers
from tests.confluence.publishing import Publisher, library
from tests.confluence.recovering import settle, undisturbed
from tests.conftest import Sample


def test_a_publish_of_forty_pages_recovers_from_kill_9(flavour: Flavour, sample: Sample, tmp_path: Path) -> None:
    sheets = library(40, plain=True)
    expected, [total] = undisturbed(flavour, tmp_path / "site", sheets)
    assert total > 3 * len(sheets)
    with publishers() as program:
        for last in sample(total):
            standin = Standin(flavour)
            journal = tmp_path / f"journal-{last}"
            with serve(standin) as address:
                user = "admin@example.com" if flavour is Flavour.CLOUD else ""
                environ = {"CONFLUENCE_URL": address.site, "CONFLUENCE_USER": user, "CONFLUENCE_TOKEN": "admin"}
                assert program.killed(environ, tmp_path / "site", journal, last)
            settle(Publisher(standin, tmp_path / "site", journal_file=journal), sheets, expected)
