"""The servers of an operation as endpoints by environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from generator.drafts.document import Operation
from generator.drafts.reading import Plain
from generator.drafts.words import one_line

_ENVIRONMENTS = (
    ("production", r"\b(prod|production|live)\b"),
    ("staging", r"\b(staging|stage|stg|preprod|pre-prod|uat)\b"),
    ("test", r"\b(test|testing|qa|sandbox)\b"),
    ("development", r"\b(dev|development|local|localhost)\b|127\.0\.0\.1"),
)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where an operation is called."""

    addresses: Mapping[str, str]
    """By environment."""
    guessed: str
    """Which environments are guesses, in words; empty where none is."""
    problems: tuple[str, ...]
    """The servers that could not be used, and why."""


def endpoints(operation: Operation) -> Endpoints:
    """The addresses of an operation; a server that says nothing else is taken for production."""
    found: dict[str, str] = {}
    guesses: list[str] = []
    problems: list[str] = []
    for server in operation.servers:
        address = _address(server)
        if not _has_host(address):
            problems.append(f"the server {address!r} has no host, so the endpoint is unknown")
            continue
        environment, sure = _environment(address, server, found)
        if environment in found:
            problems.append(f"the server {address!r} is one more for {environment}")
            continue
        found[environment] = address.rstrip("/") + operation.path
        guesses += [] if sure else [f"{address} is taken for {environment}"]
    if not operation.servers:
        problems.append("the document names no server, so the endpoint is unknown")
    return Endpoints(found, "; ".join(guesses), tuple(problems))


def _has_host(address: str) -> bool:
    try:
        return bool(urlsplit(address).hostname)
    except ValueError:
        return False


def _address(server: Mapping[str, Plain]) -> str:
    """The server's address with the defaults of its variables."""
    variables = server.get("variables")
    address = one_line(server.get("url") or "")
    for name, variable in variables.items() if isinstance(variables, dict) else ():
        if isinstance(variable, dict) and variable.get("default") is not None:
            address = address.replace(f"{{{name}}}", one_line(variable["default"]))
    return f"https:{address}" if address.startswith("//") else address


def _environment(address: str, server: Mapping[str, Plain], found: Mapping[str, str]) -> tuple[str, bool]:
    told = f"{one_line(server.get('description') or '')} {address}".lower().replace("_", "-")
    for name, pattern in _ENVIRONMENTS:
        if re.search(pattern, told):
            return name, True
    return ("production" if "production" not in found else f"server-{len(found) + 1}"), False
