"""Registered models of MLflow to drafts of cards."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from generator.drafts.cards import Draft, drafted
from generator.drafts.cells import LIFECYCLES, SERVINGS, Days, Party, choice, party
from generator.drafts.columns import field_of
from generator.drafts.mlflow.registry import RegisteredModel, Registry, Version
from generator.drafts.mlflow.signature import UnreadableError, contract, example
from generator.drafts.parties import Parties
from generator.drafts.reading import part
from generator.drafts.values import Drafts, Note, gathered
from generator.drafts.words import beyond, clean, distinct, listed, one_line, summary
from generator.errors import UserError

_TAKEN = ("lifecycle", "serving", "deployed_on", "review_by", "summary", "aliases", "tags", "notes")
"""The fields that take a tag as it is, or say why they do not."""


def mlflow(registry: Registry, functions: Mapping[str, str]) -> Drafts:
    """Drafts of all registered models; `functions` are the company's functions with their titles, as configured.

    The version is the one that MLflow says serves: alias champion or production, stage Production, else the newest.
    """
    found = list(registry.models())
    models = [model for model in found if not model.is_prompt]
    ids = distinct(model.name for model in models)
    tagged = [_Tagged(model, model.serving[0], functions) for model in models]
    everybody = Parties(tuple(one for tags in tagged for field in tags.party_fields for one in tags.parties(field)))
    parts = [_model(registry, tags, card, everybody) for tags, card in zip(tagged, ids, strict=True)]
    prompts = tuple(
        Note(f"{registry.name}, {model.name}", "a prompt is no model") for model in found if model.is_prompt
    )
    return gathered([*everybody.drafts(registry.name), *parts, Drafts(notes=prompts)])


@dataclass(frozen=True)
class _Tagged:
    """A registered model, whose tags say what a card asks for, each company in its own words."""

    model: RegisteredModel
    version: Version | None
    functions: Mapping[str, str]

    @cached_property
    def tags(self) -> Mapping[str, str]:
        """All tags that people set; those of the version win."""
        both = {**self.model.tags, **(self.version.tags if self.version else {})}
        return {key: value for key, value in sorted(both.items()) if not key.startswith("mlflow.") and value.strip()}

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """The fields of a card that tags stand for, with the key of the tag."""
        found: dict[str, str] = {}
        for key in self.tags:
            field = field_of(key, self.functions)
            if field:
                found.setdefault(field, key)
        return found

    def value(self, field: str) -> str:
        """What the tag for a field says; empty where there is none."""
        return self.tags[self.fields[field]] if field in self.fields else ""

    @property
    def party_fields(self) -> tuple[str, ...]:
        """The fields that name teams and people."""
        return tuple(
            field
            for field in self.fields
            if field in {"owners", "team", "stakeholders"} or field.startswith("contacts.")
        )

    def parties(self, field: str) -> tuple[Party, ...]:
        """The teams and people in a tag."""
        expected = "team" if field == "team" else "person" if field.startswith("contacts.") else ""
        return tuple(party(item, expected=expected) for item in listed(self.value(field)))


def _model(registry: Registry, tagged: _Tagged, card: str, everybody: Parties) -> Drafts:
    model, version = tagged.model, tagged.version
    place = f"{registry.name}, registered model {model.name!r}{f', version {version.number}' if version else ''}"
    messages: list[str] = []
    values = {**_texts(tagged), **_people(tagged, everybody), **_words(tagged, messages), **_groups(tagged, messages)}
    values |= {"version": str(version.number) if version else None, "contract": _contract(registry, tagged, messages)}
    messages += _unsaid(tagged)
    guesses = {"contract": "the shape in which MLflow itself serves the model"} if values["contract"] else {}
    if version is not None and not model.serving[1]:
        guesses["version"] = "the newest; no alias champion or production, no stage Production"
    notes = tuple(Note(place, message) for message in messages)
    return gathered([drafted(Draft("model", card, model.name, place, values, guesses)), Drafts(notes=notes)])


def _texts(tagged: _Tagged) -> dict[str, object]:
    described = tagged.model.description or (tagged.version.description if tagged.version else "")
    told = [beyond(described), tagged.value("notes")]
    version = tagged.version.description if tagged.version and tagged.model.description else ""
    if tagged.version is not None and clean(version):
        told.append(f"Version {tagged.version.number}: {clean(version)}")
    return {
        "summary": summary(tagged.value("summary") or described),
        "aliases": list(listed(tagged.value("aliases"))),
        "tags": list(listed(tagged.value("tags"))),
        "notes": "\n\n".join(part for part in told if part),
    }


def _people(tagged: _Tagged, everybody: Parties) -> dict[str, object]:
    owners = [everybody.id_of(one) for field in ("team", "owners") for one in tagged.parties(field)]
    contacts = {
        field.partition(".")[2]: everybody.id_of(tagged.parties(field)[0])
        for field in tagged.party_fields
        if field.startswith("contacts.") and tagged.parties(field)
    }
    stakeholders = [f"{everybody.settled(one).kind}:{everybody.id_of(one)}" for one in tagged.parties("stakeholders")]
    return {"owners": list(dict.fromkeys(owners)), "contacts": contacts, "stakeholders": stakeholders}


def _words(tagged: _Tagged, messages: list[str]) -> dict[str, object]:
    lifecycle, serving = choice(tagged.value("lifecycle"), LIFECYCLES), choice(tagged.value("serving"), SERVINGS)
    days = {field: Days(None).read(tagged.value(field)) for field in ("deployed_on", "review_by")}
    for field, value in {"lifecycle": lifecycle, "serving": serving, **days}.items():
        if tagged.value(field) and not value:
            messages.append(f"the tag `{tagged.fields[field]}` says {one_line(tagged.value(field), 60)!r}, no {field}")
    return {"lifecycle": lifecycle or _lifecycle(tagged.model), "serving": serving, **days}


def _lifecycle(model: RegisteredModel) -> str | None:
    """What stages and aliases say; nothing where they say nothing."""
    if model.serving[1]:
        return "production"
    stages = {version.stage.lower() for version in model.versions}
    return "retired" if stages == {"archived"} else None


def _groups(tagged: _Tagged, messages: list[str]) -> dict[str, object]:
    """Links, endpoints, and what no field takes, which stays under `x-mlflow`."""
    found: dict[str, dict[str, str]] = {"endpoints": {}, "links": {}, "card": {}}
    taken = {tagged.fields[field] for field in (*_TAKEN, *tagged.party_fields) if field in tagged.fields}
    for field, key in tagged.fields.items():
        group, _, name = field.partition(".")
        if group in found:
            found[group][name] = one_line(tagged.tags[key], 2000)
            taken.add(key)
    if tagged.version is not None:
        found["links"].setdefault("mlflow", f"models:/{tagged.model.name}/{tagged.version.number}")
    left = {key: value for key, value in tagged.tags.items() if key not in taken}
    messages += [f"no field is like the tag `{one_line(key, 60)}`; it is kept under `x-mlflow`" for key in left]
    return {**found, "x-mlflow": {"tags": left} if left else {}}


def _contract(registry: Registry, tagged: _Tagged, messages: list[str]) -> dict[str, object] | None:
    version = tagged.version
    text = registry.artifact(version, "MLmodel") if version else None
    if version is None or text is None:
        messages.append(
            f"its MLmodel file cannot be reached{f' at {version.source!r}' if version else ''}: no contract"
        )
        return None
    try:
        found = contract(part(text, "MLmodel"))
    except (UserError, UnreadableError) as error:
        messages.append(f"its signature cannot be read: {one_line(error, 200)}")
        return None
    if found is None:
        messages.append("it has no signature, so the contract is unknown")
        return None
    serving_input = registry.artifact(version, "serving_input_example.json")
    request = example(serving_input, found.get("request", {})) if serving_input else None
    return {**found, "examples": [{"name": "MLflow's input example", "request": request}]} if request else found


def _unsaid(tagged: _Tagged) -> Iterator[str]:
    """What MLflow knows and a card must not take for something else."""
    version = tagged.version
    if version is None:
        yield "it has no version"
        return
    if version.registered_on and not tagged.value("deployed_on"):
        registered = f"version {version.number} was registered on {version.registered_on}"
        yield f"{registered}; when it went live MLflow does not say"
    others = {name: number for name, number in tagged.model.aliases.items() if number != version.number}
    for name, number in sorted(others.items()):
        yield f"the alias {name!r} is of version {number}, which the card does not describe"
