"""The records of a scan: counted places, common words, counts of retired strings, merged with earlier ones."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from generator.evidence.code import MOST_FILES, build_code_records
from generator.evidence.files import render_records
from generator.evidence.matching import Hit
from generator.evidence.names import SearchName
from generator.evidence.records import CodePlace, CodeRecord, CodeUse, Evidence, FileClass, NameKind
from generator.evidence.scan import RepositoryScan
from generator.graph.edges import Graph
from generator.names import Ref
from tests.answers.books import book

RYL = SearchName("ryl-ranker", "model:ryl-ranker", NameKind.ID)
DISH = SearchName("DishSearch", "model:dishes", NameKind.ALIAS)
HOST = SearchName("scorer.internal", "migration:to-kserve", NameKind.RETIRED)
CARDS = {
    "all.yml": """
kind: model
id: ryl-ranker
name: RYL
summary: s
lifecycle: production
serving: online
repo: ml/models
paths: [ryl/]
---
kind: model
id: dishes
name: Dishes
aliases: [DishSearch]
summary: s
lifecycle: production
serving: online
---
kind: system
id: feed
name: Feed
type: service
repo: food/feed
uses: [{model: dishes, why: w}]
---
kind: system
id: cart
name: Cart
type: service
repo: food/cart
---
kind: migration
id: to-kserve
name: To KServe
status: running
moves: [model:ryl-ranker]
retires:
  - text: scorer.internal
    except: [{at: redirects/, why: it stays}]
""".lstrip()
}


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    return book(tmp_path, CARDS)


def hit(name: SearchName, line: int = 1, cls: FileClass = FileClass.CODE, *, strong: bool = False) -> Hit:
    return Hit(name, line, 5, name.text, cls, strong)


def scan(repo: str, hits: Iterable[tuple[str, Hit]] = (), on: date = date(2026, 11, 1)) -> RepositoryScan:
    return RepositoryScan(repo, "", f"c{on:%m%d}", on, 10, {}, tuple(hits))


def list_uses(records: Iterable[CodeRecord]) -> list[tuple[str, str, str, FileClass, int]]:
    uses = [one for one in records if isinstance(one, CodeUse)]
    return sorted((one.ref, one.repo, one.system, one.cls, one.count) for one in uses)


def test_a_record_counts_all_places_and_names_the_first_three(graph: Graph):
    hits = [(f"src/{file}.py", hit(RYL, line)) for file in "ba" for line in (7, 2)]
    (use,) = (one for one in build_code_records([scan("food/feed", hits)], graph) if isinstance(one, CodeUse))
    assert (use.count, use.system, use.name, use.first_seen) == (4, "system:feed", "ryl-ranker", date(2026, 11, 1))
    assert use.places == (CodePlace("src/a.py", 2, 5), CodePlace("src/a.py", 7, 5), CodePlace("src/b.py", 2, 5))


def test_there_is_a_record_for_each_name_repository_system_and_class(graph: Graph):
    hits = [("a.py", hit(RYL)), ("a.yaml", hit(RYL, cls=FileClass.CONFIG)), ("b.py", hit(DISH))]
    own = [("ryl/train.py", hit(RYL)), ("tools/x.py", hit(RYL))]
    assert list_uses(build_code_records([scan("food/feed", hits), scan("ml/models", own)], graph)) == [
        ("model:dishes", "food/feed", "system:feed", "code", 1),
        ("model:ryl-ranker", "food/feed", "system:feed", "code", 1),
        ("model:ryl-ranker", "food/feed", "system:feed", "config", 1),
        ("model:ryl-ranker", "ml/models", "", "code", 1),
        ("model:ryl-ranker", "ml/models", "model:ryl-ranker", "code", 1),
    ]


def test_a_deployment_configures_what_it_names(tmp_path: Path):
    charts = "---\nkind: system\nid: charts\nname: Charts\ntype: deployment\nrepo: ops/charts\n"
    charts += "uses: [{model: dishes, why: w}]\n"
    proxy = charts.replace("charts", "proxy").replace("deployment", "service") + "paths: [proxy/]\n"
    proxy = proxy.replace("ops/proxy", "ops/charts")
    retired = "---\nkind: system\nid: old-feed\nname: Old\ntype: service\nlifecycle: retired\n"
    graph = book(tmp_path, {"all.yml": CARDS["all.yml"] + charts + proxy + retired})
    old = SearchName("old-feed", "system:old-feed", NameKind.ID)
    hits = [("a.yaml", hit(name)) for name in (RYL, DISH, HOST, old)] + [("proxy/a.yaml", hit(RYL))]
    assert [(use[0], use[2]) for use in list_uses(build_code_records([scan("ops/charts", hits)], graph))] == [
        ("migration:to-kserve", "system:charts"),
        ("model:dishes", "system:charts"),  # its card declares the use
        ("model:ryl-ranker", "model:ryl-ranker"),
        ("model:ryl-ranker", "system:proxy"),
        ("system:old-feed", "system:charts"),  # to be removed
    ]


@pytest.mark.parametrize("deployment", ["charts", "zcharts"])
def test_another_system_with_the_repository_of_a_deployment_uses_what_it_names(tmp_path: Path, deployment: str):
    systems = f"---\nkind: system\nid: {deployment}\nname: Charts\ntype: deployment\nrepo: ops/web\n"
    systems += "---\nkind: system\nid: web\nname: Web\ntype: service\nrepo: ops/web\n"
    graph = book(tmp_path, {"all.yml": CARDS["all.yml"] + systems})
    uses = list_uses(build_code_records([scan("ops/web", [("a.py", hit(RYL))])], graph))
    assert [(use[0], use[2]) for use in uses] == [("model:ryl-ranker", "system:web")]


def test_all_live_places_of_a_retired_string_are_named(graph: Graph):
    hits = [("a.py", hit(HOST, line)) for line in range(1, 21)]
    hits += [("a.md", hit(HOST, line, FileClass.DOCS)) for line in range(1, 21)]
    uses = [one for one in build_code_records([scan("food/feed", hits)], graph) if isinstance(one, CodeUse)]
    assert {one.cls: (one.count, len(one.places)) for one in uses} == {"code": (20, 20), "docs": (20, 3)}


def test_a_use_keeps_the_day_on_which_it_was_first_seen(graph: Graph):
    first = build_code_records([scan("food/feed", [("a.py", hit(RYL))])], graph)
    later = scan("food/feed", [("b.py", hit(RYL)), ("c.py", hit(DISH))], date(2026, 11, 9))
    uses = [one for one in build_code_records([later], graph, first) if isinstance(one, CodeUse)]
    assert {one.name: (one.first_seen, one.committed_on) for one in uses} == {
        "ryl-ranker": (date(2026, 11, 1), date(2026, 11, 9)),
        "DishSearch": (date(2026, 11, 9), date(2026, 11, 9)),
    }


def test_records_of_other_repositories_stay_unless_they_are_gone(graph: Graph):
    first = build_code_records([scan("food/cart", [("a.py", hit(RYL))]), scan("food/old", [("a.py", hit(RYL))])], graph)
    now = [scan("food/feed", [("a.py", hit(RYL))])]
    merged = build_code_records(now, graph, first, kept=lambda repo: repo != "food/old")
    assert [use[1] for use in list_uses(merged)] == ["food/cart", "food/feed"]
    assert {one.repo for one in Evidence(merged).repositories} == {"food/cart", "food/feed"}
    again = build_code_records([scan("food/cart")], graph, merged)
    assert [use[1] for use in list_uses(again)] == ["food/feed"]


def test_records_of_names_that_left_the_book_are_dropped(graph: Graph, tmp_path: Path):
    first = build_code_records([scan("food/cart", [("a.py", hit(RYL)), ("a.py", hit(HOST))])], graph)
    text = CARDS["all.yml"].replace("scorer.internal", "other.internal")
    changed = book(tmp_path / "changed", {"all.yml": text})
    assert [use[0] for use in list_uses(build_code_records([scan("food/feed")], changed, first))] == [
        "model:ryl-ranker"
    ]


def test_a_scan_without_changes_gives_the_same_file(graph: Graph):
    scans = [scan("food/feed", [("a.py", hit(RYL)), ("b.py", hit(HOST))]), scan("food/cart")]
    first = build_code_records(scans, graph)
    assert render_records(build_code_records(reversed(scans), graph, first)) == render_records(first)


def test_a_quiet_repository_is_known_up_to_the_newest_commit_of_the_scan(graph: Graph):
    quiet, busy = scan("food/cart", on=date(2025, 3, 1)), scan("food/feed", on=date(2026, 11, 9))
    first = build_code_records([quiet, busy], graph)
    assert {one.known_on for one in Evidence(first).repositories} == {date(2026, 11, 9)}
    alone = build_code_records([quiet], graph, first)
    assert {one.known_on for one in Evidence(alone).repositories} == {date(2026, 11, 9)}


def test_a_commit_from_a_wrong_clock_does_not_make_the_scan_recent(graph: Graph):
    scans = [scan("food/cart", on=date(2099, 1, 1)), scan("food/feed", on=date(2026, 11, 9))]
    first = build_code_records(scans, graph, today=date(2026, 11, 20))
    assert {one.known_on for one in Evidence(first).repositories} == {date(2026, 11, 9)}
    wrong = build_code_records(scans, graph)
    (healed,) = Evidence(build_code_records([scans[1]], graph, wrong, today=date(2026, 11, 20))).burn_downs.values()
    assert [day for day, _ in healed.counts] == [date(2026, 11, 9)]


def test_a_word_in_many_files_of_one_repository_counts_in_strong_positions_only(graph: Graph):
    hits = [(f"{number}.py", hit(DISH)) for number in range(MOST_FILES + 1)]
    strong = ("config.yaml", hit(DISH, cls=FileClass.CONFIG, strong=True))
    records = build_code_records([scan("food/cart", [*hits, strong])], graph)
    assert list_uses(records) == [(DISH.ref, "food/cart", "system:cart", "config", 1)]
    assert [one.reason for one in Evidence(records).weak_names] == ["alone in more than 20 files of food/cart"]
    fewer = build_code_records([scan("food/cart", hits[1:])], graph)
    assert [use[-1] for use in list_uses(fewer)] == [MOST_FILES]
    assert Evidence(fewer).weak_names == ()


def test_declared_uses_the_own_code_and_dead_files_do_not_make_a_name_common(graph: Graph):
    files = [f"ryl/{number}" for number in range(MOST_FILES + 1)]
    records = build_code_records(
        [
            scan("ml/models", [(f"{file}.py", hit(RYL)) for file in files]),
            scan("food/feed", [(f"{file}.py", hit(DISH)) for file in files]),
            scan("food/cart", [(f"{file}.md", hit(DISH, cls=FileClass.DOCS)) for file in files]),
        ],
        graph,
    )
    assert Evidence(records).weak_names == ()


def test_a_model_that_many_systems_of_one_repository_use_is_not_common(tmp_path: Path):
    systems = "".join(
        f"---\nkind: system\nid: s{number}\nname: S\ntype: job\nrepo: food/mono\npaths: [s{number}/]\n"
        for number in range(MOST_FILES + 1)
    )
    graph = book(tmp_path, {"all.yml": CARDS["all.yml"] + systems})
    hits = [(f"s{number}/a.py", hit(RYL)) for number in range(MOST_FILES + 1)]
    records = build_code_records([scan("food/mono", hits)], graph)
    assert Evidence(records).weak_names == ()
    assert len(list_uses(records)) == MOST_FILES + 1


@pytest.mark.parametrize(("repositories", "common"), [(4, False), (5, True)])
def test_a_word_in_a_tenth_of_many_repositories_is_common(graph: Graph, repositories: int, common: bool):
    scans = [scan(f"food/{number}", [("a.py", hit(DISH))] if number < repositories else []) for number in range(20)]
    records = build_code_records(scans, graph)
    assert [one.name for one in Evidence(records).weak_names] == (["DishSearch"] if common else [])
    assert len(list_uses(records)) == (0 if common else repositories)


def test_a_clear_name_in_many_files_of_one_repository_is_a_use(graph: Graph):
    hits = [(f"{number}.py", hit(RYL)) for number in range(MOST_FILES + 1)]
    records = build_code_records([scan("food/cart", hits)], graph)
    assert [use[-1] for use in list_uses(records)] == [MOST_FILES + 1]
    assert Evidence(records).weak_names == ()


def test_a_clear_name_in_many_repositories_is_a_use_in_each(graph: Graph):
    records = build_code_records([scan(f"food/{number}", [("a.py", hit(RYL))]) for number in range(8)], graph)
    assert Evidence(records).weak_names == ()
    assert len(list_uses(records)) == 8


def test_a_use_that_a_card_declares_is_undecided_if_its_name_is_common(graph: Graph):
    hits = [(f"{number}.py", hit(DISH)) for number in range(MOST_FILES + 1)]
    records = build_code_records([scan("food/cart", hits), scan("food/feed", [("a.py", hit(DISH))])], graph)
    (weak,) = Evidence(records).weak_names
    assert weak.undecided == ("system:feed",)
    partial = Evidence(build_code_records([scan("food/other", [("a.py", hit(DISH))])], graph, records))
    assert [one.undecided for one in partial.weak_names] == [("system:feed",)]
    assert partial.list_records(CodeUse, Ref("model", "dishes")) == ()


def test_a_short_name_outside_of_strong_positions_is_undecided_where_a_card_declares_the_use(tmp_path: Path):
    eta = SearchName("eta", "model:dishes", NameKind.ALIAS)
    graph = book(tmp_path, {"all.yml": CARDS["all.yml"].replace("DishSearch", "eta")})
    scans = [scan("food/feed", [("a.py", hit(eta))]), scan("food/cart", [("a.py", hit(eta)), ("b.py", hit(eta))])]
    records = build_code_records(scans, graph, (), [eta])
    assert list_uses(records) == []
    assert [one.undecided for one in Evidence(records).weak_names] == [("system:feed",)]


def test_short_names_are_recorded_once_and_names_of_other_kinds_are_not(graph: Graph):
    names = [
        SearchName("eta", "model:ryl-ranker", NameKind.ALIAS),
        SearchName("city", "model:ryl-ranker", NameKind.FEATURE),
        RYL,
    ]
    weak = Evidence(build_code_records([scan("food/cart")], graph, (), names)).weak_names
    assert [(one.name, one.reason) for one in weak] == [("eta", "fewer than 5 characters")]


def test_the_count_of_a_retired_string_is_written_when_it_changes(graph: Graph):
    def count(day: int, hits: Iterable[tuple[str, Hit]], before: Iterable[CodeRecord]) -> tuple[CodeRecord, ...]:
        return build_code_records([scan("food/feed", hits, date(2026, 11, day))], graph, before)

    first = count(
        1,
        [("a.py", hit(HOST)), ("b.yaml", hit(HOST, cls=FileClass.CONFIG)), ("a.md", hit(HOST, cls=FileClass.DOCS))],
        (),
    )
    same = count(3, [("a.py", hit(HOST)), ("c.py", hit(HOST))], first)
    kept = count(5, [("redirects/old.conf", hit(HOST, cls=FileClass.CONFIG))], same)
    (course,) = Evidence(kept).burn_downs.values()
    assert course.counts == ((date(2026, 11, 1), 2), (date(2026, 11, 5), 0))


def test_a_place_in_code_that_two_cards_share_belongs_to_the_one_that_declares_the_use(tmp_path: Path):
    graph = book(tmp_path, {"all.yml": CARDS["all.yml"].replace("food/cart", "food/feed")})
    hits = [("a.py", hit(DISH)), ("a.py", hit(RYL))]
    assert [(use[0], use[2]) for use in list_uses(build_code_records([scan("food/feed", hits)], graph))] == [
        ("model:dishes", "system:feed"),
        ("model:ryl-ranker", "system:cart"),
    ]


def test_code_that_several_models_share_uses_none_of_the_others(tmp_path: Path):
    cards = CARDS["all.yml"].replace("paths: [ryl/]\n", "")
    eta = cards.partition("---")[0].replace("ryl-ranker", "eta")
    graph = book(tmp_path, {"all.yml": f"{cards}---\n{eta}"})
    hits = [("a.py", hit(name)) for name in (DISH, RYL, HOST)]
    assert [(use[0], use[2]) for use in list_uses(build_code_records([scan("ml/models", hits)], graph))] == [
        ("migration:to-kserve", "model:eta"),
        ("model:dishes", ""),
        ("model:ryl-ranker", "model:ryl-ranker"),
    ]
