from pathlib import Path

import pytest

from generator.drafts.results import DraftFile, ImportResult, write_drafts
from generator.errors import UserError
from generator.names import Ref

CARD = DraftFile("models/ryl.yml", "kind: model\n", Ref("model", "ryl"), ("contracts/api.yml",))
CONTRACT = DraftFile("contracts/api.yml", "openapi: 3.1.0\n")


def test_drafts_are_written(tmp_path: Path):
    report = write_drafts(ImportResult((CARD, CONTRACT)), tmp_path / "cards")
    assert report.written == ("contracts/api.yml", "models/ryl.yml")
    assert (tmp_path / "cards/models/ryl.yml").read_text() == "kind: model\n"


def test_a_second_import_changes_nothing(tmp_path: Path):
    write_drafts(ImportResult((CARD, CONTRACT)), tmp_path)
    (tmp_path / "models/ryl.yml").write_text("kind: model\n# mine\n")
    report = write_drafts(ImportResult((CARD, CONTRACT)), tmp_path)
    assert report.written == ()
    assert set(report.skipped) == {"models/ryl.yml", "contracts/api.yml"}
    assert (tmp_path / "models/ryl.yml").read_text() == "kind: model\n# mine\n"


def test_an_existing_id_is_skipped_in_any_case(tmp_path: Path):
    report = write_drafts(ImportResult((CARD, CONTRACT)), tmp_path, [Ref("model", "RYL")])
    assert report.written == ()
    assert report.skipped == {
        "contracts/api.yml": "no card that is written refers to it",
        "models/ryl.yml": "a card model:ryl exists already",
    }


def test_a_card_is_skipped_if_its_contract_file_has_other_contents(tmp_path: Path):
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts/api.yml").write_text("openapi: 3.0.0\n")
    report = write_drafts(ImportResult((CARD, CONTRACT)), tmp_path)
    assert report.written == ()
    assert report.skipped["models/ryl.yml"] == "its contract file contracts/api.yml exists already with other contents"


def test_a_card_can_use_an_existing_contract_file(tmp_path: Path):
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts/api.yml").write_text(CONTRACT.text)
    assert write_drafts(ImportResult((CARD, CONTRACT)), tmp_path).written == ("models/ryl.yml",)


def test_a_broken_symbolic_link_is_not_replaced(tmp_path: Path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models/ryl.yml").symlink_to(tmp_path / "elsewhere.yml")
    write_drafts(ImportResult((CARD, CONTRACT)), tmp_path)
    assert not (tmp_path / "elsewhere.yml").exists()


@pytest.mark.parametrize("path", ["../ryl.yml", "/ryl.yml", "models/../../ryl.yml"])
def test_paths_outside_the_cards_folder_are_refused(path: str, tmp_path: Path):
    with pytest.raises(UserError, match="outside of the cards folder"):
        write_drafts(ImportResult((DraftFile(path, "", Ref("model", "ryl")),)), tmp_path / "cards")


def test_a_symbolic_link_out_of_the_cards_folder_is_refused(tmp_path: Path):
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards/models").symlink_to(tmp_path)
    with pytest.raises(UserError, match="outside of the cards folder"):
        write_drafts(ImportResult((CARD, CONTRACT)), tmp_path / "cards")
    assert not (tmp_path / "ryl.yml").exists()
