"""A plan and a result as JSON for other programs."""

import json
from typing import Any

from pydantic import TypeAdapter

from generator.confluence.plan.data import checksum, data_of
from generator.confluence.plan.result import Result
from generator.confluence.plan.values import NO_CONSENT, Consent, Plan
from generator.printable import escape_json

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
