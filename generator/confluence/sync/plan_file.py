"""A plan as JSON: for a file that is applied later, for other programs; the checksum tells whether it is the same."""

import hashlib
import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from generator.confluence.sync.values import FORMAT, NO_CONSENT, Consent, Plan, Result
from generator.errors import UserError
from generator.printable import escape_json

_PLAN = TypeAdapter(Plan)
_AGAIN = "make it again with `modelbook publish plan`"


def data_of(plan: Plan) -> dict[str, Any]:
    """Return the plan as JSON carries it."""
    data: dict[str, Any] = _PLAN.dump_python(plan, mode="json")
    return data


def checksum(plan: Plan) -> str:
    """The same for the same plan, whoever made it; the changes, the conflicts and the state that they build on."""
    text = json.dumps(data_of(plan), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def plan_file(plan: Plan) -> str:
    """Return the plan as a file that `plan_in` reads."""
    data = {"checksum": checksum(plan), "plan": data_of(plan)}
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


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


_RESULT = TypeAdapter(Result)


def plan_json(plan: Plan, consent: Consent = NO_CONSENT) -> str:
    """Return the plan with its checksum and why it may not be applied."""
    told = {"checksum": checksum(plan), "empty": plan.empty, "refusals": list(plan.refusals(consent))}
    return _text({**told, "plan": data_of(plan)})


def result_json(result: Result) -> str:
    """Return the result with its exit status."""
    return _text({"exit_status": result.exit_status, "result": _RESULT.dump_python(result, mode="json")})


def _text(data: dict[str, Any]) -> str:
    return escape_json(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True)) + "\n"
