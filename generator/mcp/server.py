"""The server over stdio, with the official SDK, which only the extra `mcp` installs."""

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from pydantic import ValidationError

from generator.errors import UserError
from generator.mcp.live_book import LiveBook
from generator.mcp.tools import INSTRUCTIONS, BookTools
from generator.names import suggest_name


def serve_stdio(book: LiveBook) -> None:
    """Answer the requests on stdin until it ends.

    The SDK keeps stdout for the protocol: what anything else prints there goes to stderr.

    Raises:
        UserError: The SDK is not installed, or there is no book.

    """
    try:
        from mcp.server.mcpserver import Context, MCPServer  # noqa: PLC0415 - only the extra installs it
        from mcp.server.mcpserver.exceptions import ToolError  # noqa: PLC0415
        from mcp_types import CallToolResult, InputRequiredResult, TextContent, ToolAnnotations  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise UserError(f"the server for agents needs {error.name}: install modelbook[mcp]") from None

    class BookServer(MCPServer[Any]):
        async def call_tool(
            self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
        ) -> CallToolResult | InputRequiredResult:
            """Call a tool. Its errors have the text of Modelbook, not that of the SDK."""
            tools = {tool.name: tool.input_schema for tool in await self.list_tools()}
            try:
                if name not in tools:
                    raise UserError(f"unknown tool {name!r}: {suggest_name(name, tools)}")
                return await super().call_tool(name, arguments, context)
            except (UserError, ToolError) as error:
                match error, error.__cause__:
                    case (UserError() as known, _) | (_, UserError() as known):
                        message = str(known)
                    case _, ValidationError() as cause:
                        message = describe_wrong_arguments(
                            tools[name], arguments, (str(one["loc"][0]) for one in cause.errors())
                        )
                    case _:
                        raise
                return CallToolResult(content=[TextContent(type="text", text=message)], is_error=True)

    title = book.read().project.configuration.site_name
    server = BookServer(
        "modelbook", title=title, instructions=INSTRUCTIONS, version=version("modelbook"), log_level="ERROR"
    )
    is_read_only = ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    for tool in BookTools(book).tools:
        server.add_tool(tool, annotations=is_read_only)
    server.run("stdio")


def describe_wrong_arguments(schema: Mapping[str, Any], arguments: Mapping[str, object], wrong: Iterable[str]) -> str:
    """Return what is wrong with the arguments of a tool, and an example; `schema` is the JSON Schema of the tool."""
    known = schema["properties"]
    example = {key: known[key]["examples"][0] for key in schema.get("required", ())}
    lines = [f"unexpected argument {key!r}: expected {', '.join(known)}" for key in arguments if key not in known]
    for key in dict.fromkeys(wrong):
        expected = known[key]
        match expected["type"]:
            case "integer":
                form = f"an integer from {expected['minimum']} to {expected['maximum']:,}"
            case "boolean":
                form = "true or false"
            case "array":
                form = "a list of at least one text"
            case _:
                form = "a text"
        value = json.dumps(arguments.get(key), ensure_ascii=False, default=str)
        what = f"invalid argument {key!r}, {value[:100]}" if key in arguments else f"missing argument {key!r}"
        lines.append(f"{what}: expected {form} ({expected['description']})")
        example[key] = expected["examples"][0]
    return "\n".join([*lines, f"example: {json.dumps(example)}"])
