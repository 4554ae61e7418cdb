"""How much a rule asks of a model, by where in its life the model is."""

from generator.findings import Severity
from generator.schema import Model
from generator.schema.model import Lifecycle

LIVE = frozenset({Lifecycle.PRODUCTION, Lifecycle.DEPRECATED})
"""The models that users depend on today."""


def demand(model: Model, production: Severity = Severity.ERROR) -> Severity | None:
    """The severity of a gap: full in production, mild once deprecated, a note while experimental, none when retired."""
    match model.lifecycle:
        case Lifecycle.PRODUCTION:
            return production
        case Lifecycle.DEPRECATED:
            return max(production, Severity.WARNING, key=lambda severity: severity.rank)
        case Lifecycle.EXPERIMENTAL:
            return Severity.INFO
        case Lifecycle.RETIRED:
            return None
