"""Links to lines of code, and the names of repositories by any of their addresses."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evidence.records import CodePlace
from generator.evidence.source_links import (
    FileLinks,
    build_file_links,
    build_source_link,
    get_repository_name,
    index_addresses,
)
from generator.pages.markup import is_linkable
from tests.evidence.records import COMMIT

PLACE = CodePlace("src/app config.py", 12, 3)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://github.com/food/feed.git", f"https://github.com/food/feed/blob/{COMMIT}/src/app%20config.py#L12"),
        ("https://gitlab.com/a/b/feed", f"https://gitlab.com/a/b/feed/-/blob/{COMMIT}/src/app%20config.py#L12"),
        ("https://gitlab.example.com/a/feed/", f"https://gitlab.example.com/a/feed/-/blob/{COMMIT}/src/app%20config.py#L12"),
        ("https://bitbucket.org/food/feed", f"https://bitbucket.org/food/feed/src/{COMMIT}/src/app%20config.py#lines-12"),
        ("https://codeberg.org/food/feed", f"https://codeberg.org/food/feed/src/commit/{COMMIT}/src/app%20config.py#L12"),
        (
            "https://dev.azure.com/food/shop/_git/feed",
            (f"https://dev.azure.com/food/shop/_git/feed?path=/src/app%20config.py&version=GC{COMMIT}&line=12&lineEnd=12"
             "&lineStartColumn=1&lineEndColumn=1"),
        ),
        ("https://git.example.com/food/feed", ""),
        ("http://github.com/food/feed", ""),
        ("git@github.com:food/feed.git", ""),
        ("food/feed", ""),
        ("https://user:secret@github.com/food/feed", ""),
        ("https://[github.com/food", ""),
        ("javascript:alert(1)", ""),
    ],
)  # fmt: skip
def test_a_line_has_a_link_at_known_hosts_only(address: str, expected: str) -> None:
    assert build_source_link(address, COMMIT, PLACE) == expected


CARD = CodePlace("modelbook/a b.yml", 3, 1)


@pytest.mark.parametrize(
    ("address", "edit", "history", "blame"),
    [
        ("https://github.com/food/feed", "/edit/dev/x", "/commits/dev/x", "/blame/dev/x"),
        ("https://gitlab.com/a/feed", "/-/edit/dev/x", "/-/commits/dev/x", "/-/blame/dev/x"),
        ("https://bitbucket.org/a/feed", "/src/dev/x?mode=edit", "/history-node/dev/x", "/annotate/dev/x"),
        ("https://codeberg.org/a/feed", "/_edit/dev/x", "/commits/branch/dev/x", "/blame/branch/dev/x"),
        (
            "https://dev.azure.com/food/shop/_git/feed",
            "?path=/x&version=GBdev&_a=contents",
            "?path=/x&version=GBdev&_a=history",
            "?path=/x&version=GBdev&_a=blame",
        ),
    ],
)
def test_a_file_is_edited_and_has_its_history_on_its_branch(address, edit, history, blame) -> None:
    links = build_file_links(f"{address}.git", COMMIT, "dev", CARD)
    expected = [f"{address}{one.replace('x', 'modelbook/a%20b.yml', 1)}" for one in (edit, history, blame)]
    assert [links.edit, links.history, links.blame] == expected
    assert links.view == build_source_link(address, COMMIT, CARD)


def test_without_a_branch_the_links_lead_to_the_default_branch_where_the_host_has_an_address_for_it() -> None:
    github = build_file_links("https://github.com/food/feed", COMMIT, "", CARD)
    assert github.edit == "https://github.com/food/feed/edit/HEAD/modelbook/a%20b.yml"
    azure = build_file_links("https://dev.azure.com/food/shop/_git/feed", COMMIT, "", CARD)
    assert azure.edit == "https://dev.azure.com/food/shop/_git/feed?path=/modelbook/a%20b.yml&_a=contents"
    codeberg = build_file_links("https://codeberg.org/food/feed", COMMIT, "", CARD)
    assert codeberg.edit == ""
    assert codeberg.history == f"https://codeberg.org/food/feed/commits/commit/{COMMIT}/modelbook/a%20b.yml"


def test_a_file_at_another_host_has_the_links_that_the_pattern_gives() -> None:
    address, pattern = "https://git.example.com/food/feed", "{repo}/tree/{commit}/{path}#n{line}"
    links = build_file_links(address, COMMIT, "main", CARD, pattern)
    assert links.view == f"{address}/tree/{COMMIT}/modelbook/a%20b.yml#n3"
    assert links.edit == f"{address}/tree/main/modelbook/a%20b.yml#n3"
    assert (links.history, links.blame) == ("", "")
    assert build_file_links(address, COMMIT, "main", CARD) == FileLinks()


@pytest.mark.parametrize("address", ["", "../mirrors/web", "git@github.com:food/feed", "javascript:alert(1)"])
def test_a_repository_without_an_address_for_browsers_has_no_links(address: str) -> None:
    assert build_file_links(address, COMMIT, "main", CARD, "{repo}/{path}") == FileLinks()


def test_the_pattern_of_the_book_serves_other_hosts() -> None:
    pattern = "{repo}/tree/{path}?id={commit}#n{line}"
    link = build_source_link("https://git.example.com/food/feed", COMMIT, PLACE, pattern)
    assert link == f"https://git.example.com/food/feed/tree/src/app%20config.py?id={COMMIT}#n12"
    assert "/blob/" in build_source_link("https://github.com/food/feed", COMMIT, PLACE, pattern)


@pytest.mark.parametrize("file", ["../../../evil/page", "a/./b", "/etc/passwd", "a//b", ""])
def test_a_path_that_leads_elsewhere_has_no_link(file: str) -> None:
    assert build_source_link("https://github.com/food/feed", COMMIT, CodePlace(file, 1, 1)) == ""


@pytest.mark.parametrize("commit", ["", "main", "../../x", "a1b2c3d4\n"])
def test_only_a_commit_id_makes_a_link(commit: str) -> None:
    assert build_source_link("https://github.com/food/feed", commit, PLACE) == ""


@given(st.text(min_size=1, max_size=40), st.integers(1, 10**6))
def test_any_path_stays_within_its_repository(file: str, line: int) -> None:
    link = build_source_link("https://github.com/food/feed", COMMIT, CodePlace(file, line, 1))
    if link:
        assert is_linkable(link)
        parts = urlsplit(link)
        assert parts.fragment == f"L{line}"
        assert unquote(parts.path) == f"/food/feed/blob/{COMMIT}/{file}"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://github.com/food/feed", "food/feed"),
        ("https://github.com/food/feed.git/", "food/feed"),
        ("ssh://git@git.example.com:7999/food/feed.git", "food/feed"),
        ("git@git.example.com:food/feed.git", "food/feed"),
        ("git.example.com:food/feed", "food/feed"),
        ("food/feed", "food/feed"),
        ("https://gitlab.com/food/apps/feed", "food/apps/feed"),
        ("https://git.example.com/scm/FOOD/feed.git", "FOOD/feed"),
        ("https://gerrit.example.com/r/food/feed", "food/feed"),
        ("https://gerrit.example.com/r/a/food/feed", "food/feed"),
        ("ssh://me@gerrit.example.com:29418/food/feed", "food/feed"),
        ("https://git.example.com/projects/FOOD/repos/feed/browse", "FOOD/feed"),
        ("https://dev.azure.com/food/shop/_git/feed", "food/shop/feed"),
        ("git@ssh.dev.azure.com:v3/food/shop/feed", "food/shop/feed"),
        ("https://github.com/food/feed/tree/main/services/ranking", "food/feed"),
        ("https://gitlab.com/food/apps/feed/-/blob/main/README.md", "food/apps/feed"),
        ("feed", "feed"),
        ("", ""),
    ],
)
def test_a_repository_has_one_name_by_all_its_addresses(address: str, name: str) -> None:
    assert get_repository_name(address) == name


def test_the_first_https_address_of_a_repository_is_used() -> None:
    addresses = ["git@github.com:Food/feed.git", "https://github.com/Food/Feed", "https://git.example.com/food/feed"]
    assert index_addresses(addresses) == {"food/feed": "https://github.com/Food/Feed"}
