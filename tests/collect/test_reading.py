"""Reading repositories on several workers."""

from pathlib import Path

import pytest

from tests.collect.books import RYL, collect, make_book, read_collected
from tests.evidence.checkouts import commit_files, make_checkout


def make_repositories(root: Path) -> str:
    """Make a few repositories, one of which cannot be read, and return the list of them."""
    for number in range(5):
        make_checkout(root / f"r{number}", {f"modelbook/m{number}.yml": RYL.replace("ryl", f"m{number}")})
    return "".join(f"- ../r{number}\n" for number in range(6))


def test_a_dask_cluster_gives_the_same_report_and_the_same_files(tmp_path: Path):
    distributed = pytest.importorskip("distributed")
    sources = make_repositories(tmp_path)
    here, there = make_book(tmp_path / "here", sources), make_book(tmp_path / "there", sources)
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None, processes=True) as local:
        for _ in range(2):
            expected, ran = collect(here), collect(there, "--cluster", local.scheduler_address)
            assert (ran.code, ran.out) == (expected.code, expected.out)
            assert read_collected(there) == read_collected(here)
            assert (there / "collect.lock").read_bytes() == (here / "collect.lock").read_bytes()
            commit_files(tmp_path / "r1", {"modelbook/m1.yml": RYL, "modelbook/new.yml": RYL.replace("ryl", "new")})
    assert "r5  not collected: there is no folder '../r5'\n" in expected.out


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_the_number_of_jobs_does_not_change_the_report(tmp_path: Path, jobs: str):
    sources = make_repositories(tmp_path)
    ran = collect(make_book(tmp_path / "book", sources), "--jobs", jobs)
    assert ran.out == collect(make_book(tmp_path / "other", sources)).out
