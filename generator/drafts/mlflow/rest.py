"""A tracking server over REST; the only module of the drafts that imports requests.

Asks the named server and nobody else: a redirect is refused, so that no token goes elsewhere.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from generator.drafts.entities import mapping
from generator.drafts.mlflow.registry import RegisteredModel, Version
from generator.drafts.words import day_of, one_line, parse_version_number
from generator.errors import UserError

PAGE_SIZE = 100
PAGES_LIMIT = 1_000
_ANSWER_LIMIT = 20_000_000
_SECONDS = 30


@dataclass(frozen=True)
class ServerRegistry:
    """The registry of a tracking server."""

    address: str
    session: requests.Session
    """With the credentials, where the server asks for any."""

    @property
    def name(self) -> str:
        """What the drafts call it."""
        return self.address

    def models(self) -> Iterator[RegisteredModel]:
        """All registered models, page by page."""
        token, seen = "", set[str]()
        for _ in range(PAGES_LIMIT):
            query = {"max_results": str(PAGE_SIZE), "order_by": "name ASC", **({"page_token": token} if token else {})}
            page = self._asked("registered-models/search", query)
            for model in _objects(page.get("registered_models")):
                yield self._model(model)
            token = str(page.get("next_page_token") or "")
            if not token or token in seen:
                return
            seen.add(token)

    def artifact(self, version: Version, path: str) -> str | None:
        """The text of one of a version's files, through the server, wherever it is kept."""
        query = {"name": version.model, "version": str(version.number), "path": path}
        status, content = self._got(f"{self.address}/model-versions/get-artifact", query)
        return content.decode("utf-8", "replace") if status == 200 else None

    def _model(self, model: Mapping[str, Any]) -> RegisteredModel:
        name = str(model.get("name") or "")
        aliases = {
            str(one.get("alias")): parse_version_number(one.get("version")) for one in _objects(model.get("aliases"))
        }
        versions = {one.number: one for one in map(_version, _objects(model.get("latest_versions")))}
        for number in sorted(set(aliases.values()) - set(versions)):
            found = self._asked("model-versions/get", {"name": name, "version": str(number)})
            versions[number] = _version(mapping(found.get("model_version")))
        several = tuple(versions[number] for number in sorted(versions))
        return RegisteredModel(name, str(model.get("description") or ""), _tags(model), aliases, several)

    def _asked(self, what: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        status, content = self._got(f"{self.address}/api/2.0/mlflow/{what}", query)
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError):
            answer = None
        if status != 200 or not isinstance(answer, dict):
            told = answer.get("message", "") if isinstance(answer, dict) else ""
            message = f"{self.address} answered {status} for {what}{_reason(status, one_line(told, 200))}"
            raise UserError(message)
        return answer

    def _got(self, address: str, query: Mapping[str, str]) -> tuple[int, bytes]:
        try:
            with self.session.get(
                address, params=dict(query), timeout=_SECONDS, allow_redirects=False, stream=True
            ) as answer:
                content = bytearray()
                for chunk in answer.iter_content(65_536):
                    content += chunk
                    if len(content) > _ANSWER_LIMIT:
                        message = f"{self.address} sends more than {_ANSWER_LIMIT:,} bytes in one answer"
                        raise UserError(message)
                return answer.status_code, bytes(content)
        except requests.RequestException as error:
            message = f"{self.address} cannot be reached ({type(error).__name__}); is it the tracking server's address?"
            raise UserError(message) from None


def _reason(status: int, told: str) -> str:
    if status in {401, 403}:
        return "; set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
    if 300 <= status < 400:
        return ": a redirect, which is not followed; name the address that it leads to"
    return f": {told}" if told else "; is it the tracking server's address?"


def _version(version: Mapping[str, Any]) -> Version:
    return Version(
        str(version.get("name") or ""),
        parse_version_number(version.get("version")),
        str(version.get("current_stage") or ""),
        str(version.get("description") or ""),
        _tags(version),
        day_of(version.get("creation_timestamp")),
        str(version.get("source") or ""),
    )


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _tags(owner: Mapping[str, Any]) -> dict[str, str]:
    return {str(tag.get("key") or ""): str(tag.get("value") or "") for tag in _objects(owner.get("tags"))}
