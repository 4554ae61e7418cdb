"""The import of Hugging Face cards: whole sentences, citations, procedures, and cards of other things."""

from pathlib import Path
from typing import Any

import pytest

from generator.drafts.huggingface import import_huggingface
from generator.names import Ref
from tests.drafts.draft_loading import load_drafts


def load(readme: str, tmp_path: Path) -> Any:
    return load_drafts(import_huggingface(readme, "dish-namer"), tmp_path).by_ref[Ref("model", "dish-namer")].card


@pytest.mark.parametrize(
    "sentence",
    [
        "Names dishes from photos after Nord et al. (2024), i.e. with two towers.",
        "A fork of No. 7 in the list of Dr. Nord, vs. the one of St. Olav.",
        "Ranks approx. 900 dishes, cf. Fig. 3 and v. 2.10 of the U.S. list.",
        "Works (e.g. in Oslo).",
        "Is it fast?",
    ],
)
def test_an_abbreviation_does_not_end_the_summary(sentence: str, tmp_path: Path):
    assert load(f"# dish-namer\n{sentence} Trained on menus.\n", tmp_path).summary == sentence


@pytest.mark.parametrize("title", ["Citation", "How to cite", "BibTeX", "Citation Information"])
def test_a_citation_is_no_description(title: str, tmp_path: Path):
    bibtex = "```bibtex\n@misc{nord2024, title={Dish names}}\n```"
    card = load(f"---\nlicense: mit\n---\n# A\nNames dishes.\n\n## {title}\nPlease cite:\n\n{bibtex}\n", tmp_path)
    assert card.card.model_details == {"license": "mit"}
    assert card.extras["x-huggingface"] == {"citation": f"Please cite:\n\n{bibtex}"}


def test_a_training_procedure_is_no_training_data(tmp_path: Path):
    procedure = "## Training procedure\nEight epochs.\n\n### Training hyperparameters\n- seed: 7\n"
    card = load(f"# A\nB.\n\n{procedure}\n## Training data\nMenus.\n", tmp_path).card
    assert card.training_data == "Menus."
    assert card.model_details == "Training procedure: Eight epochs.\n\nTraining hyperparameters: - seed: 7"


@pytest.mark.parametrize(
    "title", ["Out-of-scope use (important)", "3. Out-of-Scope Use", "🚫 Out of scope:", "2) Misuse"]
)
def test_a_heading_is_known_with_its_number_and_remark(title: str, tmp_path: Path):
    assert load(f"# A\nB.\n\n## {title}\nAllergies.\n", tmp_path).card.out_of_scope == "Allergies."


def test_front_matter_without_a_field_is_kept(tmp_path: Path):
    card = load("---\nlicense: mit\nwidget: [{text: soup}]\nown: 7\n---\n# A\n", tmp_path)
    assert card.extras["x-huggingface"] == {"own": 7, "widget": [{"text": "soup"}]}


@pytest.mark.parametrize(
    ("matter", "kind"),
    [
        ("size_categories: ['1K<n<10K']", "data set"),
        ("task_categories: [text-classification]", "data set"),
        ("dataset_info: {features: [{name: dish}]}", "data set"),
        ("configs: [{config_name: default, data_files: menus.csv}]", "data set"),
        ("sdk: gradio\napp_file: app.py", "Space, which is a demo application"),
        ("sdk: static", "Space, which is a demo application"),
    ],
)
def test_a_card_of_something_else_is_no_model(matter: str, kind: str):
    result = import_huggingface(f"---\n{matter}\n---\n# Menus\nTen thousand menus.\n", "menus")
    assert result.files == ()
    assert [str(note) for note in result.notes] == [f"menus/README.md: this is the card of a {kind}, not of a model"]


@pytest.mark.parametrize("key", ["pipeline_tag: text-generation", "library_name: transformers", "base_model: a/b"])
def test_a_model_may_have_keys_of_a_data_set(key: str, tmp_path: Path):
    assert load(f"---\n{key}\ntask_categories: [a]\n---\n# A\nB.\n", tmp_path).summary == "B."
