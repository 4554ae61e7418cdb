"""A plan as JSON: for a file that is applied later, and for other programs."""

import hashlib
import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from generator.confluence.sync.values import FORMAT, Change, Conflict, Plan, Result
from generator.errors import UserError
from generator.printable import escape_json

_PLAN = TypeAdapter(Plan)
_RESULT = TypeAdapter(Result)
_AGAIN = "make it again with `modelbook publish plan`"


def checksum(plan: Plan) -> str:
    """Return the checksum of a plan: of the changes, the held pages and the state that they are based on."""
    data = _PLAN.dump_python(plan, mode="json")
    text = json.dumps(data, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def plan_file(plan: Plan) -> str:
    """Return the plan as a file that `plan_in` reads."""
    return _dump({"checksum": checksum(plan), "plan": _PLAN.dump_python(plan, mode="json")})


def plan_in(text: str) -> Plan:
    """Return the plan in a file; UserError if it is none, was changed, or is of another release."""
    try:
        data = json.loads(text)
        if data["plan"]["format"] != FORMAT:
            raise UserError(f"the plan was made by another release; {_AGAIN}")
        plan = _PLAN.validate_python(data["plan"])
    except (ValueError, KeyError, TypeError, ValidationError, RecursionError) as error:
        raise UserError(f"the file holds no plan; {_AGAIN}") from error
    if checksum(plan) != data.get("checksum"):
        raise UserError(f"the plan was changed after it was made; {_AGAIN}")
    return plan


def list_differences(saved: Plan, fresh: Plan) -> tuple[str, ...]:
    """Return why a saved plan is out of date, compared with one that is made now; empty if it is not."""
    if checksum(saved) == checksum(fresh):
        return ()
    if saved.head_version != fresh.head_version:
        return (f"the book was published since the plan was made: {_AGAIN}",)
    before, after = _index_pages(saved), _index_pages(fresh)
    differing = [ref for ref in before | after if before.get(ref) != after.get(ref)]
    named = ", ".join(repr((after.get(ref) or before[ref]).title) for ref in differing)
    return (f"the plan is out of date{f' for {named}' if named else ''}: {_AGAIN}",)


def _index_pages(plan: Plan) -> dict[str, Change | Conflict]:
    pages: tuple[Change | Conflict, ...] = (*plan.changes, *plan.conflicts, *plan.unconfirmed)
    return {each.ref: each for each in pages}


def plan_json(plan: Plan) -> str:
    """Return the plan with its checksum and the reasons why it may not be applied."""
    data = {"checksum": checksum(plan), "empty": plan.empty, "refusals": list(plan.refusals)}
    return escape_json(_dump({**data, "exit_status": plan.exit_status, "plan": _PLAN.dump_python(plan, mode="json")}))


def result_json(result: Result) -> str:
    """Return the result with its exit status."""
    data = {"exit_status": result.exit_status, "result": _RESULT.dump_python(result, mode="json")}
    return escape_json(_dump(data))


def _dump(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
