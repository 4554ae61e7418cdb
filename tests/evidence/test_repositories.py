"""Finding repositories, and their names."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evidence.repositories import find_repositories, parse_remote
from tests.evidence.checkouts import git, make_checkout


def labels(*folders: Path) -> list[str]:
    return [found.label for found in find_repositories(folders)]


def test_checkouts_and_bare_mirrors_below_a_folder_are_found_in_order(tmp_path: Path) -> None:
    make_checkout(tmp_path / "shop/web", {"a": "1"})
    make_checkout(tmp_path / "app", {"a": "1"})
    git(tmp_path, "clone", "-q", "--mirror", "app", "mirrors/app.git")
    assert labels(tmp_path) == ["app", "mirrors/app", "shop/web"]
    assert labels(tmp_path / "app") == ["app"]
    assert labels(tmp_path / "mirrors/app.git") == ["app"]


def test_a_folder_that_is_given_twice_is_found_once(tmp_path: Path) -> None:
    make_checkout(tmp_path / "app", {"a": "1"})
    assert labels(tmp_path, tmp_path / "app", tmp_path) == ["app"]


def test_the_checkout_around_a_folder_is_found(tmp_path: Path) -> None:
    make_checkout(tmp_path / "app", {"deep/er/a": "1"})
    assert labels(tmp_path / "app/deep/er") == ["app"]


def test_submodules_and_embedded_repositories_are_not_found(tmp_path: Path) -> None:
    make_checkout(tmp_path / "library", {"a": "1"})
    app = make_checkout(tmp_path / "work/app", {"a": "1"})
    git(app, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "library"), "library")
    git(app, "init", "-q", "--bare", "fixtures/bare.git")
    assert (app / "library/.git").is_file()
    assert labels(tmp_path / "work") == ["app"]


def test_links_are_not_followed_below_a_folder(tmp_path: Path) -> None:
    make_checkout(tmp_path / "elsewhere/app", {"a": "1"})
    (tmp_path / "work").mkdir()
    (tmp_path / "work/link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "work/loop").symlink_to(tmp_path / "work")
    assert labels(tmp_path / "work") == []


@pytest.mark.parametrize(
    ("url", "name", "address"),
    [
        ("https://git.example.com/shop/web.git", "shop/web", "https://git.example.com/shop/web"),
        ("https://asha:token@Git.Example.com/shop/web", "shop/web", "https://git.example.com/shop/web"),
        ("http://git.example.com:8080/shop/web/", "shop/web", "https://git.example.com:8080/shop/web"),
        ("ssh://git@git.example.com:2222/shop/web.git", "shop/web", "https://git.example.com/shop/web"),
        ("git@git.example.com:shop/web.git", "shop/web", "https://git.example.com/shop/web"),
        ("git.example.com:shop/team/web", "shop/team/web", "https://git.example.com/shop/team/web"),
        ("git://git.example.com/shop/web.git/", "shop/web", "https://git.example.com/shop/web"),
        ("https://git.example.com/scm/shop/web.git", "shop/web", "https://git.example.com/scm/shop/web"),
        ("https://dev.example.com/food/shop/_git/web", "food/shop/web", "https://dev.example.com/food/shop/_git/web"),
        ("https://git.example.com/web", "", ""),
        ("https://git.example.com/../web", "", ""),
        ("/srv/git/shop/web.git", "", ""),
        ("file:///srv/git/shop/web.git", "", ""),
        ("../shop/web", "", ""),
        ("C:/git/shop/web", "", ""),
        ("https://[::1", "", ""),
        ("ext::sh -c whoami", "", ""),
        ("", "", ""),
    ],
)
def test_a_remote_gives_owner_and_name(url: str, name: str, address: str) -> None:
    assert parse_remote(url) == (name, address)


@given(st.text(max_size=40), st.text(max_size=10))
def test_credentials_are_never_in_a_name(text: str, password: str) -> None:
    parse_remote(text)
    for address in (f"https://asha:{password}SECRET@git.example.com/shop/web", f"https://SECRET{text}@host/{text}"):
        assert "SECRET" not in "".join(parse_remote(address))
