"""A contract that several models have is converted and drawn once, and each page is the same as without that."""

import json
from collections import Counter

from generator.contracts import fields, openapi
from generator.pages.convert_support import build_converter
from generator.schema import Model
from tests.books import TEAM, open_book
from tests.pages.test_convert import OPTIONS, USUAL, is_equal

MODELS, FIELDS = 4, 60
BODY = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Basket"}}}}
PATHS = {
    f"/v1/{n}": {"post": {"operationId": f"k{n}", "requestBody": BODY, "responses": {"200": BODY}}} for n in "0123"
}
BASKET = {"type": "object", "properties": {f"dish_{n}": {"type": "number", "minimum": n} for n in range(FIELDS)}}
DOCUMENT = {"openapi": "3.0.3", "info": {}, "paths": PATHS, "components": {"schemas": {"Basket": BASKET}}}
CARDS = {
    "t.yml": TEAM,
    "api.json": json.dumps(DOCUMENT),
    "all.yml": "\n---\n".join(
        f"kind: model\nid: k{n}\nname: Kitchen {n}\nsummary: s\nlifecycle: experimental\nserving: online\nowners: [t]\n"
        f"contract: {{openapi: api.json, operation: k{n}}}"
        for n in range(MODELS)
    ),
}


def test_a_shared_schema_is_converted_and_listed_once(tmp_path, monkeypatch):
    counts = Counter[str]()
    for module, name in ((openapi, "convert_schema"), (fields, "_list_rows")):
        function = getattr(module, name)

        def count(*arguments, name=name, function=function):
            counts[name] += 1
            return function(*arguments)

        monkeypatch.setattr(module, name, count)
    fields._list_shared_rows.cache_clear()
    project = open_book(tmp_path, CARDS)
    cards = [loaded.card for loaded in project.cards.items]
    contracts = [card.contract for card in cards if isinstance(card, Model) and card.contract is not None]
    assert len(contracts) == MODELS
    assert len({id(contract.request) for contract in contracts}) == 1
    assert counts == {"convert_schema": 2}  # the request and the response
    pages, findings = project.render_pages()
    assert not findings
    assert counts["_list_rows"] == 1
    assert sum(page.markdown.count("dish_59") for page in pages) >= 2 * MODELS


def test_pages_that_share_the_table_of_a_contract_are_as_if_each_drew_its_own(tmp_path):
    shared, _ = open_book(tmp_path / "a", CARDS).render_pages()
    # With a template of the author every page draws its own table.
    own = tmp_path / "b" / "templates" / "parts" / "unused.md.j2"
    own.parent.mkdir(parents=True)
    own.write_text("unused\n", encoding="utf-8")
    drawn, _ = open_book(tmp_path / "b", CARDS).render_pages()
    assert [page.markdown for page in shared] == [page.markdown for page in drawn]
    converter = build_converter(USUAL, OPTIONS)
    models = [page.markdown for page in shared if page.ref.startswith("model:")]
    assert len(models) == MODELS
    assert all(is_equal(markdown, converter, USUAL, OPTIONS) for markdown in models)
    assert converter is not None
    assert len(converter.long_tables) == 1


def test_a_template_of_the_author_prints_the_contract_for_each_page(tmp_path):
    page = tmp_path / "templates" / "pages" / "model.md.j2"
    page.parent.mkdir(parents=True)
    macro = "{% macro draw(rows) %}{{ title }} has {{ rows | length }} fields{% endmacro %}"
    page.write_text(f"{macro}{{{{ view.contract.request | once(draw) }}}}\n", encoding="utf-8")
    pages, findings = open_book(tmp_path, CARDS).render_pages()
    assert not findings
    models = [page for page in pages if page.ref.startswith("model:")]
    assert [page.markdown for page in models] == [f"{page.title} has {FIELDS} fields\n" for page in models]
