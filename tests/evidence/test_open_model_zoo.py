"""The uses of the models of Open Model Zoo in its demos: the real ones are found, and nothing else is.

`open_model_zoo.jsonl` has facts of https://github.com/openvinotoolkit/open_model_zoo (Apache-2.0, Copyright Intel
Corporation): the ids of its models with the folders of their own code and the demos that load them, and of the files
that name models the lines that do so. Most of these lines are no uses: prose, comments, tests, the models' own code.
"""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from generator.evidence.code import build_code_records
from generator.evidence.files import CODE_FILE, render_records
from generator.evidence.names import list_names
from generator.evidence.records import CodeUse, FileClass
from generator.evidence.scan import RepositoryScan, scan_repositories
from generator.findings import Finding
from tests.books import open_book, write_book
from tests.corpus import to_system_id
from tests.evidence.checkouts import make_checkout

REPOSITORY = "https://github.com/openvinotoolkit/open_model_zoo"
TODAY = date(2026, 11, 20)
EDGES = 565


class Zoo(NamedTuple):
    models: list[dict[str, Any]]
    files: dict[str, str]
    checkout: Path

    @property
    def edges(self) -> set[tuple[str, str]]:
        """The (system, model) of every use."""
        return {(to_system_id(demo), one["model"]) for one in self.models for demo in one["used_by"]}


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    lines = Path(__file__).with_name("open_model_zoo.jsonl").read_text("utf-8").splitlines()
    facts = [json.loads(line) for line in lines[1:]]
    files = {fact["path"]: "\n".join(fact["lines"]) + "\n" for fact in facts if "path" in fact}
    checkout = make_checkout(
        tmp_path_factory.mktemp("zoo") / "open_model_zoo", files, f"{REPOSITORY}.git", "2026-08-19"
    )
    return Zoo([fact for fact in facts if "model" in fact], files, checkout)


def scan(root: Path, zoo: Zoo, *, is_declared: bool) -> tuple[list[Finding], tuple[CodeUse, ...]]:
    """Scan the repository for a book whose systems declare every use, or none, and check the book with the result."""
    demos = sorted({demo for one in zoo.models for demo in one["used_by"]})
    cards: list[dict[str, Any]] = [{"kind": "team", "id": "zoo", "name": "Zoo", "channel": "#zoo"}]
    for demo in demos:
        used = [{"model": one["model"], "why": "w"} for one in zoo.models if demo in one["used_by"] and is_declared]
        cards.append({
            "kind": "system", "id": to_system_id(demo), "name": demo, "type": "app", "owners": ["zoo"],
            "repo": REPOSITORY, "paths": [f"demos/{demo}/"], "uses": used,
        })  # fmt: skip
    cards += (
        {
            "kind": "model", "id": one["model"], "name": one["model"], "summary": "s", "lifecycle": "production",
            "serving": "offline", "owners": ["zoo"], "repo": REPOSITORY, "paths": [one["folder"]],
        }
        for one in zoo.models
    )  # fmt: skip
    write_book(root, {"all.yml": "\n---\n".join(map(json.dumps, cards))})
    book = open_book(root)
    names = list_names((loaded.card for loaded in book.graph.cards.values()), book.graph.named, TODAY)
    scans = [one for one in scan_repositories([zoo.checkout], names) if isinstance(one, RepositoryScan)]
    records = build_code_records(scans, book.graph, (), names)
    (root / "evidence").mkdir()
    (root / "evidence" / CODE_FILE).write_bytes(render_records(records))
    return list(open_book(root).findings), tuple(one for one in records if isinstance(one, CodeUse))


def select(findings: list[Finding], *codes: str) -> list[str]:
    return [finding.message for finding in findings if finding.code in codes]


def test_cards_that_declare_no_use_get_the_real_uses_and_none_beside_them(tmp_path: Path, zoo: Zoo):
    findings, uses = scan(tmp_path, zoo, is_declared=False)
    assert len(zoo.edges) == EDGES
    expected = {f"code of system:{system} uses model:{model}, but no card declares it" for system, model in zoo.edges}
    assert sorted(text.partition(": openvino")[0] for text in select(findings, "MB701")) == sorted(expected)
    found = Counter(use.cls for use in uses)
    for cls in (FileClass.DOCS, FileClass.COMMENT, FileClass.TEST, FileClass.DATA, FileClass.TEXT):
        assert found[cls], f"the facts have no place of the class {cls}"
    assert any(use.cls.is_live and use.system == use.ref for use in uses), "no place in a model's own code"


def test_cards_that_declare_every_use_get_no_finding(tmp_path: Path, zoo: Zoo):
    findings, _ = scan(tmp_path, zoo, is_declared=True)
    assert select(findings, "MB701", "MB702", "MB707") == []


def test_half_of_the_uses_stand_as_patterns(tmp_path: Path, zoo: Zoo):
    """Without patterns, half of the declared uses would be reported as not found."""
    literal = {
        (to_system_id(str(Path(path).parent).removeprefix("demos/")), line)
        for path, text in zoo.files.items()
        for line in text.splitlines()
        if path.endswith("models.lst")
    }
    assert len(zoo.edges - literal) == 282
