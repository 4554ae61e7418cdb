"""An author edits a book and builds it after each change: the site is always the one of a build of the whole book."""

import contextlib
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from generator.cli.staging import recover_site
from tests.history.repositories import Repository
from tests.incremental.rich_book import (
    EVIDENCE,
    NAV,
    SETTINGS,
    Card,
    build_model,
    write_card_file,
    write_cards,
    write_evidence,
    write_rich_book,
    write_settings,
)
from tests.sites import run_modelbook, start_modelbook
from tests.test_build_stopped import expect_no_process

CLOCK = "1795132800"
"""The time of every build for the sitemap: 2026-11-20."""
WORDS = st.sampled_from(["Sorts lists.", "<b>&amp; |pipe| `code`", "See [old](model:old).", "Größe 🍲", ""])
NAMES = st.sampled_from(["Ranker", "A new name", "Zebra & <co>", "old", "Ranker two"])
NUMBERS = st.integers(0, 1000)
MODELS = st.sampled_from(["models/ranker.yml", "models/popular.yml", "models/old.yml", "models/draft.yml"])
TEMPLATE = '{{% extends "shipped/pages/model.md.j2" %}}{{% block about %}}{text}{{% endblock %}}\n'
counted = Counter[str]()
"""The builds of a run, by what each command has done."""


def read_site(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Authoring(RuleBasedStateMachine):
    """A book, its site, and the site of a cold build of the same book elsewhere."""

    compares_each_step = True

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.root, self.site = self.folder / "book", self.folder / "book/site"
        write_rich_book(self.root)
        self.cards = write_cards()
        self.settings = dict(SETTINGS)
        self.is_compared = True
        self.has_state = False
        """Whether the last build has left what an incremental build needs."""
        self.is_narrow = True
        """Whether the author's template prints only what our own converter reads."""

    def teardown(self) -> None:
        self.compare()
        shutil.rmtree(self.folder)

    def build(self, *, is_fast: bool = False) -> None:
        """Build after a change, and note how the command has built."""
        time.sleep(0.02)  # a file that changes within the tick of the clock before a build leaves no stamp
        done = run_modelbook("build", "--quiet", cwd=self.root, **self.get_environment("cache"))
        assert done.returncode in {0, 1}, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        *self.printed, last = done.stdout.splitlines() or [""]
        kind = "failed" if done.returncode else "built" if last.startswith("built ") else "unchanged"
        if last.startswith("updated "):
            kind = "updated"
        if done.returncode:
            self.printed.append(last)
        is_fast = is_fast and self.is_narrow
        if is_fast and self.has_state and not done.returncode:
            assert kind == "updated", done.stdout
        counted[kind] += 1
        # A draft may have an unresolved reference, but a book with one has no state.
        is_resolved = all(card.get("fallback") != "nowhere" for cards in self.cards.values() for card in cards)
        self.returncode, self.is_compared = done.returncode, False
        self.has_state = not done.returncode and is_resolved
        if self.compares_each_step:
            self.compare()

    def get_environment(self, cache: str) -> dict[str, str]:
        return {"XDG_CACHE_HOME": str(self.folder / cache), "SOURCE_DATE_EPOCH": CLOCK}

    def compare(self) -> None:
        """Compare the site, the findings and the exit status with those of a build of the whole book."""
        if self.is_compared:
            return
        self.is_compared, cold = True, self.folder / "cold"
        arguments = ("build", "--quiet", "--force", "--site-dir", str(cold))
        done = run_modelbook(*arguments, cwd=self.root, **self.get_environment("other-cache"))
        *printed, _ = [*done.stdout.splitlines(), *["failed"] * done.returncode]
        assert (self.returncode, self.printed) == (done.returncode, printed)
        if done.returncode == 0:
            found = subprocess.run(["diff", "-rq", cold, self.site], capture_output=True, text=True, check=False)
            assert found.stdout == ""
            assert not (self.root / ".modelbook").exists()

    def write(self, file: str) -> None:
        write_card_file(self.root, file, self.cards[file])

    def edit(self, file: str, number: int = 0, *, is_fast: bool = True, **fields: object) -> None:
        card = self.cards[file][number]
        card.update(fields)
        for key in [key for key, value in fields.items() if value == ""]:
            del card[key]
        self.write(file)
        self.build(is_fast=is_fast)

    @initialize()
    def build_first(self) -> None:
        self.build()

    @rule(file=MODELS, text=WORDS)
    def write_a_note(self, file: str, text: str) -> None:
        self.edit(file, notes=text)

    @rule(file=MODELS, name=NAMES)
    def rename_a_model(self, file: str, name: str) -> None:
        self.edit(file, name=name)

    @rule(number=st.integers(0, 2), name=NAMES)
    def rename_a_card_in_a_file_of_several(self, number: int, name: str) -> None:
        self.edit("teams/cooks.yml", number, name=name)

    @rule(file=MODELS, team=st.sampled_from(["cooks", "riders", "rohan"]))
    def change_the_owner(self, file: str, team: str) -> None:
        self.edit(file, is_fast=False, owners=[team])  # a team can get a map, or lose it

    @rule(file=MODELS, person=st.sampled_from(["asha", "li", "rohan"]))
    def change_a_contact(self, file: str, person: str) -> None:
        self.edit(file, contacts={"ds": person, "engineering": "li"})

    @rule(file=MODELS, lifecycle=st.sampled_from(["experimental", "production", "deprecated"]))
    def change_the_lifecycle(self, file: str, lifecycle: str) -> None:
        card = self.cards[file][0]
        others = {each.get("lifecycle") for cards in self.cards.values() for each in cards if each is not card}
        # If a tag appears or goes, only the plugin can make the page of tags.
        is_fast = lifecycle == card["lifecycle"] or {lifecycle, card["lifecycle"]} <= others
        self.edit(file, is_fast=is_fast, lifecycle=lifecycle)

    @rule(file=MODELS, day=st.sampled_from(["2026-10-01", "2026-11-20", "2026-12-05", "2027-05-05"]))
    def change_the_review_date(self, file: str, day: str) -> None:
        self.edit(file, review_by=day)

    @rule(file=MODELS, why=WORDS.filter(bool), criticality=st.sampled_from(["high", "low"]))
    def change_a_consumer(self, file: str, why: str, criticality: str) -> None:
        self.edit(file, consumers=[{"system": "home", "why": why, "criticality": criticality}])

    @rule(file=MODELS, alias=st.sampled_from(["RNK", "POP", "former"]))
    def change_an_alias(self, file: str, alias: str) -> None:
        self.edit(file, aliases=[f"{alias}-{file[7:9]}"])

    @rule(file=MODELS, fallback=st.sampled_from(["", "popular", "guess", "nowhere"]))
    def change_the_fallback(self, file: str, fallback: str) -> None:
        self.edit(file, is_fast=False, fallback=fallback)

    @rule(traffic=st.integers(1, 99), metric=WORDS.filter(bool))
    def change_an_experiment(self, traffic: int, metric: str) -> None:
        variants = {"a": {"model": "popular", "traffic": traffic}, "b": {"model": "ranker", "traffic": 100 - traffic}}
        self.edit("experiments/test.yml", metric=metric, variants=variants)

    @rule(note=WORDS, name=NAMES)
    def edit_a_flow(self, note: str, name: str) -> None:
        reading = {"from": "model:ranker", "reads": "feature_view:profile"}
        calling = {"from": "system:home", "calls": "model:ranker", "note": note or "In time"}
        self.edit("flows/ordering.yml", name=name, steps=[reading, calling])

    @rule(day=st.sampled_from(["2026-11-30", "2027-01-10"]), text=WORDS.filter(bool))
    def edit_a_migration(self, day: str, text: str) -> None:
        waves = [{"scope": {"city": ["all"]}, "traffic": 100, "planned_on": day}]
        self.edit("migrations/move.yml", waves=waves, rollback=text)

    @rule(name=NAMES, location=WORDS)
    def edit_a_resource(self, name: str, location: str) -> None:
        self.edit("resources/profile.yml", name=name, location=location)

    @rule(repo=st.sampled_from(["", "https://git.example.com/core/home"]), name=NAMES)
    def edit_a_system(self, repo: str, name: str) -> None:
        self.edit("systems/home.yml", repo=repo, name=name)

    @rule(names=st.lists(NAMES, min_size=3, max_size=3), text=WORDS)
    def edit_several_files(self, names: list[str], text: str) -> None:
        for file, name in zip(("models/ranker.yml", "models/old.yml", "systems/home.yml"), names, strict=True):
            self.cards[file][0] |= {"name": name, "summary": text or "Plain."}
            self.write(file)
        self.edit("teams/riders.yml", 1, name=names[0], role="Engineer")

    @rule(file=MODELS)
    def save_without_a_change(self, file: str) -> None:
        path = self.root / "cards" / file
        saved = path.with_suffix(".saved")
        saved.write_text(path.read_text("utf-8"), "utf-8")
        saved.replace(path)
        self.build()

    @rule(file=MODELS, text=st.sampled_from(["kind: [\n", "colour: red\n", "lifecycle: prod\n", "\x00"]))
    def break_a_card_and_repair_it(self, file: str, text: str) -> None:
        path = self.root / "cards" / file
        good = path.read_text("utf-8")
        path.write_text(good + text, "utf-8")
        self.build()
        path.write_text(good, "utf-8")
        self.build()

    def has_shipped_pages(self) -> bool:
        """Whether cards can be added and removed without a build of the whole book."""
        is_listed = any(each.get("lifecycle") == "experimental" for each in self.cards["models/draft.yml"])
        return is_listed and not (self.root / "templates").exists()

    @rule(number=NUMBERS, uses=st.booleans())
    def add_a_model(self, number: int, uses: bool) -> None:
        file, consumers = f"models/new-{number}.yml", [{"system": "home", "why": "A new row"}] if uses else []
        card = build_model(f"new-{number}", f"New {number}", "experimental", consumers=consumers, tags=["draft"])
        self.cards[file] = [card | {"features": ["profile:taste"]}]
        self.write(file)
        self.build(is_fast=self.has_shipped_pages())

    @rule(number=NUMBERS, kind=st.sampled_from(["system", "resource", "person"]), models=st.booleans())
    def add_another_card(self, number: int, kind: str, models: bool) -> None:
        file, card = f"{kind}s/new-{number}.yml", {"kind": kind, "id": f"new.{number}", "name": f"New {number}"}
        uses = [{"model": "old", "why": "Row"}] if models else []
        of_kind: dict[str, Card] = {
            "system": {"type": "service", "owners": ["riders"], "uses": uses},
            "resource": {"type": "feature_view", "owners": ["cooks"]},
            "person": {"team": "riders"},
        }
        self.cards[file] = [{**card, **of_kind[kind]}]
        self.write(file)
        self.build()

    @precondition(lambda self: any("new" in file for file in self.cards))
    @rule(chance=st.randoms(use_true_random=False), moves=st.booleans(), number=NUMBERS)
    def remove_a_card(self, chance: random.Random, moves: bool, number: int) -> None:
        """Remove a card, or give it another id and its file another name."""
        file = chance.choice([file for file in self.cards if "new" in file])
        (self.root / "cards" / file).unlink()
        card = self.cards.pop(file)[0]
        if moves:
            other = f"{file.rpartition('/')[0]}/new-{number}.yml"
            self.cards[other] = [{**card, "id": f"new-{number}"}]
            self.write(other)
        self.build(is_fast=self.has_shipped_pages() and file.startswith("models/"))

    @rule(name=st.sampled_from(["profile", "other"]))
    def name_another_resource(self, name: str) -> None:
        self.edit("models/ranker.yml", is_fast=False, features=[f"{name}:taste"])

    @rule(text=WORDS)
    def edit_a_template(self, text: str) -> None:
        path = self.root / "templates/pages/model.md.j2"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEMPLATE.format(text=text), "utf-8")
        self.is_narrow = not text or text == "Sorts lists."
        self.build()

    @rule(
        title=st.sampled_from(["Rich book", "Other <book>"]),
        theme=st.sampled_from(["", ", features: [navigation.tabs]", ", language: de"]),
        day=st.sampled_from(["2026-11-20", "2027-04-01"]),
        severity=st.sampled_from(["warning", "off"]),
        nav=st.sampled_from(["", NAV]),
    )
    def change_settings(self, **chosen: str) -> None:
        self.settings = chosen
        write_settings(self.root, chosen)
        self.build()

    @rule(text=WORDS, title=NAMES)
    def edit_a_page_of_the_author(self, text: str, title: str) -> None:
        path = self.root / "docs/guide.md"
        path.write_text(f"---\ntags: [home]\n---\n# {title}\n\n{text} The [ranker](models/ranker.md).\n", "utf-8")
        self.build()

    @rule(requests=NUMBERS)
    def collect_evidence(self, requests: int) -> None:
        row: Card = {**EVIDENCE, "requests": requests}
        write_evidence(self.root, row)
        self.build()

    @rule(message=st.sampled_from(["Review the cards", "Merge branch 'other'"]), day=st.integers(1, 28))
    def commit(self, message: str, day: int) -> None:
        repository, is_first = Repository(self.root), not (self.root / ".git").exists()
        if is_first:
            repository.git("init", "-q", "-b", "main")
        repository.git("add", "cards")
        repository.git("commit", "-q", "--allow-empty", "-m", message, day=f"2026-11-{day:02}")
        self.build(is_fast=not is_first)

    @rule(chance=st.randoms(use_true_random=False), deletes=st.booleans())
    def damage_the_site(self, chance: random.Random, deletes: bool) -> None:
        files = sorted(path for path in self.site.rglob("*") if path.is_file())
        if files:
            file = chance.choice(files)
            if deletes:
                file.unlink()
            else:
                file.write_bytes(b"damaged")
        self.build()

    @rule(chance=st.randoms(use_true_random=False), deletes=st.booleans())
    def damage_the_cache(self, chance: random.Random, deletes: bool) -> None:
        files = sorted(path for path in (self.folder / "cache").rglob("*") if path.is_file())
        if files:
            file = chance.choice(files)
            content = bytearray(file.read_bytes())
            if deletes:
                file.unlink()
            elif content:
                content[chance.randrange(len(content))] ^= 1
                file.write_bytes(content)
        self.cards["models/old.yml"][0]["summary"] = f"Summary {chance.random()}"
        self.write("models/old.yml")
        self.build()

    @rule(part=st.floats(0, 1), name=NAMES, damages=st.booleans())
    def kill_a_build(self, part: float, name: str, damages: bool) -> None:
        """Kill a build at any moment: the site is the old or the new one after the recovery of the next command."""
        before = read_site(self.site) if self.site.exists() else {}
        self.cards["models/ranker.yml"][0]["name"] = name
        self.write("models/ranker.yml")
        time.sleep(0.02)
        with pytest.MonkeyPatch.context() as patch:
            for variable, value in self.get_environment("cache").items():
                patch.setenv(variable, value)
            process = start_modelbook("build", cwd=self.root)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(part * (1.5 if damages else 0.3))
        process.send_signal(signal.SIGKILL)
        process.wait()
        expect_no_process(process.pid)
        recover_site(self.site)
        after = read_site(self.site) if self.site.exists() else {}
        self.build()
        assert after in (before, read_site(self.site)) or self.returncode


def test_the_site_is_always_that_of_a_build_of_the_whole_book(pytestconfig):
    is_long = pytestconfig.getoption("--all")
    Authoring.compares_each_step = is_long
    counted.clear()
    run_state_machine_as_test(
        Authoring,
        settings=settings(
            max_examples=60 if is_long else 2,
            stateful_step_count=15 if is_long else 5,
            deadline=None,
            phases=list(Phase) if is_long else [Phase.generate],
            suppress_health_check=list(HealthCheck),
            derandomize=False,
        ),
    )
    assert counted["built"]
    assert counted["updated"] or not is_long
