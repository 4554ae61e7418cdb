"""`modelbook mcp` as a process, called by the client of the official SDK."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal

from generator.evidence.files import render_records
from tests.books import MKDOCS, MODEL, REPOSITORY, TEAM, write_book
from tests.evidence.records import code_use, scanned
from tests.history.repositories import new_repository
from tests.sites import run_modelbook

TOOLS = ["search", "show", "impact", "contacts", "order", "debt", "diff", "history"]


class Agent:
    """A client with a running server."""

    def __init__(self, client: Any) -> None:
        self.client = client

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Return the answer of a tool."""
        result = await self.client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        assert json.loads(result.content[0].text) == result.structured_content
        return dict(result.structured_content)

    async def fail(self, tool: str, **arguments: Any) -> str:
        """Return the message of an error."""
        result = await self.client.call_tool(tool, arguments)
        assert result.is_error
        return str(result.content[0].text)


Questions = Callable[[Agent], Awaitable[Any]]


@contextmanager
def start_server(root: Path) -> Iterator[Callable[[Questions], Any]]:
    """Start a server for a book, and yield a function that asks it."""
    from mcp.client import Client  # noqa: PLC0415 - takes a second in each worker that collects the tests
    from mcp.client.stdio import StdioServerParameters  # noqa: PLC0415

    arguments = ["-m", "generator", "mcp", "-C", str(root)]
    server = StdioServerParameters(command=sys.executable, args=arguments, cwd=str(REPOSITORY))
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(server)) as client:
        yield lambda questions: portal.call(questions, Agent(client))


@pytest.fixture(scope="module")
def ask_own() -> Iterator[Callable[[Questions], Any]]:
    """Ask one server for the demo book."""
    with start_server(REPOSITORY) as ask:
        yield ask


def ask(root: Path, questions: Questions) -> Any:
    """Start a server for a book, and ask it."""
    with start_server(root) as ask:
        return ask(questions)


def run_json(root: Path, *words: str) -> dict[str, Any]:
    """Return the JSON of a command."""
    done = run_modelbook(*words, "--json", cwd=root)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def small_server(tmp_path_factory) -> Iterator[tuple[Path, Callable[[Questions], Any]]]:
    """Start a server for a small book that each test writes anew, since a server reads its book when it changes."""
    root = write_book(tmp_path_factory.mktemp("small"), {"m.yml": MODEL, "t.yml": TEAM})
    with start_server(root) as ask:
        yield root, ask


@pytest.fixture
def small(small_server) -> Path:
    root, _ = small_server
    for path in root.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return write_book(root, {"m.yml": MODEL, "t.yml": TEAM})


@pytest.fixture
def ask_small(small, small_server) -> Callable[[Questions], Any]:
    """Ask the server for the small book as it is now."""
    return small_server[1]


def test_each_tool_is_described_and_read_only(ask_own):
    async def list_tools(agent: Agent) -> Any:
        return (await agent.client.list_tools()).tools, agent.client.instructions

    tools, instructions = ask_own(list_tools)
    assert [tool.name for tool in tools] == TOOLS
    for tool in tools:
        assert "Use it" in tool.description
        assert tool.annotations.read_only_hint
        assert all("description" in value for value in tool.input_schema["properties"].values())
    assert "not as instructions" in instructions


@pytest.mark.parametrize(
    ("tool", "arguments", "command"),
    [
        ("show", {"ref": "ryl"}, ["show", "ryl"]),
        ("impact", {"ref": "feature_view:customer_profile"}, ["impact", "feature_view:customer_profile"]),
        ("contacts", {"ref": "model:ryl"}, ["who", "model:ryl"]),
        ("order", {"refs": ["model:ryl", "home-feed"]}, ["order", "model:ryl", "home-feed"]),
        ("debt", {"limit": 1000}, ["debt"]),
        ("history", {"ref": "ryl", "limit": 1000}, ["history", "ryl"]),
    ],
)
def test_answers_are_the_json_of_the_commands_with_sources(ask_own, tool, arguments, command):
    answer = ask_own(lambda agent: agent.call(tool, **arguments))
    omitted, sources = answer.pop("omitted"), answer.pop("sources")
    assert answer == run_json(REPOSITORY, *command)
    assert omitted == {} or list(omitted) == ["sources"]
    assert sources
    for source in sources:
        assert source["page"].startswith(("models/", "systems/", "teams/", "people/", "resources/", "flows/",
                                          "experiments/", "migrations/"))  # fmt: skip
        file, _, line = (source["file"] or "").partition(":")
        assert not file or len((REPOSITORY / file).read_text("utf-8").splitlines()) >= int(line)


def test_show_has_the_verdict_of_a_model_with_its_sources(ask_own):
    answer = ask_own(lambda agent: agent.call("show", ref="ryl"))
    assert answer["verdict"]["sentence"]
    reasons = {ref for reason in answer["verdict"]["reasons"] for ref in reason["refs"]}
    assert reasons
    assert reasons <= {source["ref"] for source in answer["sources"]}


def test_order_compares_a_migration_like_the_command(ask_own):
    answer = ask_own(lambda agent: agent.call("order", refs=["scorer-to-kserve"], check=True))
    expected = run_json(REPOSITORY, "order", "scorer-to-kserve", "--check")
    assert {key: answer[key] for key in expected} == expected


def test_search_finds_names_with_typos_and_text_of_cards(ask_own):
    async def search(agent: Agent) -> list[str]:
        queries = ("RYL_v2", "restuarants youll", "carousels.yaml home-feed", "asha@example.com")
        return [(await agent.call("search", query=query, limit=1))["hits"][0]["ref"] for query in queries]

    assert ask_own(search) == ["model:ryl", "model:ryl", "system:home-feed", "person:asha"]


def test_a_limit_says_how_much_it_cut_off(ask_own):
    answer = ask_own(lambda agent: agent.call("search", query="model", limit=2))
    assert len(answer["hits"]) == 2
    assert answer["omitted"]["hits"] > 2


def test_debt_of_a_team_has_only_its_work(ask_own):
    answer = ask_own(lambda agent: agent.call("debt", team="data-science"))
    assert {"team:data-science"} <= {team for item in answer["entries"] + answer["open"] for team in item["teams"]}
    assert all("team:data-science" in item["teams"] for item in answer["entries"] + answer["open"])
    assert [one["team"] for one in answer["teams"]] == ["team:data-science"]


@pytest.mark.parametrize("tool", ["show", "impact", "contacts", "history"])
def test_errors_have_the_message_of_the_command(ask_own, tool):
    message = ask_own(lambda agent: agent.fail(tool, ref="rly"))
    command = {"contacts": "who"}.get(tool, tool)
    assert run_modelbook(command, "rly", cwd=REPOSITORY).stderr == f"modelbook: {message}\n"


@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        *((tool, {}, "missing argument 'ref': expected a text (kind:id") for tool in ("show", "impact", "contacts")),
        ("history", {"ref": None}, "invalid argument 'ref', null: expected a text (kind:id"),
        ("history", {"name": "ryl"}, "unexpected argument 'name': expected ref, limit\nmissing argument 'ref': "),
        ("search", {}, "missing argument 'query': expected a text (Words"),
        ("search", {"query": "ryl", "limit": 0}, "invalid argument 'limit', 0: expected an integer from 1 to 1,000 ("),
        ("order", {}, "missing argument 'refs': expected a list of at least one text ("),
        ("order", {"refs": "ryl"}, "invalid argument 'refs', \"ryl\": expected a list of at least one text ("),
        ("order", {"refs": ["ryl", 3]}, "invalid argument 'refs', [\"ryl\", 3]: expected a list"),
        ("order", {"refs": ["ryl"], "check": "x"}, "invalid argument 'check', \"x\": expected true or false ("),
        ("debt", {"team": ["a"]}, "invalid argument 'team', [\"a\"]: expected a text ("),
        ("diff", {"limit": "x"}, "missing argument 'base': expected a text (A git revision"),
    ],
)  # fmt: skip
def test_a_call_with_wrong_arguments_tells_what_is_expected_with_an_example(ask_own, tool, arguments, expected):
    message = ask_own(lambda agent: agent.fail(tool, **arguments))
    assert message.startswith(expected)
    example = json.loads(message.partition("\nexample: ")[2])
    tools = {one.name: one.input_schema for one in ask_own(lambda agent: agent.client.list_tools()).tools}
    assert set(tools[tool].get("required", ())) <= example.keys() <= tools[tool]["properties"].keys()


def test_an_unknown_tool_is_an_error_with_the_nearest_one(ask_own):
    assert ask_own(lambda agent: agent.fail("contact")) == "unknown tool 'contact': did you mean 'contacts'?"


def test_the_book_is_read_again_when_a_card_changes(small, ask_small):
    async def change(agent: Agent) -> Any:
        before = await agent.call("show", ref="ryl")
        path = small / "cards" / "m.yml"
        path.write_text(MODEL.replace("name: Restaurants", "name: Renamed"), encoding="utf-8")
        after = await agent.call("show", ref="ryl")
        path.unlink()
        return before["name"], after["name"], await agent.fail("show", ref="ryl")

    before, after, error = ask_small(change)
    assert (before, after) == ("Restaurants", "Renamed")
    assert error.startswith("no card matches 'ryl'")


def test_answers_use_the_evidence_as_it_is_now(small, ask_small):
    async def questions(agent: Agent) -> tuple[dict[str, Any], ...]:
        before = await agent.call("impact", ref="ryl")
        (small / "evidence").mkdir()
        (small / "evidence/code.jsonl").write_bytes(render_records([scanned(), code_use(repo="food/old")]))
        return before, await agent.call("impact", ref="ryl"), await agent.call("show", ref="ryl")

    before, after, shown = ask_small(questions)
    assert before["found"] == []
    (found,) = after["found"]
    assert (found["name"], found["user"], found["uses"][0]["places"]) == (
        "food/old", None, [{"file": "config/app.yaml", "line": 3, "column": 1}],
    )  # fmt: skip
    assert shown["verdict"]["kind"] == "no"
    (consumer,) = shown["verdict"]["observations"][0]["consumers"]
    assert (consumer["name"], consumer["place"]) == ("food/old", "config/app.yaml, line 3, of food/old")
    (users,) = (one["lines"] for one in shown["sections"] if one["title"] == "Who uses it, and why")
    assert users == [
        "food/old: purpose unknown, no card declares it; found in code: config/app.yaml, line 3, of food/old"
    ]


def test_the_history_is_read_again_after_a_commit(small, ask_small):
    repository = new_repository(small)
    repository.commit("Add the book", "2026-01-01", {})

    async def change(agent: Agent) -> Any:
        before = await agent.call("history", ref="ryl")
        repository.commit("Rank better", "2026-02-01", {"m.yml": MODEL.replace("experimental", "production")})
        return before["events"], (await agent.call("history", ref="ryl"))["events"]

    before, after = ask_small(change)
    assert len(after) > len(before) > 0
    assert after[-1]["commit"]["message"].strip() == "Rank better"


def test_diff_has_the_answer_of_the_command_with_sources(small, ask_small):
    repository = new_repository(small)
    repository.commit("Add the book", "2026-01-01", {})
    repository.write("m.yml", None)
    repository.write("n.yml", MODEL.lstrip().replace("id: ryl", "id: next"))

    async def compare(agent: Agent) -> Any:
        return await agent.call("diff", base="HEAD"), await agent.call("diff", base="HEAD", limit=1)

    answer, cut = ask_small(compare)
    done = run_modelbook("diff", "HEAD", "--format", "json", cwd=small)
    assert {key: answer[key] for key in answer.keys() - {"omitted", "sources"}} == json.loads(done.stdout)
    assert [(card["ref"], card["change"]) for card in answer["cards"]] == [
        ("model:ryl", "removed"),
        ("model:next", "added"),
    ]
    assert {source["ref"]: source["file"] for source in answer["sources"]} == {
        "team:t": "cards/t.yml:1",
        "model:ryl": None,
        "model:next": "cards/n.yml:1",
    }
    assert (len(cut["cards"]), cut["omitted"], answer["omitted"]) == (1, {"cards": 1}, {})


def test_diff_reports_an_unknown_base_like_the_command(small, ask_small):
    new_repository(small).commit("Add the book", "2026-01-01", {})
    message = ask_small(lambda agent: agent.fail("diff", base="nope"))
    assert run_modelbook("diff", "nope", cwd=small).stderr == f"modelbook: {message}\n"


def test_the_book_is_read_again_when_a_contract_file_changes(small, ask_small):
    schema = small / "cards" / "schema.json"
    schema.write_text('{"type": "object", "properties": {"pelican": {"type": "string"}}}', encoding="utf-8")
    (small / "cards" / "m.yml").write_text(f"{MODEL}contract:\n  request: {{$ref: schema.json}}\n", encoding="utf-8")

    async def change(agent: Agent) -> Any:
        before = await agent.call("show", ref="ryl")
        schema.write_text(schema.read_text("utf-8").replace("pelican", "walrus"), encoding="utf-8")
        return json.dumps(before["sections"]), json.dumps((await agent.call("show", ref="ryl"))["sections"])

    before, after = ask_small(change)
    assert ("pelican" in before, "walrus" in before) == (True, False)
    assert "walrus" in after


def test_an_answer_names_the_cards_that_cannot_be_read(small, ask_small):
    (small / "cards" / "broken.yml").write_text("kind: model\nid: [", encoding="utf-8")
    answer = ask_small(lambda agent: agent.call("impact", ref="ryl"))
    assert [place.partition(":")[0] for place in answer["left_out"]] == ["cards/broken.yml"]


def test_secrets_are_redacted(small, ask_small):
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    (small / "cards" / "m.yml").write_text(MODEL + f"notes: the token is {secret}\n", encoding="utf-8")

    async def read(agent: Agent) -> list[Any]:
        return [await agent.call("show", ref="ryl"), await agent.call("search", query="token is")]

    answers = ask_small(read)
    assert secret not in json.dumps(answers)
    assert answers[1]["hits"][0]["ref"] == "model:ryl"


def test_pages_are_urls_if_the_site_has_one(tmp_path):
    options = MKDOCS.replace("site_name", "site_url: https://books.example/ml\nsite_name").replace("  - offline\n", "")
    root = write_book(tmp_path, {"m.yml": MODEL, "t.yml": TEAM}, options)
    answer = ask(root, lambda agent: agent.call("show", ref="ryl"))
    source = {"ref": "model:ryl", "file": "cards/m.yml:1", "page": "https://books.example/ml/models/ryl/"}
    assert answer["sources"][0] == source


def test_stdout_has_only_the_protocol(small):
    (small / "cards" / "broken.yml").write_text("kind: model\nid: [", encoding="utf-8")
    start_up = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": start_up},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "debt", "arguments": {}}},
        {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "show", "arguments": {"ref": "?"}}},
    ]
    command = [sys.executable, "-m", "generator", "mcp", "-C", str(small)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("".join(json.dumps(message) + "\n" for message in messages))
        process.stdin.flush()
        lines = [json.loads(process.stdout.readline()) for _ in range(3)]
        process.stdin.close()
        assert process.wait(60) == 0
        assert process.stdout.read() == ""
    assert {line["id"] for line in lines} == {1, 2, 3}
    assert all(line["jsonrpc"] == "2.0" for line in lines)


def test_a_folder_without_a_book_is_a_usage_error(tmp_path):
    done = run_modelbook("mcp", "-C", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "mkdocs.yml" in done.stderr


def test_without_the_extra_the_message_names_it(tmp_path, small):
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "mcp.py").write_text("raise ModuleNotFoundError(name='mcp')\n", encoding="utf-8")
    environ = {**os.environ, "PYTHONPATH": f"{tmp_path / 'hidden'}{os.pathsep}{REPOSITORY}"}
    done = subprocess.run(
        [sys.executable, "-m", "generator", "mcp", "-C", str(small)],
        cwd=tmp_path, env=environ, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "modelbook: the server for agents needs mcp: install modelbook[mcp]\n"
