"""The model registry of an MLflow tracking server, over its REST API.

Requests go to the given address only. A redirect is an error, so that a token is not sent elsewhere. Sizes, pages and
times are limited, and a value of an unexpected type is ignored.

This is not `MlflowClient` of mlflow-skinny, which has no such limits. Measured with 3.17: it follows redirects to other
hosts, holds a response of 300 MB in memory, fails on the whole registry for one value of another type, retries an
unreachable server for more than 100 seconds, and reads artifacts from the path or bucket that the server names, not
through the server.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import requests

from generator.drafts.mlflow_registry import ModelVersion, RegisteredModel, TrainingRun, parse_version_number
from generator.drafts.text_cleaning import to_one_line
from generator.errors import UserError
from generator.load.nodes import as_mapping, as_mappings
from generator.values import FrozenValue

PAGE_SIZE = 100
PAGES_LIMIT = 1_000
_RESPONSE_LIMIT = 20_000_000
_TIMEOUT_SECONDS = 30


class ServerRegistry(FrozenValue):
    """The registry of a tracking server."""

    address: str
    session: requests.Session
    """With the credentials, if the server requires them."""

    @property
    def name(self) -> str:
        """The address of the server."""
        return self.address

    def list_models(self) -> Iterator[RegisteredModel]:
        """Yield all registered models, page by page."""
        token, seen = "", set[str]()
        for _ in range(PAGES_LIMIT):
            query = {"max_results": str(PAGE_SIZE), "order_by": "name ASC", **({"page_token": token} if token else {})}
            page = self._fetch_json("registered-models/search", query)
            yield from map(self._fetch_model, as_mappings(page.get("registered_models")))
            token = str(page.get("next_page_token") or "")
            if not token or token in seen:
                return
            seen.add(token)

    def read_artifact(self, version: ModelVersion, path: str) -> str | None:
        """Return the text of a file of a version, which the server reads from its storage."""
        query = {"name": version.model, "version": str(version.number), "path": path}
        status, content = self._fetch(f"{self.address}/model-versions/get-artifact", query)
        return content.decode("utf-8", "replace") if status == 200 else None

    def read_run(self, run_id: str) -> TrainingRun | None:
        """Return a run; None if the server does not have it."""
        try:
            run = as_mapping(self._fetch_json("runs/get", {"run_id": run_id}).get("run"))
        except UserError:
            return None
        data, info = as_mapping(run.get("data")), as_mapping(run.get("info"))
        metrics = ((one.get("key"), one.get("value")) for one in as_mappings(data.get("metrics")))
        return TrainingRun.from_pairs(metrics, _read_tags(data).get("mlflow.user") or info.get("user_id"))

    def _fetch_model(self, model: Mapping[str, Any]) -> RegisteredModel:
        """Return a model of a page, and fetch the versions that only an alias names."""
        name = str(model.get("name") or "")
        found = [ModelVersion.from_data(one, _read_tags(one)) for one in as_mappings(model.get("latest_versions"))]
        versions = {version.number: version for version in found}
        aliases = {
            str(one.get("alias")): parse_version_number(one.get("version")) for one in as_mappings(model.get("aliases"))
        }
        for number in sorted(set(aliases.values()) - set(versions)):
            response = self._fetch_json("model-versions/get", {"name": name, "version": str(number)})
            data = as_mapping(response.get("model_version"))
            versions[number] = ModelVersion.from_data(data, _read_tags(data))
        several = tuple(versions[number] for number in sorted(versions))
        return RegisteredModel(name, str(model.get("description") or ""), _read_tags(model), aliases, several)

    def _fetch_json(self, endpoint: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        status, content = self._fetch(f"{self.address}/api/2.0/mlflow/{endpoint}", query)
        try:
            data = json.loads(content)
        except (ValueError, RecursionError):
            data = None
        if status == 200 and isinstance(data, dict):
            return data
        if status in {401, 403}:
            reason = ": set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
        elif 300 <= status < 400:
            reason = ": redirects are not followed, use the address that it points to"
        else:
            text = to_one_line(as_mapping(data).get("message", ""), 200)
            reason = f": {text}" if text else ": is this the address of a tracking server?"
        raise UserError(f"{self.address} responded with status {status} to {endpoint}{reason}")

    def _fetch(self, address: str, query: Mapping[str, str]) -> tuple[int, bytes]:
        try:
            with self.session.get(
                address, params=dict(query), timeout=_TIMEOUT_SECONDS, allow_redirects=False, stream=True
            ) as response:
                content = bytearray()
                for chunk in response.iter_content(65_536):
                    content += chunk
                    if len(content) > _RESPONSE_LIMIT:
                        raise UserError(f"{self.address} sent more than {_RESPONSE_LIMIT:,} bytes in one response")
                return response.status_code, bytes(content)
        except requests.RequestException as error:
            reason = f"({type(error).__name__}): is this the address of a tracking server?"
            raise UserError(f"cannot reach {self.address} {reason}") from None


def _read_tags(owner: Mapping[str, Any]) -> dict[str, str]:
    return {str(tag.get("key") or ""): str(tag.get("value") or "") for tag in as_mappings(owner.get("tags"))}
