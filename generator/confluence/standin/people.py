"""Who asks: credentials in, a person out."""

import base64
import binascii
import hmac
from collections.abc import Iterable

from generator.confluence.standin.messages import Request
from generator.confluence.standin.records import DemoPerson
from generator.confluence.standin.refusals import Reason, Refusal
from generator.confluence.standin.store import Tables

READER = DemoPerson("reader", "A reader", "", "", (("*", "read"),))
"""Who looks at the pages in a browser: on this machine nobody has to log in for that."""


def add(tables: Tables, people: Iterable[DemoPerson]) -> None:
    """Writes people with what they may do, in the place of what was known of them."""
    for person in people:
        tables.run(
            "INSERT OR REPLACE INTO person VALUES(?, ?, ?, ?)", person.id, person.name, person.email, person.token
        )
        tables.run("DELETE FROM permission WHERE person_id = ?", person.id)
        for space_key, verb in person.may:
            tables.run("INSERT OR IGNORE INTO permission VALUES(?, ?, ?)", person.id, space_key, verb)


def everybody(tables: Tables) -> list[DemoPerson]:
    """Return all people."""
    rows = tables.rows("SELECT id, name, email, token FROM person ORDER BY id")
    texts = (tuple(str(value) for value in row) for row in rows)
    return [DemoPerson(key, name, email, token, _may(tables, key)) for key, name, email, token in texts]


def by_id(tables: Tables, person_id: str) -> DemoPerson:
    """Return a person by account id or user key."""
    for person in everybody(tables):
        if person.id == person_id:
            return person
    raise Refusal(Reason.NOT_FOUND, f"No user found with key : {person_id}")


def authenticated(tables: Tables, request: Request) -> DemoPerson:
    """Return the person whose credentials a request carries: user and token, or a token alone."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    user, token = _basic(value) if scheme.lower() == "basic" else ("", value.strip())
    for person in everybody(tables):
        names = (person.email, person.id)
        known = scheme.lower() == "bearer" or (scheme.lower() == "basic" and user in names)
        if known and person.token and hmac.compare_digest(person.token.encode(), token.encode()):
            return person
    raise Refusal(Reason.UNAUTHORIZED, "Unauthorized")


def _basic(value: str) -> tuple[str, str]:
    try:
        user, _, token = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, token


def _may(tables: Tables, person_id: str) -> tuple[tuple[str, str], ...]:
    rows = tables.rows("SELECT space_key, verb FROM permission WHERE person_id = ? ORDER BY 1, 2", person_id)
    return tuple((str(space_key), str(verb)) for space_key, verb in rows)
