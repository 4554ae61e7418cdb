"""Plans and results as text, comments and JSON."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.confluence.sync.report import checksum, plan_json, plan_markdown, plan_text, result_json, result_text
from generator.confluence.sync.values import (
    Action,
    Consent,
    DetachedComment,
    Failure,
    HoldReason,
    Marker,
    Outcome,
    Plan,
    Result,
)
from generator.confluence.wiki import Flavour
from tests.confluence.demo.server import VariantServer
from tests.confluence.publishing import Publisher, Sheet, publisher, render_facts
from tests.confluence.rest.test_rate_limit import NOW

GOLDENS = Path(__file__).parent / "goldens" / "show"
HOME = Sheet("page:home", "The book")
PANEL = render_facts(deployed_on="2025-11-03", consumers="feed, mail")
RYL = Sheet("model:ryl", "Restaurants", "page:home", f"{PANEL}<p>Ranks all restaurants nearby.</p>", ("model",))
OLD = Sheet("model:old", "Old picks", "page:home")
MINE = Sheet("model:mine", "Picks", "page:home", "<p>Picks `three` of </p><p>```all```</p>")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Build a plan with every kind of change."""
    made = Publisher(VariantServer(Flavour.CLOUD, now=_now), tmp_path / "site")
    for number in range(1, 5):  # one after the other, so that the ids in the golden are always the same
        made.publish([HOME, RYL, OLD, MINE][:number])
    made.edit("Picks", "Picks", "Chooses", message="<b>mine</b>")
    made.add_comment("Restaurants", "Ranks all restaurants")
    made.add_comment("Restaurants", "2025-11-03")
    made.create_unmanaged_page("Search")
    changed = replace(
        RYL,
        title="Places | to *eat*",
        html=RYL.html.replace("2025-11-03", "2026-02-01").replace("mail", "mail, search"),
        labels=("model", "eating"),
        pictures={"flow.png": b"1"},
    )
    new = Sheet("model:new", "New model", "model:ryl", '<p>New, see <a href="ryl.html">places</a></p>')
    taken = Sheet("model:search", "Search", "page:home")
    return made.plan([HOME, changed, MINE, new, taken], consent=Consent(comments=True))


def _now() -> datetime:
    return datetime.fromtimestamp(NOW, UTC)


@pytest.fixture
def result(plan: Plan) -> Result:
    failure = Failure("model:new", "New model", "cards/new.yml:1", "POST /api/v2/pages: the server's own words")
    remark = DetachedComment("ref", "Ranks all", "Ada Admin", "")
    done = tuple(change for change in plan.changes if change.ref != "model:new")
    waiting = tuple(
        replace(plan.conflicts[0], title=f"Old {number}", hindrance=HoldReason.REMOVAL) for number in range(12)
    )
    return Result(
        Outcome.INCOMPLETE,
        done,
        (failure,),
        left=2,
        dangling=(("Places", remark),),
        held=plan.conflicts,
        unconfirmed=waiting,
    )


def test_a_plan_is_rendered_for_the_terminal(plan: Plan, golden: Callable[[Path, str], None]) -> None:
    golden(GOLDENS / "plan.txt", plan_text(plan))


def test_a_plan_is_rendered_as_a_comment(plan: Plan, golden: Callable[[Path, str], None]) -> None:
    golden(GOLDENS / "plan.md", plan_markdown(plan))


def test_a_result_is_rendered(result: Result, golden: Callable[[Path, str], None]) -> None:
    golden(GOLDENS / "result.txt", result_text(result))


def test_a_refused_plan_names_the_reason(plan: Plan) -> None:
    stopping = replace(plan.conflicts[0], stops=True)
    text = plan_text(replace(plan, conflicts=(stopping,)))
    assert "Not to be applied: 'Picks' was edited by hand: copy the edit to cards/mine.yml" in text
    result = Result(Outcome.REFUSED, refusals=replace(plan, conflicts=(stopping,)).refusals)
    assert result_text(result).startswith("Refused: 'Picks' was edited by hand: ")
    assert result.exit_status == 1


def test_pages_whose_removal_waits_are_named_with_the_command(plan: Plan) -> None:
    waiting = tuple(replace(plan.conflicts[0], title=title, hindrance=HoldReason.REMOVAL) for title in ("One", "Two"))
    for text in (
        plan_text(replace(plan, unconfirmed=waiting)),
        result_text(Result(Outcome.NOTHING, unconfirmed=waiting)),
    ):
        notice = (
            "2 pages no longer in the book or in `pages` stay in the wiki: One, Two. "
            "To remove them: `modelbook publish apply --yes removals`"
        )
        assert notice in text
    assert Result(Outcome.NOTHING, unconfirmed=waiting).exit_status == 0


def test_findings_of_one_rule_on_one_page_are_counted(plan: Plan) -> None:
    # The map of a large book has a tooltip in each cell of its table.
    one = plan.findings[0]
    many = tuple(replace(one, code="MB913", message=f"the tooltip '{number}'", hint="") for number in range(1_400))
    shown = replace(plan, conflicts=(), findings=(*many, replace(one, message="another")))
    text = plan_text(shown)
    assert text.count("MB913") == 5
    assert "MB913 the tooltip '4', and 1,395 more\n" in text
    assert plan_markdown(shown).count("MB913") == 5
    assert "another" in text


def test_a_result_has_no_diffs(result: Result) -> None:
    assert not re.search("^ *[|]", result_text(result), re.MULTILINE)


def test_an_empty_plan_is_rendered(tmp_path: Path) -> None:
    made = publisher(Flavour.CLOUD, tmp_path / "site")
    made.publish([HOME])
    plan = made.plan([HOME])
    assert plan_text(plan) == f"BOOK (cloud): 1 page, 1 published before\nNothing to do. Plan {checksum(plan)[:12]}\n"
    assert "nothing to do" in plan_markdown(plan)
    assert result_text(Result(Outcome.NOTHING)) == "Nothing to do: the wiki is up to date.\n"


def test_counts_have_the_same_form(plan: Plan) -> None:
    assert "BOOK (cloud): 1,054 pages, 1,053 published before\n" in plan_text(replace(plan, pages=1_054, owned=1_053))
    done = Result(Outcome.DONE, done=(replace(plan.changes[0], actions=(Action.UPDATE,)),) * 1_054)
    assert result_text(done) == "1,054 updated.\n"


def test_a_plan_is_rendered_as_json(plan: Plan) -> None:
    data = json.loads(plan_json(plan))
    assert (data["checksum"], data["empty"]) == (checksum(plan), False)
    assert data["refusals"] == list(plan.refusals)
    assert data["exit_status"] == 1
    assert {conflict["hindrance"] for conflict in data["plan"]["conflicts"]} == {
        "edited by hand", "without a valid title",
    }  # fmt: skip
    assert [change["ref"] for change in data["plan"]["changes"]] == [change.ref for change in plan.changes]


def test_a_result_is_rendered_as_json(result: Result) -> None:
    data = json.loads(result_json(result))
    assert data["exit_status"] == 1
    assert data["result"]["failures"][0]["card"] == "cards/new.yml:1"


def test_control_characters_of_the_wiki_do_not_reach_the_terminal(plan: Plan) -> None:
    wild = replace(plan.changes[0], title="\x1b[2Jwiped\nsecond", diff=("+ \x1b]0;title\x07",))
    text = plan_text(replace(plan, changes=(wild,)))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert r"\x1b[2Jwiped\nsecond" in text


def test_markup_of_the_wiki_is_escaped_in_a_comment(plan: Plan) -> None:
    wild = replace(
        plan.changes[0],
        title="</details><script>@everyone [x](http://evil)",
        diff=("+ ````", "+ </details>"),
        remarks=(DetachedComment("r", "x", "@root", "<img src=x>"),),
    )
    text = plan_markdown(replace(plan, changes=(wild,), conflicts=()))
    assert "<script>" not in text
    assert "@everyone" not in text
    assert "@root" not in text
    assert "<img" not in text
    assert "\n`````diff\n+ ````\n+ </details>\n`````\n" in text


def test_the_length_of_a_comment_is_limited(plan: Plan) -> None:
    [change, *_] = plan.changes
    many = tuple(replace(change, ref=f"model:{number}", diff=("+ x" * 40,) * 40) for number in range(300))
    text = plan_markdown(replace(plan, changes=many))
    assert len(text) < 65_536
    assert "more; `modelbook publish plan` shows all of them" in text


def test_kept_comments_are_counted(plan: Plan) -> None:
    [change, *_] = plan.changes
    kept = replace(change, markers=(Marker("a", "x", "", ""), Marker("a", "y", "", ""), Marker("b", "z", "", "")))
    assert "2 inline comments kept in place" in plan_text(replace(plan, changes=(kept,)))
