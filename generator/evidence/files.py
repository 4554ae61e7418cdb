"""The files of evidence: read into records, with a finding for each invalid line, and written sorted."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from generator.errors import UserError, report_write_errors
from generator.evidence.records import CodeRecord, Evidence, EvidenceRecord, TrafficRecord, Verification
from generator.findings import Finding, Position, get_rule
from generator.load.rules import OUTSIDE, UNREADABLE

BAD_EVIDENCE = get_rule("MB709")
RULES = (BAD_EVIDENCE,)
CODE_FILE = "code.jsonl"
TRAFFIC_FILE = "traffic.jsonl"
VERIFY_FILE = "verify.jsonl"
_LARGEST_FILE = 200_000_000
"""In bytes; 50,000 names in 1,000 repositories make a tenth of it."""

Line = TypeVar("Line", bound=EvidenceRecord)


def read_evidence(folder: Path, root: Path) -> tuple[Evidence, list[Finding]]:
    """Read the evidence files of a book; a missing folder or file has no records.

    Positions are relative to `root`, the folder of mkdocs.yml, and nothing outside of it is read.
    """
    findings: list[Finding] = []
    code: list[CodeRecord] = _read_lines(folder / CODE_FILE, root, CodeRecord, findings)
    traffic: list[TrafficRecord] = _read_lines(folder / TRAFFIC_FILE, root, TrafficRecord, findings)
    verifications: list[Verification] = _read_lines(folder / VERIFY_FILE, root, Verification, findings)
    return Evidence(tuple(code), tuple(traffic), tuple(verifications)), findings


def _read_lines(path: Path, root: Path, kind: object, findings: list[Finding]) -> list[Line]:
    """Read a file of records, and add the findings for lines that cannot be read."""
    file = Path(os.path.relpath(path, root)).as_posix()  # also of a folder that is set to a place outside of the book
    try:
        if not path.exists():
            return []
        if not path.resolve().is_relative_to(root.resolve()):
            findings.append(OUTSIDE.at(Position(file), "it leads out of the book", "replace the link by the file"))
            return []
        if path.stat().st_size > _LARGEST_FILE:
            message = f"it has more than {_LARGEST_FILE // 1_000_000} MB: expected the output of modelbook"
            findings.append(BAD_EVIDENCE.at(Position(file), message, "write it again"))
            return []
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        findings.append(UNREADABLE.at(Position(file), f"it cannot be read: {error.strerror}", "allow to read it"))
        return []
    decoder: msgspec.json.Decoder[Line] = msgspec.json.Decoder(kind)
    records: list[Line] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            records.append(decoder.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            message = f"invalid record of evidence: {error}"
            findings.append(BAD_EVIDENCE.at(Position(file, number), message, "write the file again with modelbook"))
    return records


def render_records(records: Iterable[EvidenceRecord]) -> bytes:
    """Render records as the content of a file: a line each, sorted, without duplicates."""
    encoder = msgspec.json.Encoder(order="deterministic")
    return b"".join(line + b"\n" for line in sorted({encoder.encode(record) for record in records}))


def write_records(path: Path, root: Path, records: Iterable[EvidenceRecord]) -> None:
    """Write a file of evidence, whole or not at all; raise UserError if it cannot be written or is not in `root`."""
    if not path.resolve().is_relative_to(root.resolve()):
        raise UserError(f"{os.path.relpath(path, root)} leads out of the book: replace the link by a folder or a file")
    content = render_records(records)
    # A name of our own: a link with a name that is known before could lead out of the book, and two runs need two.
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    with report_write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("xb") as file:
                file.write(content)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
