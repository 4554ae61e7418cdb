"""The parts of Modelbook that are fuzzed: each target takes files as an author would write them."""

import contextlib
import io
import json
import random
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import yaml

from bench.fuzz.mutations import mutate_bytes, mutate_card, mutate_data, mutate_text
from generator.cli import main
from generator.cli.reports import REPORTS, CheckResult
from generator.pages.site import PageBuilder
from generator.pages.template_folders import build_template_folders
from generator.project import open_project
from tests.drafts.test_serving_platforms import ENSEMBLE, PIPELINE, SERVICE

ROOT = Path(__file__).parents[2]
Files = Mapping[str, str | bytes]
SETTINGS = "site_name: Fuzz\ntheme: {name: material}\nplugins:\n  - modelbook: {as_of: 2026-11-20}\n"


class Target(Protocol):
    """One part of Modelbook with its inputs."""

    @property
    def name(self) -> str:
        """The name in the table."""

    @property
    def size(self) -> int:
        """The number of inputs that are mutated in one run."""

    def mutate(self, chance: random.Random) -> Files:
        """Return the mutated files of one run by their paths in the book."""

    def run(self, folder: Path, files: Files) -> None:
        """Use the files; anything but a finding or a usage error is an exception."""


@dataclass(frozen=True)
class Cards:
    """The demo book with several mutated cards: loaded, checked, rendered and reported as text."""

    seeds: Mapping[str, str]
    name: str = "cards"
    size: int = 16

    def mutate(self, chance: random.Random) -> Files:
        """Return a few mutated cards and contract files."""
        texts = list(self.seeds.values())
        chosen = chance.sample(sorted(self.seeds), min(self.size, len(self.seeds)))
        return {
            name: (mutate_card if name.endswith((".yml", ".md")) else mutate_text)(self.seeds[name], chance, texts)
            for name in chosen
        }

    def run(self, folder: Path, files: Files) -> None:
        """Check the demo book with these files instead of the original ones."""
        write(folder, {**self.seeds, **files, "mkdocs.yml": SETTINGS})
        project = open_project(folder)
        folders = build_template_folders(folder, project.configuration.settings.templates)
        builder = PageBuilder(project.book, folders, directory_urls=False, only_checks=True)
        for _ in builder.build_book_pages():
            pass
        findings = [*project.findings, *builder.findings]
        REPORTS["text"](CheckResult(tuple(findings), project.texts, project.suppressed))


@dataclass(frozen=True)
class Import:
    """One importer, run as its command in an empty book."""

    name: str
    seeds: Mapping[str, str]
    """The source files by their names; the command gets the first."""
    options: tuple[str, ...] = ()
    size: int = 1

    def mutate(self, chance: random.Random) -> Files:
        """Return the source with one file mutated, as text, bytes or data."""
        name = chance.choice(sorted(self.seeds))
        text, texts = self.seeds[name], list(self.seeds.values())
        match chance.randrange(4):
            case 0:
                changed: str | bytes = mutate_bytes(text, chance)
            case 1:
                changed = mutate_text(text, chance, texts)
            case _ if name.endswith((".json", ".yaml")):
                documents = [mutate_data(one, chance) for one in yaml.safe_load_all(text)]
                changed = "\n---\n".join(map(json.dumps, documents))
            case _ if name.endswith((".md", "meta.yml")):
                changed = mutate_card(text, chance, texts)
            case _:
                changed = mutate_text(text, chance, texts)
        return {**self.seeds, name: changed}

    def run(self, folder: Path, files: Files) -> None:
        """Run the import."""
        write(folder, {f"source/{path}": content for path, content in files.items()} | {"mkdocs.yml": SETTINGS})
        (folder / "cards").mkdir(exist_ok=True)
        source = (
            folder / "source" if self.name in {"huggingface", "mlflow"} else folder / "source" / next(iter(self.seeds))
        )
        run_command("import", self.name, str(source), "-C", str(folder), *self.options)


@dataclass(frozen=True)
class SampleCall:
    """The sample curl of a one-card book, checked with the rest of the card."""

    seeds: tuple[str, ...]
    card: str
    name: str = "curl"
    size: int = 1

    def mutate(self, chance: random.Random) -> Files:
        """Return the card with one of the calls mutated."""
        curl = mutate_text(chance.choice(self.seeds), chance, self.seeds)
        return {"cards/a.yml": f"{self.card}curl: {json.dumps(curl)}\n"}

    def run(self, folder: Path, files: Files) -> None:
        """Check the book."""
        write(folder, {**files, "mkdocs.yml": SETTINGS})
        open_project(folder)


def write(folder: Path, files: Files) -> None:
    """Replace the content of the folder with these files."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))


def run_command(*arguments: str) -> None:
    """Run a command of Modelbook in this process, without its output; exit statuses 0, 1 and 2 are answers."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            main(arguments)
        except SystemExit as leave:
            if leave.code not in {0, 1, 2, None}:
                raise


def list_targets() -> tuple[Target, ...]:
    """Return every target with the repository's own cards and the tests' real sources as seeds."""
    cards = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "cards").rglob("*"))
        if path.suffix in {".yml", ".md", ".json"}
    }
    real = ROOT / "tests/drafts/real"
    return (
        Cards(cards),
        Import("openapi", read(real, "predictions.yaml"), ("--all",)),
        Import("backstage", read(real, "catalog-info.yaml")),
        Import("csv", read(real, "models.csv")),
        Import("huggingface", read(real / "all-minilm-l6-v2", "README.md")),
        Import("mlflow", MLFLOW),
        Import("seldon", {"pipeline.yaml": PIPELINE}),
        Import("triton", {"config.pbtxt": ENSEMBLE}),
        Import("bentoml", {"service.py": SERVICE}),
        SampleCall(CURLS, CALLED),
    )


def read(folder: Path, *names: str) -> dict[str, str]:
    """Return the texts of these files by their names."""
    return {name: (folder / name).read_text(encoding="utf-8") for name in names}


MLFLOW = {
    "models/ryl/meta.yaml": "name: ryl\ndescription: '## RYL\n\n  Ranks **shops**.'\nlast_updated_timestamp: 1\n",
    "models/ryl/version-1/meta.yaml": "name: ryl\nversion: 1\nsource: s3://a/b\ncurrent_stage: Production\n",
    "models/ryl/version-2/meta.yaml": "name: ryl\nversion: 2\nsource: models:/m-1\ncurrent_stage: None\nrun_id: r2\n",
    "models/ryl/tags/owner": "growth",
    "models/ryl/aliases/champion": "2",
}
"""A registry of MLflow in files."""

CALLED = """\
kind: model
id: a
name: A
summary: Ranks.
lifecycle: production
serving: online
endpoints: {production: "https://ml.example.com/a"}
contract:
  request: {type: object, required: [customer_id], properties: {customer_id: {type: string}}}
  response: {type: object}
"""
CURLS = (
    "curl -X POST https://ml.example.com/a -H 'Content-Type: application/json' -d '{\"customer_id\": \"c-1\"}'",
    """curl --fail -s "https://ml.example.com/a" \\
  -H "Authorization: Bearer $TOKEN" \\
  --data-binary @- <<'EOF'
{"customer_id": "c-1"}
EOF
""",
    'echo \'{"customer_id": "c-1"}\' | curl --json @- https://ml.example.com/a | jq .',
    'T=$(cat ~/.token) && kubectl exec -it pod -- curl -sS -d $\'{"customer_id":\\t"c"}\' ml.example.com/a',
)
