"""A process that is killed after any request, over sockets, and the run that recovers."""

from pathlib import Path

import pytest

from generator.confluence.demo import DemoServer, serve
from generator.confluence.wiki import Flavour
from tests.confluence.killed_publisher import run_publishers
from tests.confluence.publishing import Publisher, build_library
from tests.confluence.recovering import check_recovery, publish_without_faults
from tests.conftest import Sample


@pytest.mark.parametrize("flavour", [pytest.param(one, marks=pytest.mark.sample(1)) for one in Flavour], ids=str)
def test_a_publish_of_forty_pages_recovers_from_kill_9(flavour: Flavour, sample: Sample, tmp_path: Path) -> None:
    sheets = build_library(40, plain=True)
    expected, [total] = publish_without_faults(flavour, lambda: sheets)
    assert total > 3 * len(sheets)
    with run_publishers() as program:
        for last in sample(total, 3):
            demo = DemoServer(flavour)
            with serve(demo) as address:
                user = "admin@example.com" if flavour is Flavour.CLOUD else ""
                environ = {"CONFLUENCE_URL": address.site, "CONFLUENCE_USER": user, "CONFLUENCE_TOKEN": "admin"}
                assert program.killed(environ, tmp_path / "site", last)
            check_recovery(Publisher(demo, tmp_path / "site"), sheets, expected)
