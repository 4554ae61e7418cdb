"""Cards from other repositories in a book: their places in findings, claims, former cards, and changed files."""

import subprocess
from pathlib import Path

import pytest

from generator.findings import Finding, Severity
from generator.load.collected import FormerCard, is_blob
from generator.names import Ref
from tests.books import open_book
from tests.locked_books import COMMIT, TEAMS, build_model, write_collected_book

RYL = build_model("ryl")
FORMER = FormerCard("model:ryl", "shop/web", "modelbook/ryl.yml", COMMIT)


def find(root: Path, *codes: str) -> list[Finding]:
    return [finding for finding in open_book(root).findings if finding.code in codes]


def test_a_collected_card_is_in_the_book_with_its_origin(tmp_path):
    project = open_book(write_collected_book(tmp_path, {"shop/web": {"modelbook/ryl.yml": RYL}}))
    loaded = project.cards.by_ref[Ref("model", "ryl")]
    assert str(loaded.origin) == "modelbook/ryl.yml in shop/web"
    assert loaded.describe_place("name") == "modelbook/ryl.yml:3 in shop/web (owner: ranking)"
    assert [one for one in project.findings if one.severity is Severity.ERROR] == []


def test_a_finding_on_a_collected_card_names_the_place_in_its_repository(tmp_path):
    broken = build_model("ryl", "nobody")
    (finding,) = find(write_collected_book(tmp_path, {"shop/web": {"modelbook/ryl.yml": broken}}), "MB101")
    assert str(finding.position) == "cards/collected/shop/web/modelbook/ryl.yml:7:10"
    assert str(finding.source) == "modelbook/ryl.yml:7 in shop/web"
    assert finding.source is not None
    assert finding.source.url == f"https://github.com/shop/web/blob/{COMMIT}/modelbook/ryl.yml#L7"


def test_an_id_of_two_repositories_is_one_finding_with_both_places_and_owners(tmp_path):
    files = {"shop/search": {"modelbook.yml": build_model("RYL", "kitchen")}, "shop/web": {"modelbook/ryl.yml": RYL}}
    project = open_book(write_collected_book(tmp_path, files))
    (finding,) = [one for one in project.findings if one.severity is Severity.ERROR]
    assert (finding.code, finding.severity) == ("MB023", Severity.ERROR)
    assert finding.position.file == "cards/collected/shop/web/modelbook/ryl.yml"
    assert "modelbook.yml:2 in shop/search (owner: kitchen)" in finding.message
    assert "modelbook/ryl.yml:2 in shop/web (owner: ranking)" in finding.message
    assert project.cards.by_ref.keys() >= {Ref("model", "RYL")}


def test_the_card_of_the_book_itself_wins_whatever_its_file_is_called(tmp_path):
    files = {"shop/web": {"modelbook/ryl.yml": RYL}}
    root = write_collected_book(tmp_path, files, {"zzz/ryl.yml": build_model("ryl", "kitchen")})
    project = open_book(root)
    (finding,) = [one for one in project.findings if one.code in {"MB008", "MB019", "MB023", "MB024"}]
    assert finding.code == "MB023"
    assert finding.position.file == "cards/collected/shop/web/modelbook/ryl.yml"
    assert "cards/zzz/ryl.yml:2 in this book (owner: kitchen)" in finding.message
    assert finding.hint == "remove or rename one of them; the book shows that of this book"
    assert project.cards.by_ref[Ref("model", "ryl")].origin is None


def test_an_id_twice_in_one_repository_stays_a_duplicate_id(tmp_path):
    root = write_collected_book(tmp_path, {"shop/web": {"modelbook/a.yml": RYL, "modelbook/b.yml": RYL}})
    (finding,) = find(root, "MB008", "MB023")
    assert finding.code == "MB008"
    assert str(finding.source) == "modelbook/b.yml:2 in shop/web"


@pytest.mark.parametrize(
    ("more", "place"),
    [("aliases: [ranker]\n", 8), ("instances: [{id: ranker}]\n", 8)],
    ids=["alias", "instance"],
)
def test_a_name_of_two_repositories_is_one_warning_with_both_owners(tmp_path, more, place):
    files = {
        "shop/search": {"modelbook.yml": build_model("ranker", "kitchen")},
        "shop/web": {"modelbook/ryl.yml": build_model("ryl", more=more)},
    }
    (finding,) = find(write_collected_book(tmp_path, files), "MB019", "MB023", "MB024")
    assert (finding.code, finding.severity) == ("MB024", Severity.WARNING)
    assert f"modelbook/ryl.yml:{place} in shop/web (owner: ranking)" in finding.message
    assert "modelbook.yml:1 in shop/search (owner: kitchen)" in finding.message


def test_a_name_of_two_repositories_can_be_accepted_with_a_reason(tmp_path):
    accepted = build_model("ryl", more="aliases: [ranker]\nx-allow: {MB024: both until the launch in June}\n")
    files = {"shop/search": {"modelbook.yml": build_model("ranker")}, "shop/web": {"modelbook/ryl.yml": accepted}}
    project = open_book(write_collected_book(tmp_path, files))
    assert [one.finding.code for one in project.suppressed] == ["MB024"]
    assert not [one for one in project.findings if one.code in {"MB020", "MB022", "MB024"}]


def test_a_reference_to_a_former_card_names_both_places(tmp_path):
    system = "kind: system\nid: feed\nname: Feed\ntype: service\nsummary: S.\nowners: [kitchen]\n"
    files = {"shop/search": {"modelbook.yml": f"{system}uses: [{{model: ryl, why: It orders.}}]\n"}}
    (finding,) = find(write_collected_book(tmp_path, files, former=[FORMER]), "MB101", "MB025")
    assert finding.code == "MB025"
    assert str(finding.source) == "modelbook.yml:7 in shop/search"
    assert "modelbook/ryl.yml in shop/web, at commit 3f2a91c07b" in finding.message


def test_a_card_that_moved_is_no_finding_for_its_references(tmp_path):
    system = "kind: system\nid: feed\nname: Feed\ntype: service\nsummary: S.\nowners: [kitchen]\n"
    cards = {"feed.yml": f"{system}uses: [{{model: ryl, why: It orders.}}]\n"}
    root = write_collected_book(tmp_path, {"shop/search": {"modelbook.yml": RYL}}, cards, [FORMER])
    assert find(root, "MB025", "MB026", "MB101") == []


def test_a_link_to_the_former_file_of_a_moved_card_is_a_note(tmp_path):
    link = "https://github.com/shop/web/blob/main/modelbook/ryl.yml"
    other = "https://github.com/shop/website/blob/main/modelbook/ryl.yml"
    cards = {"tips.yml": build_model("tips", more=f"links:\n  old: {link}\n  other: {other}\n")}
    files = {"shop/search": {"modelbook.yml": RYL}, "shop/web": {"modelbook/a.yml": build_model("a")}}
    (finding,) = find(write_collected_book(tmp_path, files, cards, [FORMER]), "MB026")
    assert (finding.severity, finding.position.line) == (Severity.INFO, 9)
    assert "modelbook/ryl.yml in shop/web" in finding.message
    assert "modelbook.yml:1 in shop/search (owner: ranking)" in finding.message


def test_a_proposed_id_names_the_repository_of_its_card(tmp_path):
    cards = {"tips.yml": build_model("tips", "rankin")}
    files = {"shop/org": {"modelbook.yml": "kind: team\nid: rankings\nname: R\n"}}
    (finding,) = find(write_collected_book(tmp_path, files, cards), "MB101")
    assert finding.hint == "did you mean 'ranking'?"
    (tmp_path / "cards/teams.yml").write_text(TEAMS.replace("ranking", "sauces").replace("Ranking", "S"))
    (finding,) = find(tmp_path, "MB101")
    assert finding.hint == "did you mean 'rankings' (modelbook.yml in shop/org)?"


def test_an_edited_a_missing_and_an_unknown_file_are_errors_with_a_fix(tmp_path):
    files = {"shop/web": {"modelbook/ryl.yml": RYL, "modelbook/b.yml": build_model("b")}}
    root = write_collected_book(tmp_path, files)
    folder = root / "cards/collected/shop/web/modelbook"
    (folder / "ryl.yml").write_text(RYL.replace("Ranks", "Sorts"))
    (folder / "b.yml").unlink()
    (folder / "c.json").write_text("{}")
    (folder / ".gitignore").write_text("*")
    found = find(root, "MB027")
    assert [(one.position.file.rpartition("/")[2], one.severity) for one in found] == [
        ("b.yml", Severity.ERROR),
        ("c.json", Severity.ERROR),
        ("ryl.yml", Severity.ERROR),
    ]
    assert found[0].hint == "run `modelbook collect --locked`"
    assert "in shop/web at commit 3f2a91c07b" in found[2].message
    assert str(found[2].source) == "modelbook/ryl.yml:1 in shop/web"


def test_a_collected_file_that_is_a_link_differs(tmp_path):
    root = write_collected_book(tmp_path, {"shop/web": {"modelbook/ryl.yml": RYL}})
    path = root / "cards/collected/shop/web/modelbook/ryl.yml"
    path.rename(root / "cards/copy.txt")
    path.symlink_to(root / "cards/copy.txt")
    (finding,) = find(root, "MB027")
    assert "is a link" in finding.message


def test_changed_line_endings_are_named(tmp_path):
    root = write_collected_book(tmp_path, {"shop/web": {"modelbook/ryl.yml": RYL}})
    (root / "cards/collected/shop/web/modelbook/ryl.yml").write_bytes(RYL.replace("\n", "\r\n").encode())
    (finding,) = find(root, "MB027")
    assert "line endings" in finding.message


def test_without_the_collected_files_there_is_one_finding_a_repository_and_no_unresolved_reference(tmp_path):
    uses = "uses: [{model: ryl, why: It orders.}, {model: b, why: It sorts.}]\n"
    cards = {"feed.yml": f"kind: system\nid: feed\nname: F\ntype: service\nsummary: S.\nowners: [kitchen]\n{uses}"}
    files = {"shop/web": {"a.yml": RYL, "b.yml": build_model("b")}, "shop/org": {"modelbook.yml": build_model("c")}}
    root = write_collected_book(tmp_path, files, cards)
    (root / "cards/collected").rename(root / "elsewhere")
    found = [one for one in open_book(root).findings if one.severity is Severity.ERROR]
    assert [(one.code, one.position.file) for one in found] == [("MB027", "collect.lock")] * 2
    (waiting,) = find(root, "MB105")
    assert waiting.message == "2 references to cards in missing files cannot be checked"


def test_a_folder_of_the_author_called_collected_is_no_finding_without_a_lock_file(tmp_path):
    root = write_collected_book(tmp_path, {}, {"collected/ryl.yml": RYL})
    assert find(root, "MB027") == []
    (root / "collect.lock").unlink()
    assert find(root, "MB027", "MB028") == []


@pytest.mark.parametrize(
    "text", ["", "{", "<<<<<<< ours\n", '{"collect": 2}', "\xff", '{"collect": 1, "repositories": 3}']
)
def test_a_broken_lock_file_is_one_finding(tmp_path, text):
    root = write_collected_book(tmp_path, {"shop/web": {"modelbook/ryl.yml": RYL}})
    (root / "collect.lock").write_text(text, "latin-1")
    (finding,) = [one for one in open_book(root).findings if one.severity is Severity.ERROR]
    assert (finding.code, finding.position.file) == ("MB028", "collect.lock")
    assert "`modelbook collect`" in finding.hint or "install" in finding.hint
    assert ("merge conflict" in finding.message) == ("<<<<" in text)


def test_a_lock_file_that_is_a_broken_link_is_a_finding(tmp_path):
    root = write_collected_book(tmp_path, {}, {"ryl.yml": RYL})
    (root / "collect.lock").unlink()
    (root / "collect.lock").symlink_to("gone")
    (finding,) = find(root, "MB028")
    assert "cannot be read" in finding.message


def test_a_former_card_with_any_text_is_no_traceback(tmp_path):
    former = FormerCard("no reference \0", "..", "/x", "")
    assert find(write_collected_book(tmp_path, {}, {"ryl.yml": RYL}, [former]), "MB025", "MB026") == []


def test_the_lock_file_belongs_to_the_digest_of_the_book(tmp_path):
    root = write_collected_book(tmp_path, {"shop/web": {"modelbook/ryl.yml": RYL}})
    before = open_book(root).cards.digest
    lock = root / "collect.lock"
    lock.write_text(lock.read_text().replace(COMMIT, "9c" * 20))
    assert open_book(root).cards.digest != before


@pytest.mark.parametrize(("form", "length"), [("sha1", 40), ("sha256", 64)])
def test_the_id_of_a_blob_is_that_of_git(tmp_path, form, length):
    subprocess.run(["git", "init", "-q", f"--object-format={form}", tmp_path], check=True)
    content = "a\r\né\0".encode()
    (tmp_path / "a").write_bytes(content)
    command = ["git", "-C", str(tmp_path), "hash-object", "--no-filters", "a"]
    expected = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    assert len(expected) == length
    assert is_blob(content, expected)
    assert not is_blob(content + b"\n", expected)


def test_a_contract_file_of_a_repository_is_found_next_to_its_card(tmp_path):
    card = build_model("ryl", more="contract:\n  request: {$ref: schemas/ryl.json}\n")
    files = {"shop/web": {"modelbook/ryl.yml": card, "modelbook/schemas/ryl.json": '{"type": "object"}'}}
    project = open_book(write_collected_book(tmp_path, files))
    assert project.cards.by_ref[Ref("model", "ryl")].card.contract.request == {"type": "object"}  # type: ignore[attr-defined]
    assert [one for one in project.findings if one.code in {"MB015", "MB027"}] == []


def test_a_collected_card_reads_no_file_outside_of_the_cards(tmp_path):
    card = build_model("ryl", more="contract:\n  request: {$ref: ../../../../../mkdocs.yml}\n")
    root = write_collected_book(tmp_path, {"shop/web": {"modelbook/ryl.yml": card}})
    (finding,) = find(root, "MB006")
    assert str(finding.source) == "modelbook/ryl.yml:9 in shop/web"


def test_a_finding_about_x_allow_names_the_place_in_the_repository(tmp_path):
    card = build_model("ryl", more="x-allow: {MB405: the model is reviewed each year}\n")
    (finding,) = find(write_collected_book(tmp_path, {"shop/web": {"modelbook/ryl.yml": card}}), "MB020")
    assert str(finding.source) == "modelbook/ryl.yml:8 in shop/web"


def test_a_secret_in_a_collected_card_is_found_and_redacted(tmp_path):
    secret = "ghp_" + "A1b2C3d4E5f6G7h8I9j0" + "K1l2M3n4O5p6Q7r8"
    card = build_model("ryl", more=f"notes: the token is {secret}\n")
    project = open_book(write_collected_book(tmp_path, {"shop/web": {"modelbook/ryl.yml": card}}))
    (finding,) = [one for one in project.findings if one.code == "MB312"]
    assert str(finding.source) == "modelbook/ryl.yml:8 in shop/web"
    assert secret not in str(dict(project.texts))
    assert project.cards.by_ref[Ref("model", "ryl")].origin is not None
