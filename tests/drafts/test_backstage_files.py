"""Catalogs of many files: folders of checkouts, locations with local targets, and definitions in files beside them."""

from pathlib import Path

import pytest

from generator.drafts.backstage import import_backstage
from generator.drafts.backstage_files import read_catalog
from generator.errors import UserError

APP = "kind: Component\nmetadata: {name: courier-app}\nspec: {type: service, dependsOn: [component:shift-scorer]}\n"
MODEL = "kind: Component\nmetadata: {name: shift-scorer}\nspec: {type: ml-model}\n"


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def location(*targets: str) -> str:
    return f"kind: Location\nmetadata: {{name: all}}\nspec: {{targets: {list(targets)}}}\n"


def read_names(*paths: Path) -> list[str]:
    return [file.name for file in read_catalog(paths)[0]]


def test_catalogs_are_found_in_checkouts(tmp_path: Path):
    write(
        tmp_path,
        {
            "app/catalog-info.yaml": APP,
            "team/model/catalog-info.yml": MODEL,
            "app/other.yaml": "a: [",
            "app/node_modules/x/catalog-info.yaml": APP,
            ".git/catalog-info.yaml": APP,
        },
    )
    assert read_names(tmp_path) == ["app/catalog-info.yaml", "team/model/catalog-info.yml"]


def test_references_lead_from_one_file_to_another(tmp_path: Path):
    write(tmp_path, {"app/catalog-info.yaml": APP, "model/catalog-info.yaml": MODEL})
    files, _ = read_catalog([tmp_path / "app/catalog-info.yaml", tmp_path / "model"])
    result = import_backstage(files)
    assert [file.name for file in files] == ["app/catalog-info.yaml", "model/catalog-info.yaml"]
    assert "depends_on: [model:shift-scorer]" in next(file.text for file in result.files if "courier" in file.path)
    assert result.notes == ()


def test_a_file_is_read_once(tmp_path: Path):
    write(tmp_path, {"catalog-info.yaml": location("./app/catalog-info.yaml"), "app/catalog-info.yaml": APP})
    assert len(read_names(tmp_path, tmp_path / "app/catalog-info.yaml", tmp_path / "app")) == 2


@pytest.mark.parametrize(
    "targets", [["./app/catalog-info.yaml", "model/catalog-info.yaml"], ["./*/catalog-info.yaml"], ["nested.yaml"]]
)
def test_local_targets_of_a_location_are_read(targets: list[str], tmp_path: Path):
    write(
        tmp_path,
        {
            "catalog-info.yaml": location(*targets),
            "app/catalog-info.yaml": APP,
            "model/catalog-info.yaml": MODEL,
            "nested.yaml": location("app/catalog-info.yaml", "./model/../model/catalog-info.yaml", "nested.yaml"),
        },
    )
    names = read_names(tmp_path / "catalog-info.yaml")
    assert {"app/catalog-info.yaml", "model/catalog-info.yaml"} <= set(names)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("https://git.example.com/a/catalog-info.yaml", "was not fetched: import its file from a checkout"),
        ("./missing.yaml", "is no file in the folder: name it in the command"),
        ("../outside.yaml", "is no file in the folder: name it in the command"),
        ("/etc/hostname", "is no file in the folder: name it in the command"),
        ("./linked.yaml", "is no file in the folder: name it in the command"),
        ("../*.yaml", "is no file in the folder: name it in the command"),
        ("./broken.yaml", "cannot read broken.yaml"),
    ],
)
def test_a_target_that_is_not_read_is_told(target: str, told: str, tmp_path: Path):
    write(tmp_path, {"outside.yaml": APP})
    folder = write(tmp_path / "book", {"catalog-info.yaml": location(target), "broken.yaml": "a: ["})
    (folder / "linked.yaml").symlink_to(tmp_path / "outside.yaml")
    files, notes = read_catalog([folder / "catalog-info.yaml"])
    assert len(files) == 1
    assert told in str(notes[0])


def test_a_definition_in_a_file_beside_is_read(tmp_path: Path):
    text = "kind: API\nmetadata: {name: plan}\nspec: {type: openapi, definition: {$text: ./api/plan.yaml}}\n"
    write(tmp_path, {"catalog-info.yaml": text, "api/plan.yaml": "openapi: 3.1.0\npaths: {/plan: {post: {}}}\n"})
    (file,), notes = read_catalog([tmp_path])
    assert "paths: {/plan" in str(file.documents[0].value)
    assert notes == ()


def test_a_definition_elsewhere_is_told(tmp_path: Path):
    text = "kind: API\nmetadata: {name: plan}\nspec: {definition: {$text: 'https://git.example.com/plan.yaml'}}\n"
    _, (note,) = read_catalog([write(tmp_path, {"catalog-info.yaml": text})])
    assert "https://git.example.com/plan.yaml" in note.message


def test_a_mistake_in_a_named_file_ends_the_import_and_one_in_a_folder_is_told(tmp_path: Path):
    write(tmp_path, {"a/catalog-info.yaml": "a: [", "b/catalog-info.yaml": APP})
    files, (note,) = read_catalog([tmp_path])
    assert ([file.name for file in files], note.place) == (["b/catalog-info.yaml"], "a/catalog-info.yaml")
    with pytest.raises(UserError, match=r"cannot read catalog-info\.yaml"):
        read_catalog([tmp_path / "a/catalog-info.yaml"])


def test_a_folder_without_a_catalog_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"has no catalog-info\.yaml"):
        read_catalog([tmp_path])
