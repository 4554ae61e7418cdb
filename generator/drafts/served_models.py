"""Models in the files of a serving platform, as drafts with their teams and the models that they call."""

from collections.abc import Mapping, Sequence

from msgspec import field

from generator.drafts.cards import CardDraft, build_draft
from generator.drafts.reading import Plain
from generator.drafts.records import Record, RecordContext, Unmapped, build_values
from generator.drafts.results import ImportResult, merge_results
from generator.drafts.secret_hiding import hide_secrets
from generator.drafts.text_cleaning import describe_made_id, extract_summary, make_unique_ids, to_one_line
from generator.load.nodes import as_mapping
from generator.values import FrozenValue

_OWNER_LABELS = ("owner", "team", "app.kubernetes.io/team", "owned-by")


class ServedModel(FrozenValue):
    """A model that the files of a platform describe."""

    name: str
    file: str
    line: int
    details: Mapping[str, Plain]
    """What a card has no field for."""
    labels: Mapping[str, Plain] = field(default_factory=dict)
    address: str = ""
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    """The names of the models that it calls, as a pipeline does."""
    description: str = ""

    @property
    def place(self) -> str:
        """The file and the line."""
        return f"{self.file}:{self.line}"


def build_served_models(served: Sequence[ServedModel], platform: str) -> ImportResult:
    """Return the drafts of models, of the teams in their labels, and of a flow for each model that calls others."""
    records: list[Record] = []
    for model in served:
        label = next((one for one in _OWNER_LABELS if model.labels.get(one)), "")
        owners = {"owners": to_one_line(model.labels[label])} if label else {}
        records.append(Record(owners, {}, {"owners": label} if label else {}))
    context = RecordContext.collect(records)
    ids = make_unique_ids(one.name for one in served)
    by_name = {one.name: card for one, card in reversed(list(zip(served, ids, strict=True)))}
    results = list(context.directory.build_drafts("the labels of the manifests"))
    for model, record, card in zip(served, records, ids, strict=True):
        unmapped = Unmapped(record)
        values = build_values(record, context, unmapped)
        problems: list[str] = []
        details = as_mapping(hide_secrets({key: value for key, value in model.details.items() if value}, problems))
        values |= {"serving": "online", "tags": list(model.tags), f"x-{platform}": details}
        values |= {"aliases": list(model.aliases), "summary": extract_summary(model.description)}
        values["endpoints"] = {"production": model.address} if model.address else {}
        reason = "the address in the status of the service, without the path of a call"
        guesses = {"endpoints": reason} if model.address else {}
        missing = [f"it calls {name!r}, which is not in the files" for name in model.calls if name not in by_name]
        messages = [*unmapped.messages, *describe_made_id(card, model.name), *problems, *missing]
        origin = f"{model.place}, {model.name}"
        results.append(build_draft(CardDraft("model", card, model.name, origin, values, guesses), messages))
        called = (by_name[name] for name in model.calls if by_name.get(name, card) != card)
        steps = [{"from": f"model:{card}", "calls": f"model:{other}"} for other in called]
        if steps:
            title = f"Calls of {model.name}"
            results.append(build_draft(CardDraft("flow", f"{card[:90]}-calls", title, origin, {"steps": steps})))
    return merge_results(results)
