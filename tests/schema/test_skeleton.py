import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from generator.errors import UserError
from generator.load.bind import LoadedCard, bind_card
from generator.load.yaml_reader import read_documents
from generator.names import ID_PATTERN, Ref
from generator.schema import KINDS
from generator.schema.base import RESERVED_IDS, to_plain_data
from generator.schema.fields import get_keys
from generator.schema.json_schema import build_json_schema
from generator.schema.skeleton import render_skeleton
from tests.conftest import Golden

EDITOR = Draft202012Validator(build_json_schema())
SCHEMA = "../../schema/card.schema.json"


def bind_text(text: str) -> LoadedCard:
    documents, findings = read_documents(text, "cards/a.yml")
    assert findings == []
    assert len(documents) == 1
    loaded, findings = bind_card(documents[0])
    assert findings == []
    assert loaded is not None
    assert [error.message for error in EDITOR.iter_errors(to_plain_data(documents[0].root.to_plain()))] == []
    return loaded


def uncomment_keys(text: str) -> str:
    """The card with every `#key: …` and what belongs to it taken into use."""
    return re.sub(r"^#(?=\S|  )", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_card_as_text(kind: str, golden: Golden):
    golden(Path(__file__).parent / "skeletons" / f"{kind}.yml", render_skeleton(kind, "home-feed", SCHEMA))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(st.from_regex(ID_PATTERN, fullmatch=True).filter(lambda name: name.lower() not in RESERVED_IDS))
@example("null")
@example("true")
@example("1e3")
@example("2.10")
@example("2025-11-03")
@example("a.")
@example("Y")
def test_a_new_card_is_valid(kind: str, name: str):
    card = bind_text(render_skeleton(kind, name, SCHEMA)).card
    assert (card.kind, card.id) == (kind, name)
    assert card.name


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_card_with_all_its_keys_is_valid(kind: str):
    text = render_skeleton(kind, "home-feed", SCHEMA)
    card = bind_text(uncomment_keys(text)).card
    offered = {line.partition(":")[0].lstrip("#") for line in text.split("\n") if re.match(r"#?[a-z_]+:", line)}
    written = {info.alias or name for name, info in type(card).model_fields.items() if name in card.model_fields_set}
    assert offered == written
    assert len(offered) > len([key for key in get_keys(KINDS[kind]).values() if key.required]) + 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_card_has_every_required_key_and_the_line_for_the_editor(kind: str):
    lines = render_skeleton(kind, "home-feed", SCHEMA).split("\n")
    assert lines[0] == f"# yaml-language-server: $schema={SCHEMA}"
    for name, key in get_keys(KINDS[kind]).items():
        if key.required:
            assert any(line.startswith(f"{name}:") for line in lines)


def test_the_name_comes_from_the_id():
    assert "name: Orders v1\n" in render_skeleton("team", "orders.v1", SCHEMA)


def test_owners_are_not_a_comment():
    assert re.search(r"^owners: \[", render_skeleton("model", "ryl", SCHEMA), re.MULTILINE)


@pytest.mark.parametrize("name", ["../x", "a b", ".x", "", "index", "INDEX", "a" * 129, "a\n"])
def test_an_invalid_id_is_rejected(name: str):
    with pytest.raises(UserError, match="; use ASCII letters"):
        render_skeleton("model", name, SCHEMA)


def test_an_unknown_kind_is_rejected():
    with pytest.raises(UserError, match="did you mean 'model'"):
        render_skeleton("modle", "ryl", SCHEMA)


BOOK = (Ref("team", "growth"), Ref("person", "joel"), Ref("model", "ranker"), Ref("system", "shop"))


def test_a_new_card_refers_to_cards_of_the_book():
    flow, migration = render_skeleton("flow", "f", SCHEMA, BOOK), render_skeleton("migration", "m", SCHEMA, BOOK)
    assert "\nowners: [growth]\n" in flow
    assert "{from: system:shop, calls: model:ranker, note: candidates and city}" in flow
    assert "\nmoves: [model:ranker]\n" in migration
    assert "\n#contacts: {ds: joel, product: joel}\n" in render_skeleton("model", "m", SCHEMA, BOOK)


def test_an_example_that_is_in_the_book_is_kept():
    book = (*BOOK, Ref("model", "ryl"), Ref("team", "ds-ranking"))
    assert "calls: model:ryl" in render_skeleton("flow", "f", SCHEMA, book)
    assert "\nowners: [ds-ranking]\n" in render_skeleton("flow", "f", SCHEMA, book)


def test_a_required_reference_without_a_card_is_empty_with_a_comment():
    model, flow = render_skeleton("model", "m", SCHEMA, ()), render_skeleton("flow", "f", SCHEMA, BOOK[:2])
    assert (
        "# The book has no team or person to refer to yet; write one first: modelbook new team ID\nowners: []" in model
    )
    assert "#fallback: popular-nearby" in model  # an example to read, which nothing checks
    assert "# The book has no card to refer to yet; write it first: modelbook new KIND ID\nsteps: []\n" in flow


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("model", "#endpoints: {production: https://ml.example.com/v1/models/basket-fill:predict}"),
        ("model", "#  monitoring: https://grafana.example.com/d/basket-fill"),
        ("model", "#  - {id: basket-fill-mysuru}"),
        ("system", "#links: {dashboard: https://grafana.example.com/d/basket-fill}"),
        ("system", "#repo: https://git.example.com/feed/basket-fill"),
        ("team", '#channel: "#basket-fill"'),
        ("team", "#on_call: https://oncall.example.com/rotas/basket-fill"),
        ("person", "#email: basket-fill@example.com"),
        ("person", '#chat: "@basket-fill"'),
    ],
)
def test_addresses_of_a_new_card_contain_its_id(kind: str, line: str):
    assert line in render_skeleton(kind, "basket-fill", SCHEMA, ()).split("\n")


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_card_has_no_address_of_another_card(kind: str):
    addresses = re.findall(r"\S*example\.com/\S+|\S+@example\.com", render_skeleton(kind, "basket-fill", SCHEMA, ()))
    assert all("basket-fill" in address for address in addresses)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_card_of_a_book_with_all_its_keys_is_valid(kind: str):
    assert isinstance(bind_text(render_skeleton(kind, "a", SCHEMA, BOOK)).card, KINDS[kind])
    assert isinstance(bind_text(uncomment_keys(render_skeleton(kind, "a", SCHEMA, BOOK))).card, KINDS[kind])
