"""Which field of a card a column of a spreadsheet means; nothing is taken over by mere likeness."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from generator.errors import UserError
from generator.names import suggest_name

_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "model", "model name", "title", "ml model"),
    "id": ("id", "model id", "key", "slug", "model key", "identifier"),
    "summary": ("summary", "description", "what it does", "purpose", "about", "short description", "what"),
    "aliases": ("aliases", "alias", "also known as", "aka", "old name", "other names", "code name"),
    "tags": ("tags", "tag", "labels", "category", "domain", "area", "use case type"),
    "lifecycle": ("lifecycle", "status", "stage", "state", "life cycle", "phase"),
    "serving": ("serving", "serving type", "online offline", "mode", "inference type", "serving mode", "batch online"),
    "owners": ("owners", "owner", "model owner", "owned by", "responsible", "maintainer", "maintainers", "accountable"),
    "team": ("team", "owner team", "owning team", "squad", "group", "team name"),
    "stakeholders": ("stakeholders", "stakeholder", "informed"),
    "version": ("version", "model version", "current version", "ver"),
    "deployed_on": ("deployed on", "deployed", "deployment date", "deployed date", "date deployed", "live since",
                    "go live", "go live date", "in production since", "release date", "date of deployment"),
    "review_by": ("review by", "review date", "next review", "review due", "due for review"),
    "endpoints.production": ("endpoint", "endpoints", "url", "production endpoint", "production url", "prod url",
                             "prod endpoint", "api", "api url", "endpoint url", "service url"),
    "endpoints.staging": ("staging endpoint", "staging url", "stg url", "stage url", "uat url", "staging"),
    "consumers": ("consumers", "consumer", "used by", "used in", "consuming systems", "clients", "systems", "users"),
    "why": ("why", "use case", "usage", "used for", "reason", "why it is used", "business use case"),
    "surface": ("surface", "screen", "placement", "where shown"),
    "features": ("features", "feature list", "inputs features", "input features"),
    "fallback": ("fallback", "fall back", "backup model", "fallback model"),
    "successor": ("successor", "replaced by", "superseded by"),
    "curl": ("curl", "sample curl", "curl command", "sample request", "example call"),
    "notes": ("notes", "note", "comments", "comment", "remarks", "remark"),
    "links.repo": ("repo", "repository", "git", "github", "code", "source code", "git repo", "gitlab"),
    "links.dashboard": ("dashboard", "monitoring", "grafana", "monitoring dashboard"),
    "links.docs": ("docs", "documentation", "wiki", "confluence", "confluence page", "document", "link", "links"),
    "links.mlflow": ("mlflow", "registry", "mlflow link"),
    "card.training_data": ("training data", "trained on", "dataset", "data source"),
    "card.metrics": ("metrics", "metric", "performance", "accuracy", "offline metrics"),
    "card.limitations": ("limitations", "known issues", "limitation"),
    "card.intended_use": ("intended use",),
    "card.model_details": ("algorithm", "model type", "framework", "architecture"),
}  # fmt: skip
_CONTACT = frozenset({"contact", "contacts", "poc", "spoc", "point of contact", "lead", "dri", "owner", "person"})
_NEAR = 0.75
FIELDS = frozenset(_SYNONYMS)


class How(StrEnum):
    """How sure it is what a column means."""

    GIVEN = "as you said"
    SAME = "by its name"
    SYNONYM = "by a known word for it"
    PROPOSED = "proposed, not taken over"
    UNKNOWN = "unknown"
    TWICE = "another column is that already"


@dataclass(frozen=True, slots=True)
class Column:
    """One line of the report on the columns."""

    number: int
    """From 0."""
    header: str
    field: str
    """The field that it fills, or that is proposed; empty where none is near."""
    how: How

    @property
    def is_taken(self) -> bool:
        """Whether its cells go into cards."""
        return self.how in {How.GIVEN, How.SAME, How.SYNONYM}


def mapped(headers: Iterable[str], functions: Mapping[str, str], given: Mapping[str, str]) -> tuple[Column, ...]:
    """What each column means: as given, else by the field's name or a word for it, else a proposal.

    `functions` are the company's functions with their titles: `DS contact` is `contacts.ds`. `given` maps headers to
    fields; an empty field leaves the column out.
    """
    known = _known(functions)
    several = tuple(headers)
    _refuse_unknown(given, several, functions)
    named = {word(header): field for header, field in given.items()}
    found: list[Column] = []
    for number, header in enumerate(several):
        column = _column(number, header, known, named)
        if column.is_taken and column.field in {one.field for one in found if one.is_taken}:
            column = Column(number, header, column.field, How.TWICE)
        found.append(column)
    return tuple(found)


def field_of(name: str, functions: Mapping[str, str]) -> str:
    """The field that a name stands for, by itself or by a known word; empty where it is none."""
    return _known(functions).get(word(name), "")


def _known(functions: Mapping[str, str]) -> Mapping[str, str]:
    """Every word for a field, in the form of `word`."""
    known = {word(name): field for field, words in _SYNONYMS.items() for name in (field, *words)}
    for function, title in functions.items():
        for name in {word(function), word(title)}:
            known |= {f"{name} {role}": f"contacts.{function}" for role in _CONTACT}
            known |= {f"{role} {name}": f"contacts.{function}" for role in _CONTACT}
            known.setdefault(name, f"contacts.{function}")
    return known


def _refuse_unknown(given: Mapping[str, str], headers: tuple[str, ...], functions: Mapping[str, str]) -> None:
    fields = FIELDS | {f"contacts.{function}" for function in functions}
    for header, field in given.items():
        if word(header) not in map(word, headers):
            message = f"there is no column {header!r}; {suggest_name(header, headers)}"
            raise UserError(message)
        if field and field not in fields:
            message = f"{field!r} is no field that a column can fill; {suggest_name(field, fields)}"
            raise UserError(message)


def _column(number: int, header: str, known: Mapping[str, str], given: Mapping[str, str]) -> Column:
    name = word(header)
    if name in given:
        return Column(number, header, given[name], How.GIVEN if given[name] else How.UNKNOWN)
    if name in known:
        field = known[name]
        return Column(number, header, field, How.SAME if name == word(field) else How.SYNONYM)
    near = get_close_matches(name, sorted(known), n=1, cutoff=_NEAR) if name else []
    if near:
        return Column(number, header, known[near[0]], How.PROPOSED)
    part = next((known[one] for one in sorted(known, key=len, reverse=True) if len(one) > 3 and one in name), "")
    return Column(number, header, part, How.PROPOSED if part else How.UNKNOWN)


def word(text: str) -> str:
    """A header without case, accents, marks, and what stands in brackets: `Deployed On (date) *` is `deployed on`."""
    without = re.sub(r"\([^)]*\)|\[[^]]*\]", " ", text)
    plain = unicodedata.normalize("NFKD", without).encode("ascii", "ignore").decode().lower()
    return " ".join(re.findall(r"[a-z0-9]+", plain))
