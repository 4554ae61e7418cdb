"""The list of repositories: what it may say, and a finding for each mistake."""

from pathlib import Path

import pytest

from generator.collect.sources import RepositorySource, read_sources
from tests.collect.books import TEAM, collect, make_book, read_collected
from tests.evidence.checkouts import make_checkout


def read_one(root: Path, entry: str) -> RepositorySource:
    (root / "collect.yml").write_text(f"- {entry}\n", "utf-8")
    sources, findings = read_sources(root, "collect.yml")
    assert findings == []
    (source,) = sources
    return source


def list_findings(root: Path, text: str) -> list[str]:
    (root / "collect.yml").write_text(text, "utf-8")
    _, findings = read_sources(root, "collect.yml")
    assert all(finding.code in {"MB018", "MB001", "MB007"} for finding in findings)
    return [f"{one.position.line}:{one.position.column} {one.message} | {one.hint}" for one in findings]


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ("https://git.example.com/shop/web", "shop/web"),
        ("https://git.example.com:8443/group/sub/web.git", "group/sub/web"),
        ("https://dev.azure.com/org/project/_git/web", "org/project/web"),
        ("ssh://git@git.example.com:2222/shop/web.git", "shop/web"),
        ("git@git.example.com:shop/web.git", "shop/web"),
        ("git.example.com:shop/web", "shop/web"),
        ("../checkouts/web/", "web"),
        ("../mirrors/web.git", "web"),
        ("/srv/git/web.git", "web"),
        ("{repository: ../web, name: shop/Web-2_x.y}", "shop/Web-2_x.y"),
        ("{repository: ../web, name: búsqueda}", "búsqueda"),
    ],
)
def test_the_name_of_a_repository_in_the_book(tmp_path: Path, entry: str, name: str):
    assert read_one(tmp_path, entry).name == name


def test_the_branch_and_the_places_of_cards(tmp_path: Path):
    source = read_one(tmp_path, "{repository: ../web, ref: release/2026.1, path: [cards/, ./docs/x.yml]}")
    assert (source.ref, source.paths) == ("release/2026.1", ("cards", "docs/x.yml"))
    assert read_one(tmp_path, "{repository: ../web, path: .}").paths == (".",)


@pytest.mark.parametrize(
    "address",
    [
        "http://git.example.com/shop/web",
        "git://git.example.com/shop/web",
        "file:///srv/git/web.git",
        "ftp://git.example.com/web",
        "ext::sh -c 'touch /tmp/x'",
        "fd::17",
        "HTTPS://git.example.com/shop/web",
        "HTTP::https://git.example.com/x",
        "-oProxyCommand=touch x",
        "--upload-pack=touch x",
        "ssh://-oProxyCommand=x/web",
        "ssh://git@-oProxyCommand=x/web",
        "git@-oProxyCommand=x:web",
        "git@git.example.com:-x",
        "https://git.example.com",
        "https://git.example.com/web?token=x",
        "https://git.example.com/web#x",
        "https://git.exa mple.com/web",
        "https://[::1/web",
        "'https://git.example.com/a\\tb'",
        "\"../web\\x07\"",
    ],
)  # fmt: skip
def test_another_protocol_or_a_strange_address_is_refused(tmp_path: Path, address: str):
    assert list_findings(tmp_path, f"- {address}\n") != []
    (one, *_) = list_findings(tmp_path, f"- repository: {address}\n")
    assert one.startswith("1:15 ")


@pytest.mark.parametrize(
    "address",
    [
        "https://asha:hunter22@git.example.com/shop/web",
        "https://hunter22@git.example.com/shop/web",
        "https://asha:hunter22/x@git.example.com/shop/web",
        "https://hunter/22@git.example.com/shop/web",
        "ssh://git:hunter22@git.example.com/shop/web",
        "git:hunter22@git.example.com:shop/web",
        "http://asha:hunter22@git.example.com/shop/web",
    ],
)
def test_credentials_in_an_address_are_refused_and_never_printed(tmp_path: Path, address: str):
    book = make_book(tmp_path / "book", f"- {address}\n")
    ran = collect(book)
    assert ran.code == 1
    assert "collect.yml:1:3 error MB018 " in ran.out
    as_json = collect(book, "--format", "json")
    assert [one["line"] for one in as_json.data["findings"]] == [1] * len(as_json.data["findings"])
    assert "hunter" not in ran.out + ran.err + as_json.out
    assert not (book / "collect.lock").exists()


def test_each_mistake_has_its_place_and_its_fix(tmp_path: Path):
    text = (
        "- repository: ../web\n"
        "  branch: main\n"
        "- {ref: main}\n"
        "- {repository: ../ml, ref: 'a..b'}\n"
        "- {repository: ../ml, path: ../up}\n"
        "- {repository: ../ml, name: ../up}\n"
        "- {repository: ../ml, name: .git}\n"
        "- {repository: ../ml, name: shop/con}\n"
        "- {folder: none}\n"
        "- 12:\n"
        "- []\n"
        "- {repository: [x]}\n"
    )
    found = list_findings(tmp_path, text)
    assert [one.partition(" ")[0] for one in found] == [
        "2:3", "3:3", "4:28", "5:29", "6:29", "7:29", "8:29", "9:12", "10:3", "10:3", "11:3", "12:16",
    ]  # fmt: skip
    assert found[0] == "2:3 unknown key `branch` of a repository | choose one of: name, path, ref, repository"
    assert found[1] == "3:3 missing key `repository` | add the address or the path of the repository"


def test_the_same_name_twice_is_refused_also_in_another_spelling(tmp_path: Path):
    text = "- ../a/web\n- ../b/web\n- {repository: ../x, name: WEB}\n- {repository: ../x, name: web/inner}\n"
    found = list_findings(tmp_path, text)
    other = "set another `name`; the first one is at collect.yml:1:3"
    assert found == [
        f"2:3 duplicate repository 'web' | {other}",
        f"3:28 duplicate repository 'WEB': it differs from 'web' only in case | {other}",
        f"4:28 the repository 'web/inner' would be in the folder of 'web' | {other.replace('first', 'other')}",
    ]
    assert list_findings(tmp_path, '- {repository: ../x, name: é}\n- {repository: ../y, name: "e\\u0301"}\n') != []


@pytest.mark.parametrize("text", ["", "# nothing\n", "repository: ../web\n", "- a\n---\n- b\n", "- [\n"])
def test_anything_but_a_list_is_refused(tmp_path: Path, text: str):
    assert len(list_findings(tmp_path, text)) == 1


def test_a_merge_conflict_in_the_list_is_named(tmp_path: Path):
    text = "<<<<<<< HEAD\n- ../web\n=======\n- ../search\n>>>>>>> other\n"
    (finding,) = list_findings(tmp_path, text)
    assert finding.startswith("1:1 unresolved git conflict")


def test_a_missing_list_is_a_usage_error_with_an_example(tmp_path: Path):
    book = make_book(tmp_path / "book", "[]\n")
    (book / "collect.yml").unlink()
    ran = collect(book)
    assert ran.code == 2
    assert ran.err.startswith(
        "modelbook: no collect.yml next to mkdocs.yml: list the repositories in it, as in `- https"
    )


def test_another_name_of_the_list(tmp_path: Path):
    make_checkout(tmp_path / "web", {"modelbook.yml": "kind: team\nid: food\nname: Food\n"})
    book = make_book(tmp_path / "book", "[]\n")
    (book / "mkdocs.yml").write_text("site_name: B\nplugins:\n  - modelbook: {collect: lists/all.yml}\n", "utf-8")
    (book / "lists").mkdir()
    (book / "lists/all.yml").write_text("- ../web\n", "utf-8")
    assert collect(book).out.splitlines()[-1] == "1 repository: 1 added"


def test_a_wrong_setting_stops_the_command_before_it_writes_to_the_wrong_folder(tmp_path: Path):
    book = make_book(tmp_path / "book", "- ../web\n")
    (book / "mkdocs.yml").write_text("site_name: B\nplugins:\n  - modelbook: {cards: x, none: 1}\n", "utf-8")
    assert collect(book).code == 1
    assert not (book / "cards").exists()


def test_a_folder_without_a_repository_removes_no_cards(tmp_path: Path):
    make_checkout(tmp_path / "mirrors/web", {"modelbook.yml": TEAM})
    book = make_book(tmp_path / "book", "- folder: ../mirrors\n")
    assert collect(book).code == 0
    (tmp_path / "mirrors").rename(tmp_path / "away")
    (tmp_path / "mirrors").mkdir()
    ran = collect(book)
    assert ran.code == 1
    assert "collect.yml:1:11 error MB018 no repository in '../mirrors'\n" in ran.out
    assert list(read_collected(book)) == ["web/modelbook.yml"]
