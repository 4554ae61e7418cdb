"""Copies of one model: found by their ids, and never ambiguous."""

from pathlib import Path

from generator.checks import RULES, check
from generator.names import Ref
from tests.checks.books import build_context

MODEL = (
    "kind: model\nid: topic\nname: Article topic\nsummary: s\nlifecycle: experimental\nserving: online\n"
    "family: articletopic\ninstances: [{id: enwiki-topic}, {id: dewiki-topic}]\n"
)


def test_a_model_is_found_by_the_id_of_a_copy(tmp_path: Path) -> None:
    context, unread = build_context({"a.yml": MODEL}, tmp_path / "cards")
    assert unread == []
    assert {"topic", "article topic", "enwiki-topic"} <= context.graph.list_labels(Ref("model", "topic"))


def test_a_copy_with_the_id_of_another_model_is_ambiguous(tmp_path: Path) -> None:
    other = "kind: model\nid: enwiki-topic\nname: Other\nsummary: s\nlifecycle: experimental\nserving: online\n"
    context, _ = build_context({"a.yml": MODEL, "b.yml": other}, tmp_path / "cards")
    found = [one for one in check(context, RULES) if one.code == "MB019"]
    assert [(one.message, one.position.line) for one in found] == [
        ("ambiguous copy 'enwiki-topic': it is also the id of model:enwiki-topic", 8)
    ]


def test_a_reference_to_a_copy_suggests_the_model(tmp_path: Path) -> None:
    system = "kind: system\nid: wiki\nname: Wiki\ntype: app\nuses: [{model: dewiki-topic, why: w}]\n"
    _, unread = build_context({"a.yml": MODEL, "b.yml": system}, tmp_path / "cards")
    assert [(one.code, one.hint) for one in unread] == [("MB101", "write 'topic'")]
