"""The keys that a draft still lacks."""

from collections.abc import Mapping

_USUAL_KEYS = {
    "model": ("owners", "contacts", "version", "deployed_on", "endpoints", "contract", "consumers", "fallback"),
    "system": ("owners", "repo", "uses"),
    "flow": ("owners",),
    "experiment": ("owners", "started_on", "where", "metric", "cleanup"),
    "team": ("function", "lead", "channel"),
    "person": ("email", "team"),
    "resource": ("owners",),
}
_KEYS_OF_CALLS = ("endpoints", "contract")
"""The keys that a model without a server does not need."""


def list_missing_keys(kind: str, values: Mapping[str, object]) -> list[str]:
    """List the keys that a finished card of a kind usually has, and these values of a card do not."""
    needless = _KEYS_OF_CALLS if values.get("serving") in {"offline", "embedded"} else ()
    return [key for key in _USUAL_KEYS.get(kind, ()) if key not in values and key not in needless]
