import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.answers.references import resolve_reference
from generator.checks.shared_names import ambiguous_name
from generator.errors import UserError
from tests.books import TEAM, open_book
from tests.checks.books import build_context

LABELS = ["a", "b", "C", "c", "Straße", "STRASSE"]
models = st.lists(
    st.tuples(st.sampled_from(["a", "b", "C"]), st.sampled_from(LABELS), st.lists(st.sampled_from(LABELS), max_size=2)),
    min_size=1,
    max_size=3,
    unique_by=lambda model: model[0],
)


def is_ambiguous(graph, label: str) -> bool:
    try:
        resolve_reference(graph, label, ("model",))
    except UserError as error:
        return "ambiguous" in str(error)
    return False


@settings(max_examples=60, deadline=None)
@given(models)
def test_a_name_is_ambiguous_if_a_command_refuses_it(cards: list[tuple[str, str, list[str]]]):
    text = "---\n".join(
        json.dumps({"kind": "model", "id": name, "name": title, "aliases": aliases, "summary": "s",
                    "lifecycle": "experimental", "serving": "offline"}) + "\n"
        for name, title, aliases in cards
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        context, findings = build_context({"cards/all.yml": text}, Path(folder))
        assert findings == []
        named = [finding.message.split("'")[1].casefold() for finding in ambiguous_name(context)]
        assert set(named) == {label.casefold() for label in LABELS if is_ambiguous(context.graph, label)}


def test_a_card_accepts_a_shared_name_with_a_reason(tmp_path: Path):
    old, new = (f"kind: system\nid: {name}\nname: Cart\ntype: service\nowners: [t]\n" for name in ("cart", "cart-v2"))
    assert "MB019" in {
        finding.code for finding in open_book(tmp_path, {"a.yml": f"{old}---\n{new}---\n{TEAM}"}).findings
    }
    new += "x-allow: {MB019: replaces the old cart in June}\n"
    project = open_book(tmp_path, {"a.yml": f"{old}---\n{new}---\n{TEAM}"})
    assert "MB019" not in {finding.code for finding in project.findings}
    assert [one.finding.code for one in project.suppressed] == ["MB019"]


def test_a_team_and_a_person_with_the_same_id_are_named_by_it(tmp_path: Path):
    text = "kind: team\nid: core\nname: Core team\n---\nkind: person\nid: core\nname: Cora\n"
    (found,) = [one for one in open_book(tmp_path, {"a.yml": text}).findings if one.code == "MB019"]
    assert str(found.position) == "cards/a.yml:6:5"
    assert found.message == "ambiguous id 'core': it is also the id of team:core"
