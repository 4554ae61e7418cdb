"""Code belongs to the card with the longest path in its repository, however the address is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evidence.ownership import CodeOwners, get_code_repository
from generator.evidence.retirements import compile_path
from generator.names import Ref
from generator.schema import Model, System


def system(name: str, repo: str | None = "https://git.example.com/food/feed", *paths: str) -> System:
    return System.model_validate({"id": name, "name": name, "type": "service", "repo": repo, "paths": list(paths)})


def model(name: str, **values: object) -> Model:
    required = {"summary": "s", "lifecycle": "production", "serving": "online"}
    return Model.model_validate({"id": name, "name": name, **required, **values})


def refs(*texts: str) -> tuple[Ref, ...]:
    return tuple(map(Ref.parse, texts))


@pytest.mark.parametrize(
    "address",
    [
        "food/feed",
        "Food/Feed",
        "https://git.example.com/food/feed",
        "https://user:word@GIT.example.com:8443/food/feed.git",
        "ssh://git@git.example.com:22/food/feed.git",
        "git@git.example.com:food/feed.git",
    ],
)
def test_a_repository_is_the_same_in_every_form_of_its_address(address: str):
    assert CodeOwners([system("feed", address)]).list_owners("food/feed", "a.py") == refs("system:feed")


def test_the_longest_path_wins_and_a_card_without_paths_has_the_rest():
    owners = CodeOwners([
        system("rest"),
        system("jobs", "food/feed", "jobs/"),
        system("nightly", "food/feed", "jobs/*/nightly", "ops/nightly.yaml"),
        model("ryl", repo="food/feed", paths=["jobs/ryl"]),
    ])  # fmt: skip
    found = {
        "src/a.py": "system:rest",
        "jobs/a.py": "system:jobs",
        "jobsheet.py": "system:rest",
        "jobs/ryl/train.py": "model:ryl",
        "jobs/ryl/nightly/x/run.py": "system:nightly",
        "ops/nightly.yaml": "system:nightly",
    }
    assert {file: owners.list_owners("food/feed", file) for file in found} == {
        file: refs(ref) for file, ref in found.items()
    }
    assert owners.list_owners("food/other", "jobs/a.py") == ()


PATHS = st.lists(st.sampled_from(["a/", "a/b", "./a/b/c.py", "*/b", "a/**", "b", "**/c.py", "a/*/c.py"]), max_size=3)


@given(st.lists(PATHS, max_size=4), st.sampled_from(["a/x.py", "a/b/c.py", "b/b/c.py", "c.py", "ab/c.py", "a/b"]))
def test_the_owner_has_the_longest_of_all_paths_that_match(several: list[list[str]], file: str):
    cards = [system(f"s{number}", "food/feed", *paths) for number, paths in enumerate(several)]
    lengths = {card.ref: 0 if not card.paths else -1 for card in cards}
    for card in cards:
        matching = [path.removeprefix("./").strip("/") for path in card.paths if compile_path(path).fullmatch(file)]
        lengths[card.ref] = max(map(len, matching), default=lengths[card.ref])
    longest = max(lengths.values(), default=-1)
    expected = {ref for ref, length in lengths.items() if length == longest >= 0}
    assert set(CodeOwners(cards).list_owners("food/feed", file)) == expected


def test_a_file_outside_of_all_paths_has_no_owner():
    assert CodeOwners([system("jobs", "food/feed", "jobs/")]).list_owners("food/feed", "src/a.py") == ()


def test_cards_with_the_same_path_share_it_and_systems_come_first():
    owners = CodeOwners([model("ryl", links={"Repo": "https://git.example.com/food/feed"}), system("feed")])
    assert owners.list_owners("food/feed", "a.py") == refs("system:feed", "model:ryl")
    assert owners.list_cards("FOOD/feed") == refs("system:feed", "model:ryl")


def test_a_folder_without_a_remote_is_the_only_repository_with_its_name():
    assert CodeOwners([system("feed")]).list_owners("feed", "a.py") == refs("system:feed")
    ambiguous = CodeOwners([system("feed"), system("other", "https://git.example.com/shop/feed")])
    assert ambiguous.list_owners("feed", "a.py") == ()


def test_the_link_to_the_repository_counts_for_models_only():
    assert get_code_repository(model("ryl", links={"repo": "git@git.example.com:ml/ryl.git"})) == "ml/ryl"
    assert get_code_repository(System(id="feed", name="Feed", type="service", links={"repo": "food/feed"})) == ""
