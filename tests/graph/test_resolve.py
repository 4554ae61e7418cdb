"""Findings for unresolved references, with a fix in the form that the key expects."""

from pathlib import Path

import pytest

from generator.graph.resolve import build_graph, update_graph
from generator.load.cards import load_cards

MODEL = "kind: model\nid: {0}\nname: {0}\nsummary: Ranks.\nlifecycle: production\nserving: online\n"
CARDS = (
    MODEL.format("recommendations") + "aliases: [recs, homefeed-ranker]\n",
    MODEL.format("best-sellers"),
    "kind: system\nid: shop\nname: Shop\ntype: app\naliases: [storefront]\n",
    "kind: team\nid: growth\nname: Growth\nchannel: '#growth-help'\n",
    "kind: person\nid: asha\nname: Asha Rao\nemail: asha.rao@example.com\n",
)


def list_findings(folder: Path, *cards: str) -> list[tuple[str, str, str]]:
    (folder / "all.yml").write_text("---\n".join((*CARDS, *cards)))
    read, findings = load_cards(folder, folder)
    assert not findings
    return [(finding.code, finding.message, finding.hint) for finding in build_graph(read)[1]]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("fallback: recs", ("MB101", "'recs' is an alias: expected an id", "write 'recommendations'")),
        ("fallback: recz", ("MB101", "unknown model 'recz'", "did you mean 'recommendations'?")),
        ("fallback: zzz", ("MB101", "unknown model 'zzz'", "choose one of: a, best-sellers, recommendations")),
        ("fallback: storefront", ("MB101", "unknown model 'storefront'",
                                  "choose one of: a, best-sellers, recommendations")),
        ("fallback: shop", ("MB102", "'shop' is a system: expected a model",
                            "choose one of: a, best-sellers, recommendations")),
        ("fallback: none", ("MB101", "unknown model 'none'", "remove it if there is none")),
        ("owners: [TBD]", ("MB101", "unknown team or person 'TBD'", "remove it if there is none")),
        ("owners: [recs]", ("MB101", "unknown team or person 'recs'", "choose one of: asha, growth")),
        ("owners: [best-sellers]", ("MB102", "'best-sellers' is a model: expected a team or a person",
                                    "choose one of: asha, growth")),
        ("owners: [Asha Rao]", ("MB101", "unknown team or person 'Asha Rao'", "did you mean 'asha'?")),
        ("owners: ['#growth-help']", ("MB101", "unknown team or person '#growth-help'", "did you mean 'growth'?")),
        ("owners: [ASHA.RAO@example.com]", ("MB101", "unknown team or person 'ASHA.RAO@example.com'",
                                            "did you mean 'asha'?")),
        ("owners: ['person:growth']", ("MB102", "'growth' is a team, not a person", "write 'team:growth'")),
        ("stakeholders: ['model:growth']", ("MB102", "model:growth is a model: expected a team or a person",
                                            "write 'team:growth'")),
        ("stakeholders: ['system:ahsa']", ("MB102", "system:ahsa is a system: expected a team or a person",
                                           "did you mean 'person:asha'?")),
        ("stakeholders: ['team:grwth']", ("MB101", "unknown team or person 'grwth'",
                                          "did you mean 'team:growth'?")),
    ],
)  # fmt: skip
def test_a_reference_of_a_wrong_kind_or_name_gets_a_fix(tmp_path: Path, line: str, wanted: tuple[str, str, str]):
    assert list_findings(tmp_path, MODEL.format("a") + line + "\n") == [wanted]


@pytest.mark.parametrize(
    ("called", "wanted"),
    [
        ("system:best-sellers", ("MB102", "'best-sellers' is a model, not a system", "write 'model:best-sellers'")),
        ("model:recs", ("MB101", "'model:recs' is an alias: expected an id", "write 'model:recommendations'")),
        ("model:best-seller", ("MB101", "unknown model 'best-seller'", "did you mean 'model:best-sellers'?")),
        ("experiment:zzz", ("MB101", "unknown experiment 'zzz'", "write it: modelbook new experiment zzz")),
    ],
)
def test_a_reference_to_any_kind_gets_a_fix(tmp_path: Path, called: str, wanted: tuple[str, str, str]):
    flow = f"kind: flow\nid: w\nname: W\nsteps: [{{from: 'system:shop', calls: '{called}'}}]\n"
    assert list_findings(tmp_path, flow) == [wanted]


@pytest.mark.parametrize("owner", ["Nobody at all", "#somewhere", "//example.com"])
def test_the_fix_for_an_unknown_owner_is_never_a_command_that_fails(tmp_path: Path, owner: str):
    (tmp_path / "all.yml").write_text(MODEL.format("a") + f"owners: ['{owner}']\n")
    findings = build_graph(load_cards(tmp_path, tmp_path)[0])[1]
    assert [(finding.code, finding.hint) for finding in findings] == [("MB101", "write the id of a team or a person")]


RESOURCES = (
    "kind: resource\ntype: topic\nid: orders.v1\naliases: [order-events]\n",
    "kind: resource\ntype: feature_view\nid: profile\naliases: [customer_profile]\n",
    "kind: resource\ntype: table\nid: payments\n",
)


@pytest.mark.parametrize(
    ("card", "wanted"),
    [
        ("kind: flow\nid: f\nname: F\nsteps: [{from: 'topic:ORDERS.v1', publishes: 'topic:orders.v1'}]\n",
         ("MB107", "unknown topic 'ORDERS.v1': expected the id of its card, 'orders.v1'",
          "did you mean 'topic:orders.v1'?")),
        ("kind: system\nid: s\nname: S\ntype: app\ndepends_on: ['topic:Order-Events']\n",
         ("MB107", "unknown topic 'Order-Events': expected the id of its card, 'orders.v1'",
          "did you mean 'topic:orders.v1'?")),
        (MODEL.format("a") + "features: [Profile:f]\n",
         ("MB107", "unknown feature_view 'Profile': expected the id of its card, 'profile'",
          "did you mean 'profile:f'?")),
    ],
)  # fmt: skip
def test_another_spelling_of_a_resource_with_a_card_is_a_finding(
    tmp_path: Path, card: str, wanted: tuple[str, str, str]
):
    assert list_findings(tmp_path, *RESOURCES, card) == [wanted]


def test_a_resource_with_a_card_of_its_own_or_of_another_type_is_no_other_spelling(tmp_path: Path):
    flow = "kind: flow\nid: f\nname: F\nsteps: [{from: 'table:order-events', publishes: 'topic:orders.v2'}]\n"
    own = "kind: resource\ntype: feature_view\nid: customer_profile\n"
    model = MODEL.format("a") + "features: [customer_profile:f, profile:g, new:h]\n"
    assert list_findings(tmp_path, *RESOURCES, own, flow, model) == []


@pytest.mark.parametrize("line", ["id: orders.v1", "id: events\naliases: [orders.v1]"])
def test_a_new_spelling_of_a_named_resource_is_no_usual_change(tmp_path: Path, line: str):
    system = "kind: system\nid: s\nname: S\ntype: app\ndepends_on: ['topic:Orders.v1', 'topic:others']\n"
    (tmp_path / "s.yml").write_text(system)
    cards, _ = load_cards(tmp_path, tmp_path)
    graph, _ = build_graph(cards)
    for text, is_usual in ((line, False), ("id: another", True), ("id: others", True)):
        (tmp_path / "r.yml").write_text(f"kind: resource\ntype: topic\n{text}\n")
        changed, _ = load_cards(tmp_path, tmp_path)
        refs = [loaded.ref for loaded in changed.items if loaded.ref.kind == "topic"]
        assert (update_graph(graph, changed, refs) is not None) == is_usual
