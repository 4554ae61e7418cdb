"""Records of evidence for tests, with the fields that a test is not about filled in."""

from datetime import date

from generator.evidence.records import (
    CodePlace,
    CodeUse,
    FileClass,
    NameKind,
    ScannedRepository,
    SeenCall,
    TrafficSource,
)

SCANNED = date(2026, 11, 19)
COMMIT = "a1b2c3d4e5" * 4


def code_use(
    ref: str = "model:ryl",
    system: str = "",
    repo: str = "food/feed",
    cls: FileClass = FileClass.CONFIG,
    places: tuple[tuple[str, int], ...] = (("config/app.yaml", 3),),
    *,
    count: int = 0,
    kind: NameKind = NameKind.ID,
    name: str = "",
    on: date = SCANNED,
) -> CodeUse:
    return CodeUse(
        ref=ref, kind=kind, name=name or ref.partition(":")[2], repo=repo, system=system, cls=cls,
        count=count or len(places), places=tuple(CodePlace(file, line, 1) for file, line in places), commit=COMMIT,
        committed_on=on, first_seen=on,
    )  # fmt: skip


def scanned(repo: str = "food/feed", on: date = SCANNED, **skipped: int) -> ScannedRepository:
    return ScannedRepository(repo=repo, commit=COMMIT, committed_on=on, files=10, skipped=skipped)


def seen_call(
    ref: str = "model:ryl",
    system: str = "",
    caller: str = "growth-batch",
    requests: int = 1_200,
    errors: int = 0,
    on: date | None = SCANNED,
    name: str = "",
) -> SeenCall:
    return SeenCall(
        ref=ref, name=name or ref.partition(":")[2], caller=caller, system=system, requests=requests, errors=errors,
        first_on=on, last_on=on, window="30d", source="istio",
    )  # fmt: skip


def traffic_source(on: date | None = SCANNED) -> TrafficSource:
    return TrafficSource(source="istio", first_on=on, last_on=on, window="30d", requests=10_000)
