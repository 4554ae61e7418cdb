"""A book for tests of traffic: models behind a shared gateway and on own hosts, systems with names in traffic."""

import io

from generator.evidence.records import SeenCall, TrafficSource
from generator.evidence.traffic.calls import CallCounts, Parser
from generator.evidence.traffic.reading import SourceReader
from generator.evidence.traffic.reconcile import ReadFile, TrafficReader
from generator.schema import KINDS, Card


def model(name: str, *urls: str, **more: object) -> Card:
    endpoints = {f"env{number}": url for number, url in enumerate(urls)}
    fields = {"kind": "model", "id": name, "name": name.upper(), "summary": "Ranks.", "lifecycle": "production"}
    return KINDS["model"].model_validate({**fields, "serving": "online", "endpoints": endpoints, **more})


def system(name: str, **more: object) -> Card:
    return KINDS["system"].model_validate(
        {"kind": "system", "id": name, "name": name.upper(), "type": "service", **more}
    )


def migration(name: str, *retires: str) -> Card:
    fields = {"kind": "migration", "id": name, "name": name, "status": "running", "moves": ["model:ryl"]}
    return KINDS["migration"].model_validate({**fields, "retires": list(retires)})


CARDS = (
    model("ryl", "https://ml.example.com/v1/models/ryl:predict", "https://ml-stg.example.com/v1/models/ryl:predict",
          aliases=["ryl_v2"]),
    model("eta", "https://ml.example.com/v1/models/eta:predict"),
    model("fraud", "https://fraud.example.com/score", instances=[
        {"id": "fraud-pune", "endpoints": {"production": "https://fraud-pune.example.com:8443/score"}}]),
    model("gpt-4o", aliases=["openai/gpt-4o"]),
    system("home-feed", seen_as={"workloads": ["feed/home-feed", "feed-worker"], "service_accounts": ["feed/feed-sa"],
                                 "user_agents": ["home-feed-http"]}),
    system("search"),
    system("search-v2"),
    system("checkout", aliases=["checkout-svc"], seen_as={"service_accounts": ["shop/default"]}),
    migration("to-kserve", "scorer-vm.internal:8080", "delivery-time:predict", "model: ryl_v1", "/legacy/rank"),
)  # fmt: skip


def read_all(parser: Parser, data: bytes) -> CallCounts:
    """The calls that a parser finds in a source."""
    counts = CallCounts()
    for block, number in SourceReader(io.BytesIO(data), block=1 << 16).read_blocks():
        _add(counts, parser.parse(block, number))
    _add(counts, parser.finish())
    return counts


def _add(counts: CallCounts, more: CallCounts) -> None:
    for call, number in more.requests.items():
        counts.requests[call] += number
    for call, number in more.errors.items():
        counts.errors[call] += number


def reconcile(*sources: str | bytes) -> tuple[ReadFile, list[TrafficSource], list[SeenCall]]:
    """What reading some sources gives: the last file, the records of sources, the calls."""
    reader = TrafficReader(CARDS)
    for number, source in enumerate(sources):
        data = source.encode() if isinstance(source, str) else source
        read = reader.read(f"file{number}", io.BytesIO(data))
    records = reader.build_records()
    return (
        read,
        [record for record in records if isinstance(record, TrafficSource)],
        [record for record in records if isinstance(record, SeenCall)],
    )


def edges(*sources: str | bytes) -> dict[tuple[str, str], int]:
    """The requests by the system or the name of the caller, and the target."""
    found: dict[tuple[str, str], int] = {}
    for call in reconcile(*sources)[2]:
        key = (call.system or call.caller, call.ref)
        found[key] = found.get(key, 0) + call.requests
    return found
