"""Credentials from the environment, and errors for wrong variables."""

import pytest

from generator.confluence.rest import WikiCredentials, read_credentials
from generator.confluence.wiki import Flavour
from generator.errors import UserError

SECRET = "s3cret-token"


def build_environment(url: str, user: str = "", token: str = SECRET) -> dict[str, str]:
    return {"CONFLUENCE_URL": url, "CONFLUENCE_USER": user, "CONFLUENCE_TOKEN": token}


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://acme.atlassian.net", "https://acme.atlassian.net/wiki"),
        ("https://acme.atlassian.net/wiki/", "https://acme.atlassian.net/wiki"),
        ("https://acme.atlassian.net/wiki/spaces/X/pages/1", "https://acme.atlassian.net/wiki"),
        ("https://api.atlassian.com/ex/confluence/1-2-3", "https://api.atlassian.com/ex/confluence/1-2-3/wiki"),
    ],
)
@pytest.mark.parametrize("user", ["", "a@b.c"])
def test_a_host_of_atlassian_is_cloud_without_asking(url: str, base: str, user: str) -> None:
    assert read_credentials(build_environment(url, user)) == WikiCredentials(base, Flavour.CLOUD, user, SECRET)


@pytest.mark.parametrize(
    ("url", "cloud", "datacenter"),
    [
        ("https://wiki.example.com", "https://wiki.example.com/wiki", "https://wiki.example.com"),
        (
            "https://example.com:8443/confluence/",
            "https://example.com:8443/confluence/wiki",
            "https://example.com:8443/confluence",
        ),
        (
            "https://example.com/confluence/display/DS/Home",
            "https://example.com/confluence/display/DS/Home/wiki",
            "https://example.com/confluence",
        ),
        ("http://[::1]:8090/wiki", "http://[::1]:8090/wiki", "http://[::1]:8090/wiki"),
        (
            "https://wiki.custom.example/wiki/spaces/X/pages/1",
            "https://wiki.custom.example/wiki",
            "https://wiki.custom.example/wiki",
        ),
    ],
)
@pytest.mark.parametrize("user", ["", "a@b.c"])
def test_another_host_has_no_flavour_until_it_is_chosen(url: str, cloud: str, datacenter: str, user: str) -> None:
    found = read_credentials(build_environment(url, user))
    assert found.flavour is None
    assert found.with_flavour(Flavour.CLOUD) == WikiCredentials(cloud, Flavour.CLOUD, user, SECRET)
    assert found.with_flavour(Flavour.DATACENTER) == WikiCredentials(datacenter, Flavour.DATACENTER, user, SECRET)


def test_an_option_wins_over_the_environment_and_that_over_the_host() -> None:
    environ = {**build_environment("https://acme.atlassian.net"), "CONFLUENCE_FLAVOUR": "datacenter"}
    assert read_credentials(environ).flavour is Flavour.DATACENTER
    assert read_credentials(environ, Flavour.CLOUD).flavour is Flavour.CLOUD
    with pytest.raises(UserError, match="invalid CONFLUENCE_FLAVOUR 'server': expected cloud or datacenter"):
        read_credentials({**environ, "CONFLUENCE_FLAVOUR": "server"})


def test_a_password_may_contain_spaces() -> None:
    environ = build_environment("https://wiki.example.com", "asha", "correct horse battery")
    assert read_credentials(environ).token == "correct horse battery"


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({}, "CONFLUENCE_URL is not set"),
        (build_environment("https://wiki.example.com", token=""), "CONFLUENCE_TOKEN is not set"),
        (build_environment("wiki.example.com"), "invalid CONFLUENCE_URL"),
        (build_environment("ftp://wiki.example.com"), "invalid CONFLUENCE_URL"),
        (build_environment("https://wiki.example.com:port"), "invalid CONFLUENCE_URL"),
        (build_environment("http://wiki.example.com"), "use https"),
        (build_environment("http://localhost.example.com"), "use https"),
        (build_environment("http://127.0.0.1.example.com"), "use https"),
        (build_environment("http://10.0.0.1"), "use https"),
        (build_environment(f"https://user:{SECRET}@wiki.example.com"), "contains credentials"),
        (build_environment("https://wiki.example.com", token=f"{SECRET}\nX-Injected: 1"), "line break"),
        (build_environment("https://wiki.example.com", token=f"{SECRET} two"), "a space"),
        (build_environment("https://wiki.example.com", token=f"{SECRET}\u00e9"), "outside ASCII"),
        (build_environment("https://wiki.example.com", user="a:b"), "without a colon"),
    ],
)
def test_errors_do_not_contain_the_token(environ: dict[str, str], says: str) -> None:
    with pytest.raises(UserError, match=says) as raised:
        read_credentials(environ)
    assert SECRET not in str(raised.value)


def test_spaces_around_a_token_are_ignored() -> None:
    assert read_credentials(build_environment("https://wiki.example.com", token=f" {SECRET}\n")).token == SECRET


def test_a_representation_does_not_contain_the_token() -> None:
    assert SECRET not in repr(read_credentials(build_environment("https://wiki.example.com")))
