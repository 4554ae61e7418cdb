"""A request to the API of a demo server and the form of its responses."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlencode

from werkzeug import Request, Response

from generator.confluence.demo.content import PAGE, Content, NoPermission, Refusal
from generator.confluence.demo.session import Session
from generator.confluence.wiki import Flavour, Status

V2 = "/wiki/api/v2"
LIMIT = {True: 250, False: 100}
"""The longest part of a list in API v2 and in v1."""
LIMIT_WITH_BODIES = 50

Json: TypeAlias = dict[str, Any]
Answer: TypeAlias = "Response | Json | None"
"""A response, JSON with status 200, or nothing with status 204."""
Item = TypeVar("Item")


@dataclass(frozen=True)
class Call:
    """A request and the session of its account."""

    request: Request
    session: Session

    @property
    def cloud(self) -> bool:
        """Whether the site is on Cloud."""
        return self.session.world.flavour is Flavour.CLOUD

    @property
    def v2(self) -> bool:
        """Whether the request is for API v2."""
        return self.request.path.startswith(V2)

    @property
    def base(self) -> str:
        """The address of the site."""
        return self.request.host_url.rstrip("/") + ("/wiki" if self.cloud else "")

    def get(self, name: str, default: str = "") -> str:
        """Return a query parameter."""
        return self.request.args.get(name, default)

    def get_list(self, name: str) -> list[str]:
        """Return the values of a query parameter, repeated or separated by commas."""
        return [part for value in self.request.args.getlist(name) for part in value.split(",") if part]

    def get_number(self, name: str, default: int) -> int:
        """Return a query parameter that is a whole number."""
        text = self.get(name) or str(default)
        if not (text.isascii() and text.isdigit()):
            raise Refusal(400, f"{name} must be a number, not {text!r}")
        return int(text[:18])

    def read_json(self) -> Any:  # noqa: ANN401 - JSON, whose shape the caller checks
        """Return the JSON of the body."""
        if not self.request.is_json:
            raise Refusal(415, "Content-Type must be application/json")
        try:
            return json.loads(self.request.get_data())
        except ValueError:
            raise Refusal(400, "the body is not JSON") from None

    def read_object(self, *required: str) -> "Fields":
        """Return the JSON object of the body, with its required fields."""
        fields = Fields("the body", self.read_json())
        for name in required:
            if name not in fields.values:
                raise Refusal(400, f"{name} is required")
        return fields

    def page(self, page_id: object, *statuses: Status) -> Content:
        """Return a readable page."""
        return self.session.find(page_id, *statuses, kind=PAGE)

    def part(self, items: Sequence[Item], to_json: Callable[[Item], Json], default: int = 25) -> Response:
        """Return the part of a list that the request asks for: by a cursor in v2, by a start in v1."""
        limit, args = self.get_number("limit", default), self.request.args
        headers, links = {}, {"base": self.base}
        if self.v2:
            if not 1 <= limit <= LIMIT[True]:  # v2 document, every list: minimum 1, maximum 250
                raise Refusal(400, f"limit must be between 1 and {LIMIT[True]}")
            try:
                start = int(base64.urlsafe_b64decode(self.get("cursor") or "MA==").decode())
            except ValueError:
                raise Refusal(400, "invalid cursor") from None
            following = {"cursor": base64.urlsafe_b64encode(str(start + limit).encode()).decode()}
        else:  # Data Center lowers a limit without an error
            most = LIMIT_WITH_BODIES if "body." in self.get("expand") else LIMIT[False]
            start, limit = self.get_number("start", 0), max(1, min(limit, most))
            following = {"start": str(start + limit), "limit": str(limit)}
        if start + limit < len(items):
            links["next"] = f"{self.request.path}?{urlencode({**args.to_dict(), **following})}"
            headers["Link"] = f'<{links["next"]}>; rel="next"'
        results = [to_json(item) for item in items[start : start + limit]]
        numbers = {} if self.v2 else {"start": start, "limit": limit, "size": len(results)}
        return reply({"results": results, **numbers, "_links": links}, headers=headers)


class Fields:
    """A JSON object whose fields are checked."""

    def __init__(self, name: str, values: object) -> None:
        if not isinstance(values, dict):
            raise Refusal(400, f"{name} must be an object")
        self.values: Json = values

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text."""
        value = self.values.get(name, default)
        if not isinstance(value, str):
            raise Refusal(400, f"{name} must be a text")
        return value

    def object(self, name: str) -> "Fields":
        """Return an object."""
        return Fields(name, self.values.get(name))

    def storage(self) -> str:
        """Return the body of a page, which is given directly or under the name of its representation."""
        body = self.object("body")
        body = body.object("storage") if "storage" in body.values else body
        if body.values.get("representation") != "storage":
            raise Refusal(400, "body must have the representation storage")
        return body.text("value")


def reply(data: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a response with JSON."""
    body = json.dumps(data, ensure_ascii=False)
    return Response(body, status, headers, content_type="application/json;charset=UTF-8")


def refuse(call: Call, refusal: Refusal) -> Response:
    """Return the response for a refused request, in the form of the API."""
    status = refusal.status
    if isinstance(refusal, NoPermission) and (call.v2 or not call.cloud):
        # v2 document, 404: "The user does not have the needed permissions to update a page in the space"
        status = call.session.variant.forbidden or (404 if call.v2 else 403)
    phrase = HTTPStatus(status).phrase
    if call.v2:
        error: Json = {"code": HTTPStatus(status).name, "title": phrase if status == 404 else refusal.v2}
        return reply({"errors": [error if status == 409 else {"status": status, **error, "detail": None}]}, status)
    data = {"authorized": status not in (401, 403), "valid": status != 400, "errors": [], "successful": False}
    return reply({"statusCode": status, "data": data, "message": refusal.text, "reason": phrase}, status)


def refuse_login(flavour: Flavour) -> Response:
    """Return the response to wrong credentials; Data Center has a web page."""
    if flavour is Flavour.CLOUD:
        return reply({"code": 401, "message": "Unauthorized; scope does not match"}, 401)
    page = "<html><head><title>Unauthorized (401)</title></head><body>Client must be authenticated</body></html>"
    return Response(page, 401, {"WWW-Authenticate": 'Basic realm="Confluence"'}, content_type="text/html")
