"""A registry by its address: a server, a database, or a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests

from generator.drafts.mlflow.database import DatabaseRegistry
from generator.drafts.mlflow.file_store import FileRegistry
from generator.drafts.mlflow.registry import Registry
from generator.drafts.mlflow.rest import ServerRegistry
from generator.errors import UserError


@dataclass(frozen=True, slots=True)
class Access:
    """What a server asks for; MLflow's own clients take the same from MLFLOW_TRACKING_TOKEN, _USERNAME, _PASSWORD."""

    token: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)


@contextmanager
def open_registry(uri: str, access: Access | None = None) -> Iterator[Registry]:
    """The registry at `https://…` or `sqlite:///mlflow.db`, or at a path: mlflow.db, mlruns, or the folder around."""
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        message = f"invalid address {uri!r}: {error}"
        raise UserError(message) from None
    if parts.scheme in {"http", "https"}:
        with requests.Session() as session:
            yield _server(uri, session, access or Access())
        return
    yield _local(_path(uri), uri)


def _server(uri: str, session: requests.Session, access: Access) -> ServerRegistry:
    parts = urlsplit(uri)
    if parts.username or parts.password:
        message = "write no password into the address; set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
        raise UserError(message)
    if access.token:
        session.headers["Authorization"] = f"Bearer {access.token}"
    elif access.user:
        session.auth = (access.user, access.password)
    return ServerRegistry(uri.rstrip("/").partition("#")[0], session)


def _path(uri: str) -> Path:
    """The path in an address: after `sqlite:///` it is relative, as everywhere where SQLAlchemy is used."""
    scheme, mark, rest = uri.partition("://")
    if not mark:
        return Path(uri)
    return Path(unquote(rest.removeprefix("/") if scheme == "sqlite" else rest))


def _local(place: Path, uri: str) -> Registry:
    database = place if place.is_file() else place / "mlflow.db"
    if database.is_file():
        return DatabaseRegistry(database)
    for folder in (place, place / "mlruns"):
        if (folder / "models").is_dir():
            return FileRegistry(folder)
    message = f"{uri} is no MLflow store: neither a server's address, nor mlflow.db, nor a folder mlruns with models"
    raise UserError(message)
