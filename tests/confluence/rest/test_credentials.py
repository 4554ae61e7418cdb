"""Credentials from the environment, and errors for wrong variables."""

import pytest

from generator.confluence.rest import WikiCredentials, read_credentials
from generator.confluence.wiki import Flavour
from generator.errors import UserError

SECRET = "s3cret-token"


def build_environment(url: str, user: str = "", token: str = SECRET) -> dict[str, str]:
    return {"CONFLUENCE_URL": url, "CONFLUENCE_USER": user, "CONFLUENCE_TOKEN": token}


@pytest.mark.parametrize(
    ("url", "user", "base", "flavour"),
    [
        ("https://acme.atlassian.net", "a@b.c", "https://acme.atlassian.net/wiki", "cloud"),
        ("https://acme.atlassian.net/wiki/", "", "https://acme.atlassian.net/wiki", "cloud"),
        ("https://acme.atlassian.net/wiki/spaces/X/pages/1", "a@b.c", "https://acme.atlassian.net/wiki", "cloud"),
        (
            "https://api.atlassian.com/ex/confluence/1-2-3",
            "",
            "https://api.atlassian.com/ex/confluence/1-2-3/wiki",
            "cloud",
        ),
        ("https://wiki.example.com", "", "https://wiki.example.com", "datacenter"),
        ("https://example.com:8443/confluence/", "", "https://example.com:8443/confluence", "datacenter"),
        ("https://example.com/confluence/display/DS/Home", "", "https://example.com/confluence", "datacenter"),
        ("https://wiki.custom.example", "a@b.c", "https://wiki.custom.example/wiki", "cloud"),
        ("http://127.0.0.1:8090", "", "http://127.0.0.1:8090", "datacenter"),
        ("http://[::1]:8090/wiki", "a@b.c", "http://[::1]:8090/wiki", "cloud"),
        ("http://localhost:8090/wiki", "a@b.c", "http://localhost:8090/wiki", "cloud"),
    ],
)
def test_an_address_determines_base_and_flavour(url: str, user: str, base: str, flavour: str) -> None:
    assert read_credentials(build_environment(url, user)) == WikiCredentials(base, Flavour(flavour), user, SECRET)


def test_a_given_flavour_overrides_the_address() -> None:
    access = read_credentials(build_environment("https://wiki.example.com/wiki", "someone"), Flavour.DATACENTER)
    assert (access.flavour, access.base) == (Flavour.DATACENTER, "https://wiki.example.com/wiki")


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
