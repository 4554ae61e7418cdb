"""The server over stdio, with the official SDK, which only the extra `mcp` installs."""

import functools
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from generator.answers.data import Data
from generator.errors import UserError
from generator.mcp.live_book import LiveBook
from generator.mcp.tools import INSTRUCTIONS, BookTools


def serve_stdio(book: LiveBook) -> None:
    """Answer the requests on stdin until it ends.

    The SDK keeps stdout for the protocol: what anything else prints there goes to stderr.

    Raises:
        UserError: The SDK is not installed, or there is no book.

    """
    try:
        from mcp.server.mcpserver import MCPServer  # noqa: PLC0415 - only the extra installs it
        from mcp_types import CallToolResult, TextContent, ToolAnnotations  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise UserError(f"the server for agents needs {error.name}: install modelbook[mcp]") from None
    title = book.read().project.configuration.site_name
    server = MCPServer(
        "modelbook", title=title, instructions=INSTRUCTIONS, version=version("modelbook"), log_level="ERROR"
    )
    is_read_only = ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )

    def report_errors(tool: Callable[..., Data]) -> Callable[..., Any]:
        @functools.wraps(tool)
        def call(*arguments: object, **options: object) -> Any:  # noqa: ANN401 - Data, or the SDK's own result
            try:
                return tool(*arguments, **options)
            except UserError as error:
                # An error that the SDK catches would get a prefix, so that its message differs from the command's.
                return CallToolResult(content=[TextContent(type="text", text=str(error))], is_error=True)

        return call

    for tool in BookTools(book).tools:
        server.add_tool(report_errors(tool), annotations=is_read_only)
    server.run("stdio")
