"""The demo server that the benchmark of publishing runs on."""

from collections.abc import Iterable, Iterator
from typing import Any

from werkzeug.routing import Rule

from generator.confluence.demo import DemoServer, Fault
from generator.confluence.demo.api import V2, Call, reply
from generator.confluence.wiki import Flavour

SPACES = (("BOOK", "Model book"), ("TEAM", "Team"))
"""Two spaces, because md2conf expects more than one."""


class BenchServer(DemoServer):
    """A Cloud that also has the calls of md2conf alone: a space by its id, names and properties of attachments."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        super().__init__(Flavour.CLOUD, spaces=SPACES)
        self.inject(faults)
        self._properties: dict[str, list[dict[str, Any]]] = {}

    @classmethod
    def list_rules(cls, flavour: Flavour) -> Iterator[Rule]:
        """List the routes, also those that md2conf alone uses."""
        yield from super().list_rules(flavour)
        files, properties = (
            "/wiki/rest/api/content/<page_id>/child/attachment",
            f"{V2}/attachments/<file_id>/properties",
        )
        for method, path, handler in (
            ("GET", f"{V2}/spaces/<int:space_id>", "get_space"),
            ("PUT", f"{files}/<file_id>", "rename_file"),
            ("GET", properties, "list_properties"),
            ("POST", properties, "save_property"),
        ):
            yield Rule(path, methods=[method], endpoint=handler)

    def get_space(self, call: Call, space_id: int) -> dict[str, Any]:
        """Return a space by its id."""
        space = call.session.space(space_id)
        return {"id": str(space.id), "key": space.key, "name": space.name, "homepageId": str(space.homepage_id)}

    def rename_file(self, _call: Call, page_id: str, file_id: str) -> dict[str, Any]:
        """Keep the name, which is the one of the upload."""
        return {"id": file_id, "type": "attachment", "container": {"id": page_id}}

    def list_properties(self, call: Call, file_id: str) -> Any:  # noqa: ANN401 - as the demo server
        """List the properties of an attachment."""
        return reply({"results": self._properties.get(file_id, []), "_links": {"base": call.base}})

    def save_property(self, call: Call, file_id: str) -> dict[str, Any]:
        """Save a property of an attachment."""
        properties = self._properties.setdefault(file_id, [])
        saved = {**call.request.get_json(), "id": str(len(properties) + 1), "version": {"number": 1}}
        properties.append(saved)
        return saved
