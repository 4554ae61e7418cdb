"""Common words for the keys and values of cards, for suggestions."""

from collections.abc import Mapping


def _index_by_synonym(synonyms: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Return the words of cards by their synonyms, in the order of the table."""
    found: dict[str, tuple[str, ...]] = {}
    for word, others in synonyms.items():
        for other in others.split():
            found[other] = (*found.get(other, ()), word)
    return found


KEY_SYNONYMS = _index_by_synonym(
    {
        "name": "title label",
        "tags": "labels keywords",
        "aliases": "synonyms also_known_as",
        "card.intended_use": "purpose",
        "summary": "description desc purpose about",
        "notes": "comment comments",
        "endpoints": "url endpoint",
        "repo": "url repository source",
        "links": "docs documentation url",
        "owners": "team maintainer maintainers responsible",
        "lifecycle": "stage status state",
        "status": "stage state",
        "consumers": "users used_by clients",
        "uses": "models",
        "depends_on": "dependencies",
        "contract.request": "inputs input",
        "features": "inputs",
        "contract.response": "outputs output",
        "contract": "schema api",
        "card.metrics": "performance",
        "card.evaluation_data": "evaluation",
        "card.training_data": "training",
        "card.ethical_considerations": "risks bias",
        "fallback": "backup",
        "successor": "replaced_by",
        "email": "mail",
        "lead": "manager head",
        "channel": "slack chat",
        "role": "position job",
        "started_on": "start",
        "ended_on": "end",
        "variants": "arms groups",
        "waves": "phases",
        "why": "reason because used_for",
        "surface": "place",
        "criticality": "priority",
    }
)
"""The paths to keys by their synonyms. The first one that the kind of card has is used."""

VALUE_SYNONYMS = _index_by_synonym(
    {
        "production": "live active prd",
        "running": "live active started ongoing in_progress",
        "experimental": "dev development poc beta",
        "deprecated": "sunset legacy",
        "retired": "archived decommissioned",
        "online": "realtime real-time",
        "offline": "batch",
        "job": "batch cron pipeline",
        "service": "api microservice server",
        "app": "mobile frontend",
        "external": "vendor third-party",
        "dashboard": "report",
        "high": "critical",
        "medium": "normal",
        "concluded": "finished completed complete ended",
        "done": "finished completed complete ended",
        "planned": "todo",
        "draft": "todo",
        "rolled_back": "reverted",
    }
)
"""The values by their synonyms. The first one that the key allows is used."""
