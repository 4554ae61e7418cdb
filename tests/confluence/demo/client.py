"""Requests to a demo server without the client of Modelbook, so that both cannot share a mistake."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from generator.confluence.demo import ADMIN, DemoPerson, DemoServer
from generator.confluence.wiki import Flavour
from tests.confluence.demo.server import Account, Variant, VariantServer
from tests.confluence.transport import build_request

GUEST = Account("guest", "A guest", "guest@example.com", "guest")


@dataclass(frozen=True)
class Client:
    """An account that sends requests; `api` is the path of the newest API of the flavour."""

    demo: DemoServer
    person: DemoPerson = ADMIN

    @property
    def cloud(self) -> bool:
        return self.demo.flavour is Flavour.CLOUD

    @property
    def v1(self) -> str:
        return "/wiki/rest/api" if self.cloud else "/rest/api"

    def ask(self, method: str, target: str, data: Any = None, **headers: str) -> tuple[int, Any, Any]:
        """Return the status, the JSON or text, and the headers of a response."""
        user = self.person.email if self.cloud else self.person.id
        pair = base64.b64encode(f"{user}:{self.person.token}".encode()).decode()
        sent = {"Content-Type": "application/json", "Authorization": f"Basic {pair}", **headers}
        body = b"" if data is None else json.dumps(data).encode()
        response = self.demo.exchange(build_request(method, target, sent, body)).response
        assert response is not None
        text = response.get_data(as_text=True)
        is_json = "json" in response.headers.get("Content-Type", "")
        return response.status_code, json.loads(text) if is_json and text else text, response.headers

    def get(self, target: str) -> Any:
        status, data, _ = self.ask("GET", target)
        assert status == 200, data
        return data

    @property
    def space(self) -> dict[str, Any]:
        if self.cloud:
            return dict(self.get("/wiki/api/v2/spaces?keys=BOOK")["results"][0])
        return dict(self.get("/rest/api/space/BOOK?expand=homepage"))

    def create_page(
        self, title: str = "Model", parent_id: str | None = None, body: str = "<p>x</p>"
    ) -> tuple[int, Any]:
        """Create a page below a parent, or below the home page."""
        storage = {"representation": "storage", "value": body}
        if self.cloud:
            data: dict[str, Any] = {"spaceId": self.space["id"], "title": title, "body": storage}
            data |= {"parentId": parent_id} if parent_id else {}
            return self.ask("POST", "/wiki/api/v2/pages", data)[:2]
        data = {"type": "page", "title": title, "space": {"key": "BOOK"}, "body": {"storage": storage}}
        data["ancestors"] = [{"id": parent_id or self.space["homepage"]["id"]}]
        return self.ask("POST", "/rest/api/content", data)[:2]

    def page(self, title: str = "Model", parent_id: str | None = None) -> str:
        status, made = self.create_page(title, parent_id)
        assert status == 200, made
        return str(made["id"])

    def read_page(self, page_id: str) -> Any:
        if self.cloud:
            return self.get(f"/wiki/api/v2/pages/{page_id}?body-format=storage")
        return self.get(f"/rest/api/content/{page_id}?status=any&expand=body.storage,ancestors")

    def update_page(self, page_id: str, version: int, title: str = "Model", **more: Any) -> tuple[int, Any]:
        storage = {"representation": "storage", "value": more.pop("body", "<p>new</p>")}
        number = {"number": version}
        if self.cloud:
            data = {"id": page_id, "status": "current", "title": title, "body": storage, "version": number, **more}
            return self.ask("PUT", f"/wiki/api/v2/pages/{page_id}", data)[:2]
        data = {"type": "page", "status": "current", "title": title, "body": {"storage": storage}, "version": number}
        return self.ask("PUT", f"/rest/api/content/{page_id}", data)[:2]

    def trash_page(self, page_id: str) -> int:
        path = f"/wiki/api/v2/pages/{page_id}" if self.cloud else f"/rest/api/content/{page_id}"
        return self.ask("DELETE", path)[0]

    def properties(self, page_id: str) -> str:
        return f"/wiki/api/v2/pages/{page_id}/properties" if self.cloud else f"/rest/api/content/{page_id}/property"


def set_variant(client: Client, variant: Variant) -> None:
    """Let the demo server behave in this way from now on."""
    assert isinstance(client.demo, VariantServer)
    client.demo.variant = variant
