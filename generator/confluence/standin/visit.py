"""What a handler has at hand: the tables, who asks, when, and how."""

from dataclasses import dataclass

from generator.confluence.standin.messages import Request
from generator.confluence.standin.records import DemoPerson, SpaceRecord
from generator.confluence.standin.refusals import Reason, Refusal
from generator.confluence.standin.store import Tables
from generator.confluence.wiki import Flavour


@dataclass(frozen=True, slots=True)
class Visit:
    """One request while it is handled."""

    tables: Tables
    flavour: Flavour
    person: DemoPerson
    now: str
    """ISO 8601 with milliseconds, as Confluence writes it."""
    base: str
    """The site's own address, as its answers name it."""
    request: Request

    def demand(self, verb: str, space_key: str, what: str) -> None:
        """Refuses what this person may not do; who may not even read is told that there is nothing."""
        if not self.person.can("read", space_key):
            raise Refusal(Reason.NOT_FOUND, f"No {what} found")
        if not self.person.can(verb, space_key):
            raise Refusal(Reason.NO_PERMISSION, f"User not permitted to {verb} {what}")


def space_by_key(visit: Visit, key: str) -> SpaceRecord:
    """Return a space that this person may read."""
    return _readable(visit, _space(visit, "key = ?", key), f"space with key : {key}")


def space_by_id(visit: Visit, space_id: str) -> SpaceRecord:
    """Return a space that this person may read."""
    found = _space(visit, "id = ?", int(space_id)) if space_id.isdigit() else None
    return _readable(visit, found, f"space with id : {space_id}")


def spaces(visit: Visit) -> list[SpaceRecord]:
    """Return all spaces that this person may read."""
    every = visit.tables.all(SpaceRecord, "SELECT id, key, name, homepage_id FROM space ORDER BY id")
    return [space for space in every if visit.person.can("read", space.key)]


def _space(visit: Visit, condition: str, value: str | int) -> SpaceRecord | None:
    query = f"SELECT id, key, name, homepage_id FROM space WHERE {condition}"  # noqa: S608 - only literals from above
    return visit.tables.one(SpaceRecord, query, value)


def _readable(visit: Visit, space: SpaceRecord | None, what: str) -> SpaceRecord:
    if space is None or not visit.person.can("read", space.key):
        raise Refusal(Reason.NOT_FOUND, f"No {what}")
    return space
