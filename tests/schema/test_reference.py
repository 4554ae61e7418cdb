from pathlib import Path

import pytest

from generator.schema import KINDS
from generator.schema.fields import FieldDoc, KindDoc, get_keys, list_kind_docs
from tests.conftest import Golden


def row(field: FieldDoc) -> str:
    required = "required" if field.required else f"default {field.default}" if field.default else ""
    return f"  {field.path} | {field.type} | {required} | {field.description}\n"


def test_the_reference_as_text(golden: Golden):
    text = "".join(f"{kind.kind}: {kind.description}\n{''.join(map(row, kind.fields))}\n" for kind in list_kind_docs())
    golden(Path(__file__).parent / "reference.expected", text)


@pytest.mark.parametrize("kind", list_kind_docs(), ids=lambda kind: kind.kind)
def test_every_key_is_described_once(kind: KindDoc):
    top = [field.path for field in kind.fields if "." not in field.path]
    assert top == list(get_keys(KINDS[kind.kind]))
    assert len({field.path for field in kind.fields}) == len(kind.fields)
    for field in kind.fields:
        assert field.description.endswith("."), field.path
        assert field.type, field.path


def test_the_kinds_have_the_order_of_the_site():
    assert [kind.kind for kind in list_kind_docs()] == list(KINDS)
