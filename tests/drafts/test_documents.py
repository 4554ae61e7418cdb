"""Imports of incomplete and invalid documents."""

from pathlib import Path

import pytest

from generator.drafts.backstage import import_backstage
from generator.drafts.backstage_files import CatalogFile
from generator.drafts.huggingface import (
    import_huggingface,
    read_readme,
    split_front_matter,
)
from generator.drafts.markdown_text import parse_sections, split_section_text
from generator.drafts.openapi import import_openapi
from generator.errors import UserError
from generator.names import Ref
from tests.drafts.draft_loading import load_drafts

PATHS = "openapi: 3.1.0\npaths:\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("swagger: '2.0'\npaths: {}\n", "version 2.0: convert it to OpenAPI 3"),
        ("a: 1\n", "no `paths`"),
        ("- a\n", "no `paths`"),
        ("", "no `paths`"),
        (PATHS + "  /a: {}\nx: " + "y" * 1_000_000, "larger than"),
    ],
)
def test_invalid_openapi_documents_are_refused(text: str, message: str):
    with pytest.raises(UserError, match=message):
        import_openapi(text, "api.yml")


def test_a_circular_reference_gives_no_draft(tmp_path: Path):
    text = PATHS + '  /a: {post: {requestBody: {$ref: "#/components/requestBodies/A"}}}\n' + (
        'components: {requestBodies: {A: {$ref: "#/components/requestBodies/A"}}}\n'
    )  # fmt: skip
    assert import_openapi(text, "api.yml").files == ()


def test_all_operations_can_be_drafted(tmp_path: Path):
    text = PATHS + "  /a:\n    get: {operationId: show}\n    head: {operationId: peek}\n    put: {}\n"
    drafts = import_openapi(text, "my api.yml", every=True)
    cards = load_drafts(drafts, tmp_path)
    assert [str(ref) for ref in cards.by_ref] == ["model:a-put", "model:a"]
    assert "api.yml: peek: a card has no such method" in [str(note)[3:] for note in drafts.notes]


@pytest.mark.parametrize("text", ["", "a: 1\n", "- x\n", "kind: Component\n"])
def test_a_catalog_without_entities_is_refused(text: str):
    with pytest.raises(UserError, match="has no entity"):
        import_backstage([CatalogFile.parse(text, "catalog-info.yaml")])


def test_duplicate_names_and_invalid_annotations_of_entities(tmp_path: Path):
    entity = (
        "---\nkind: {kind}\nmetadata: {{name: {name}, namespace: {space}, "
        "annotations: {{modelbook/ref: '{ref}'}}}}\nspec: {{type: {type}}}\n"
    )
    text = "".join(
        entity.format(kind=kind, name=name, space=space, ref=ref, type=type_)
        for kind, name, space, ref, type_ in [
            ("Component", "feed", "a", "", "service"),
            ("Component", "feed", "b", "", "service"),
            ("Component", "Feed", "a", "flow:x", "service"),
            ("Resource", "r", "a", "model:../../x", "Model!"),
            ("Resource", "s", "a", "page:s", "system"),
            ("Group", "g", "a", "person:g", "team"),
        ]
    )
    drafts = import_backstage([CatalogFile.parse(text, "catalog-info.yaml")])
    cards = load_drafts(drafts, tmp_path)
    assert [str(ref) for ref in cards.by_ref] == [
        "resource_model:r", "resource_system:s", "system:Feed", "system:feed-2", "team:g",
    ]  # fmt: skip
    assert "duplicate name: the last document with this name is used" in str(drafts.notes)


@pytest.mark.parametrize(
    "readme", ["", "no front matter", "---\nnever ends", "---\n---\n", "---\ntags: yes\n---\n", "# \n"]
)
def test_incomplete_readmes_load(readme: str, tmp_path: Path):
    cards = load_drafts(import_huggingface(readme, "x/y"), tmp_path)
    assert list(cards.by_ref) == [Ref("model", "x-y")]


def test_front_matter_must_be_a_mapping():
    with pytest.raises(UserError, match="not a mapping"):
        import_huggingface("---\n- a\n---\n", "x")


def test_a_folder_without_readme_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"README\.md"):
        read_readme(tmp_path)


def test_comments_are_removed_and_an_unclosed_one_is_text():
    (section,) = parse_sections("a <!-- # b -->c\n<!-- d\n" + "<!--" * 100_000)
    assert section.text.startswith("a c\n<!-- d\n<!--<!--")


def test_a_readme_larger_than_a_card_is_refused(tmp_path: Path):
    (tmp_path / "README.md").write_text("x" * 1_000_001)
    with pytest.raises(UserError, match="larger than 1,000,000 bytes"):
        read_readme(tmp_path)


def test_headings_in_code_are_ignored():
    text = "intro\n\n# One\n\n```sh\n# no\n~~~\n## no\n```\n\nTwo\n---\ntext\n\n~~~\n# no\n~~~\n### Three ###\n"
    assert [(part.level, part.title) for part in parse_sections(text)] == [
        (0, ""),
        (1, "One"),
        (2, "Two"),
        (3, "Three"),
    ]


def test_a_section_is_split_into_text_and_tables_and_code():
    text = "A **b** [c](http://d)\nand `e`.\n\n- x\n  y\n- z\n\n| a |\n|---|\n\n```\ncode\n\nmore\n```\n\n---\n"
    assert split_section_text(text) == (
        "A b c (http://d) and e.\n\n- x y\n- z",
        "| a |\n|---|\n\n```\ncode\n\nmore\n```",
    )


def test_windows_line_breaks_are_read(tmp_path: Path):
    (tmp_path / "README.md").write_bytes(b"---\r\nlicense: mit\r\n---\r\n# A\r\n")
    assert split_front_matter(read_readme(tmp_path)) == ("license: mit\n", "# A\n")


@pytest.mark.parametrize("number", [10**350, -(10**350), "1e999", "7" * 5000])
def test_a_number_out_of_range_is_named_with_its_path(number: int | str):
    text = PATHS + f"  /a: {{post: {{requestBody: {{content: {{application/json: {{example: {number}}}}}}}}}}}\n"
    with pytest.raises(UserError, match=r"^api\.yml has a number that is out of range: paths\./a\.post\."):
        import_openapi(text, "api.yml")


def test_a_very_large_number_in_an_example_is_noted():
    text = PATHS + f"  /a: {{post: {{requestBody: {{content: {{application/json: {{example: {10**305}}}}}}}}}}}\n"
    drafts = import_openapi(text, "api.yml")
    assert [file.path for file in drafts.files if file.ref is not None]
    assert [note.message for note in drafts.notes if "too large" in note.message]
