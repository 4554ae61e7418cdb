"""The comparison of code with cards, case by case; each rule also has an example."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec
import pytest

from generator.checks import RULES, RuleContext, check
from generator.checks.baseline import compare_revisions
from generator.evidence.records import CodeRecord, Evidence, FileClass, NameKind, ScannedRepository, WeakName
from generator.findings import Severity
from tests.checks.books import build_context
from tests.evidence.records import COMMIT, code_use, scanned

CARDS = """
kind: model
id: ryl
name: RYL
summary: s
lifecycle: production
serving: online
features: [profile:city]
---
kind: model
id: old-ranker
name: Old
summary: s
lifecycle: retired
serving: online
---
kind: system
id: feed
name: Feed
type: service
repo: food/feed
depends_on: [topic:orders.v1]
---
kind: system
id: cart
name: Cart
type: service
lifecycle: retired
---
kind: person
id: rohan
name: Rohan
email: rohan@example.com
left_on: 2026-08-31
---
kind: migration
id: to-kserve
name: To KServe
status: running
moves: [model:ryl]
retires: [old.host]
""".lstrip()
RULES_OF_CODE = [checked for checked in RULES if checked.rule.code.startswith("MB70")]


def build(tmp_path: Path, *records: CodeRecord, cards: str = CARDS) -> RuleContext:
    context, _ = build_context({"all.yml": cards}, tmp_path / "cards")
    return replace(context, evidence=Evidence(records))


def find(tmp_path: Path, *records: CodeRecord, cards: str = CARDS) -> list[tuple[str, str, str]]:
    findings = check(build(tmp_path, *records, cards=cards), RULES_OF_CODE)
    return [(one.code, str(one.subject), one.message) for one in findings]


def codes(tmp_path: Path, *records: CodeRecord, cards: str = CARDS) -> list[str]:
    return [code for code, _, _ in find(tmp_path, *records, cards=cards)]


def test_a_book_without_evidence_has_no_finding_about_it(tmp_path: Path):
    assert find(tmp_path) == []


def test_several_records_of_one_use_are_one_finding_with_the_first_places(tmp_path: Path):
    uses = [
        code_use(system="system:feed", cls=FileClass.CODE, places=(("a.py", 10), ("a.py", 9)), count=7),
        code_use(system="system:feed", cls=FileClass.CONFIG, places=(("a.yaml", 3), ("z.yaml", 3))),
        code_use(system="system:feed", cls=FileClass.TEST, places=(("t.py", 3),)),
    ]
    ((code, subject, message),) = find(tmp_path, *uses)
    assert (code, subject) == ("MB701", "system:feed")
    assert message.partition(": food")[0] == "code of system:feed uses model:ryl, but no card declares it"
    assert message.endswith("food/feed:a.py:9:1, food/feed:a.py:10:1, food/feed:a.yaml:3:1 and 6 more")


def test_code_of_no_card_is_reported_at_the_target_with_its_repository(tmp_path: Path):
    (finding,) = check(build(tmp_path, code_use(repo="food/tools")), RULES_OF_CODE)
    assert (finding.code, str(finding.subject)) == ("MB701", "model:ryl")
    assert finding.message.startswith("code of food/tools uses model:ryl, but no card has this code: food/tools:config")
    assert finding.hint.startswith("add `repo: food/tools` to the card")
    (known,) = check(build(tmp_path, code_use(repo="food/feed")), RULES_OF_CODE)
    assert known.hint.startswith("add the folder under `paths:`")
    model = (
        "---\n{kind: model, id: eta, name: ETA, summary: s, lifecycle: production, serving: online, repo: ml/models}\n"
    )
    (shared,) = check(build(tmp_path / "shared", code_use(repo="ml/models"), cards=f"{CARDS}{model}"), RULES_OF_CODE)
    assert "of the system, or of model:ryl if it is its own code" in shared.hint


def test_a_model_whose_repository_names_another_model_is_told_how_to_share_it(tmp_path: Path):
    model = "kind: model\nid: eta\nname: ETA\nsummary: s\nlifecycle: production\nserving: online\nrepo: ml/models\n"
    use = code_use(repo="ml/models", system="model:eta")
    (finding,) = check(build(tmp_path, use, cards=f"{CARDS}---\n{model}"), RULES_OF_CODE)
    assert (finding.code, finding.severity, str(finding.subject)) == ("MB701", Severity.INFO, "model:eta")
    assert finding.message.startswith("code of model:eta uses model:ryl, but no card declares it: ml/models:")
    assert finding.hint.startswith("if it is the code of model:ryl, add `repo: ml/models` to its card; ")
    assert codes(tmp_path / "folder", use, cards=f"{CARDS}---\n{model}paths: [eta/]\n") == []


def test_a_system_that_only_writes_a_resource_is_told_to_name_the_step(tmp_path: Path):
    def find_hint(target: str) -> str:
        uses = code_use(target, system="system:feed")
        cards = f"{CARDS}---\nkind: resource\nid: eaters\ntype: table\n---\nkind: system\nid: crm\nname: C\ntype: app\n"
        (finding,) = check(build(tmp_path / target.partition(":")[0], uses, cards=cards), RULES_OF_CODE)
        return finding.hint or ""

    assert find_hint("table:eaters").endswith(
        "; if system:feed only writes it, add a step with `writes: table:eaters` to a flow instead"
    )
    assert find_hint("system:crm") == "add `system:crm` under `depends_on:`, or run `modelbook scan --fix`"


@pytest.mark.parametrize("record", [
    code_use("model:ryl", "model:ryl"),  # its own code
    code_use("model:ryl", "model:old-ranker"),  # training code; a model has no `uses:`
    code_use("topic:orders.v1", "system:feed"),  # declared
    code_use("model:ryl", "system:feed", cls=FileClass.COMMENT),
    code_use("model:ryl", "system:cart"),  # a retired system
    code_use("model:gone", "system:feed"),
    code_use("experiment:x", "system:feed"),
])  # fmt: skip
def test_these_are_no_undocumented_uses(tmp_path: Path, record: CodeRecord):
    assert "MB701" not in codes(tmp_path, record)


def test_a_resource_without_a_card_is_reported_at_the_card_that_names_it(tmp_path: Path):
    found = find(tmp_path, code_use("feature_view:profile", repo="food/tools", kind=NameKind.FEATURE))
    assert [(code, subject) for code, subject, _ in found] == [("MB701", "model:ryl")]
    (code, subject, _), = find(tmp_path, code_use("feature_view:profile", "system:feed"))  # fmt: skip
    assert (code, subject) == ("MB701", "system:feed")


USING = CARDS.replace("depends_on", "uses: [{model: ryl, why: w}]\ndepends_on")
CONSUMING = CARDS.replace("features: [profile:city]", "consumers: [{system: feed, why: w}]")


@pytest.mark.parametrize(("cards", "subject"), [(USING, "system:feed"), (CONSUMING, "model:ryl")])
def test_a_declared_use_that_no_code_has_is_reported_where_it_is_declared(tmp_path: Path, cards: str, subject: str):
    assert [one[:2] for one in find(tmp_path, scanned(), cards=cards)] == [("MB702", subject)]
    assert "MB702" not in codes(tmp_path, scanned(), code_use(system="system:feed"), cards=cards)
    dead = code_use(system="system:feed", cls=FileClass.DOCS)
    assert "MB702" in codes(tmp_path, scanned(), dead, cards=cards)


def test_a_use_is_not_missed_where_the_search_cannot_decide(tmp_path: Path):
    def weak(name: str, *undecided: str) -> WeakName:
        return WeakName(ref="model:ryl", kind=NameKind.ALIAS, name=name, reason="r", undecided=undecided)

    assert "MB702" not in codes(tmp_path, scanned(missing=1), cards=USING)
    assert "MB702" not in codes(tmp_path, scanned("food/other"), cards=USING)
    assert "MB702" not in codes(tmp_path, scanned(), weak("eta", "system:feed"), cards=USING)
    assert "MB702" in codes(tmp_path, scanned(), weak("eta"), cards=USING)
    assert "MB702" not in codes(tmp_path, scanned(), weak("ryl-ranker", "system:feed"), cards=USING)
    assert "MB702" in codes(tmp_path, scanned(), weak("ryl-ranker"), cards=USING)


@pytest.mark.parametrize(
    ("status", "severity"),
    [("planned", Severity.INFO), ("running", Severity.WARNING), ("done", Severity.ERROR), ("rolled_back", None)],
)
def test_a_retired_string_is_an_error_once_the_migration_is_done(
    tmp_path: Path, status: str, severity: Severity | None
):
    retired = replace_name(code_use("migration:to-kserve", kind=NameKind.RETIRED), "old.host")
    found = check(build(tmp_path, retired, cards=CARDS.replace("running", status)), RULES_OF_CODE)
    assert [one.severity for one in found] == ([severity] if severity else [])


def test_a_wave_that_completes_the_migration_is_refused(tmp_path: Path):
    retired = replace_name(code_use("migration:to-kserve", kind=NameKind.RETIRED), "old.host")
    waves = "waves:\n  - {traffic: 10, done_on: 2026-10-01}\n  - {traffic: 100%s}\nretires"
    for done, severity in (("", Severity.WARNING), (", done_on: 2026-11-01", Severity.ERROR)):
        cards = CARDS.replace("retires", waves % done)
        (finding,) = check(build(tmp_path, retired, cards=cards), RULES_OF_CODE)
        assert (finding.code, finding.severity) == ("MB703", severity)


def replace_name(use: CodeRecord, name: str) -> CodeRecord:
    return msgspec.structs.replace(use, name=name)


def test_names_of_retired_models_in_live_code_are_reported_once(tmp_path: Path):
    uses = [code_use("model:old-ranker", "system:feed"), code_use("model:old-ranker", repo="food/x")]
    (found,) = find(tmp_path, *uses)
    assert found[:2] == ("MB703", "model:old-ranker")
    assert "food/feed:config/app.yaml:3:1, food/x:config/app.yaml:3:1" in found[2]


TEST = """
---
kind: experiment
id: ab
name: AB
status: {}
where: system:feed
cleanup: {{due: 2026-10-01, items: [{{remove: "rule:new_order"{}}}]}}
"""


def find_test_uses(tmp_path: Path, status: str, done: str = "") -> list[tuple[str, str, str]]:
    uses = [code_use("rule:new_order", "system:feed"), code_use("rule:new_order", repo="food/x")]
    cards = CARDS.rstrip() + TEST.format(status, done)
    found = check(build(tmp_path, *uses, cards=cards), RULES_OF_CODE)
    return [(one.code, str(one.subject), f"{one.severity}: {one.message.partition(': food')[0]}") for one in found]


def test_a_finished_test_has_to_remove_what_it_leaves_behind_in_code(tmp_path: Path):
    left = "rule:new_order must be removed after experiment:ab, but is still in code or configuration"
    assert find_test_uses(tmp_path / "a", "concluded") == [("MB703", "experiment:ab", f"warning: {left}")]
    removed = left.replace("must be", "was")
    done = find_test_uses(tmp_path / "b", "cleaned", ", done_on: 2026-10-01")
    assert done == [("MB703", "experiment:ab", f"warning: {removed}")]
    later = find_test_uses(tmp_path / "c", "concluded", ", due: 2027-01-01")
    assert later == [("MB703", "experiment:ab", f"info: {left.replace('but is still', 'and is')}")]


def test_a_running_test_that_uses_a_removed_name_again_is_no_left_over(tmp_path: Path):
    again = TEST.format("running", "").replace("id: ab", "id: cd").replace("name: AB", "name: CD")
    uses = [code_use("rule:new_order", "system:feed"), code_use("rule:new_order", repo="food/x")]
    cards = CARDS.rstrip() + TEST.format("concluded", ", done_on: 2026-10-01") + again.lstrip()
    (finding,) = check(build(tmp_path, *uses, cards=cards), RULES_OF_CODE)
    assert finding.code == "MB701"
    assert finding.message.startswith("code of food/x uses rule:new_order")


def test_what_a_finished_test_leaves_in_a_deployment_is_reported_too(tmp_path: Path):
    charts = "---\nkind: system\nid: charts\nname: Charts\ntype: deployment\nrepo: food/charts\n"
    places = (("fee/values.yaml", 3), ("fee/values.yaml", 9))
    own = code_use("model:ryl", "model:ryl", repo="food/ryl")
    deployed = code_use("model:ryl", "model:ryl", repo="food/charts", places=places)
    cards = CARDS + charts + TEST.format("concluded", "").lstrip().replace("rule:new_order", "model:ryl")
    (finding,) = check(build(tmp_path, own, deployed, cards=cards), RULES_OF_CODE)
    assert finding.message.partition(": ")[2] == "food/charts:fee/values.yaml:3:1, food/charts:fee/values.yaml:9:1"


def test_the_system_that_runs_a_test_need_not_declare_what_the_test_creates(tmp_path: Path):
    ((code, subject, message),) = find_test_uses(tmp_path, "running")
    assert (code, subject) == ("MB701", "experiment:ab")
    assert message == "warning: code of food/x uses rule:new_order, but no card has this code"


def test_addresses_in_configuration_are_where_they_belong(tmp_path: Path):
    in_code = code_use("model:ryl", "system:feed", cls=FileClass.CODE, kind=NameKind.URL)
    in_configuration = code_use("model:ryl", "system:feed", kind=NameKind.HOST)
    assert codes(tmp_path, in_code, cards=USING) == ["MB704"]
    assert codes(tmp_path, in_configuration, cards=USING) == []
    assert codes(tmp_path, code_use("model:ryl", "model:ryl", cls=FileClass.CODE, kind=NameKind.HOST)) == []


def test_a_common_name_is_reported_unless_the_card_has_a_clear_one(tmp_path: Path):
    weak = WeakName(ref="model:ryl", kind=NameKind.ID, name="ryl", reason="fewer than 5 characters")
    assert codes(tmp_path, weak) == ["MB705"]
    aliased = CARDS.replace("name: RYL", "name: RYL\naliases: [ryl-ranker]")
    assert codes(tmp_path, weak, cards=aliased) == []
    common = WeakName(ref="model:ryl", kind=NameKind.ALIAS, name="ryl-ranker", reason="r")
    assert codes(tmp_path, weak, common, cards=aliased) == ["MB705", "MB705"]
    assert codes(tmp_path, WeakName(ref="table:orders", kind=NameKind.ID, name="orders", reason="r")) == []


def test_an_old_scan_is_one_finding_at_the_file(tmp_path: Path):
    records = [scanned("food/feed", date(2026, 7, 1)), scanned("food/x", date(2026, 6, 1))]
    (finding,) = check(build(tmp_path, *records), RULES_OF_CODE)
    assert (finding.code, str(finding.position), finding.subject) == ("MB706", "evidence/code.jsonl:1:1", None)
    assert "newest scanned commit is of 2026-07-01" in finding.message


def test_a_quiet_repository_of_a_recent_scan_is_not_old(tmp_path: Path):
    quiet = ScannedRepository(
        repo="food/feed", commit=COMMIT, committed_on=date(2025, 1, 1), files=1, scanned_on=date(2026, 11, 18)
    )
    assert codes(tmp_path, quiet, scanned("food/x")) == []
    assert codes(tmp_path, scanned("food/feed", date(2025, 1, 1)), scanned("food/x")) == ["MB706"]


def test_files_that_were_left_out_are_counted_by_reason(tmp_path: Path):
    ((code, subject, message),) = find(tmp_path, scanned(binary=2, missing=1200, damaged=1))
    assert (code, subject) == ("MB707", "system:feed")
    assert message.endswith("files left out: 1 damaged, 1,200 missing")


@pytest.mark.parametrize(("kind", "system", "subject"), [
    (NameKind.PERSON, "system:feed", "system:feed"), (NameKind.EMAIL, "", "person:rohan"),
])  # fmt: skip
def test_leavers_are_reported_at_the_code_or_at_their_card(tmp_path: Path, kind: NameKind, system: str, subject: str):
    use = code_use("person:rohan", system, kind=kind)
    ((code, found, message),) = find(tmp_path, use)
    assert (code, found) == ("MB708", subject)
    assert "names 'rohan' (Rohan), who left on 2026-08-31" in message
    assert codes(tmp_path, use, cards=CARDS.replace("2026-08-31", "2026-12-31")) == []


def test_a_use_whose_lines_have_moved_is_not_new(tmp_path: Path):
    before, after = (
        check(build(tmp_path / str(line), code_use(system="system:feed", places=(("a.py", line),))), RULES_OF_CODE)
        for line in (3, 40)
    )
    assert before != after
    assert compare_revisions(after, before).new == []
