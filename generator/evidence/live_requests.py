"""The requests that verify endpoints: the first example of each contract, or the reason why it is not sent."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from generator.contracts.addresses import VARIABLE
from generator.contracts.curl import WITHOUT_BODY, Curl
from generator.contracts.data import Data, Schema, walk
from generator.contracts.render import build_sample
from generator.contracts.validation import find_schema_mismatches
from generator.errors import UserError
from generator.names import Ref
from generator.schema import Model
from generator.schema.fields import to_pointer
from generator.schema.model import Contract, Serving
from generator.secrets.credentials import MARK, classify_name
from generator.secrets.redaction import redact_named
from generator.settings import VerifySettings
from generator.values import FrozenValue

WITHOUT_EFFECTS = frozenset({"GET", "HEAD"})
"""The methods that change nothing on the server: https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1."""
ENVIRONMENT_VARIABLE = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})", re.ASCII)
_METHODS = WITHOUT_EFFECTS | {"POST", "PUT", "PATCH", "DELETE"}
_PRODUCTION = re.compile(r"(?:^|(?<!non)(?<!pre)[-_.])(?:production|prod|prd|live)(?:[-_.]|\Z)", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.IGNORECASE)
"""Hosts that every parser of addresses reads alike: no user, no backslash, no character outside ASCII."""
_PORTS = {"http": 80, "https": 443}
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_REFUSED_HEADER = re.compile(
    r"host|content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*"
    r"|x-forwarded-host|x-http-method(?:-override)?|x-method-override",
    re.IGNORECASE,
)
"""Headers that lead to another host, frame the request in another way, or change its method."""
_FOREIGN_VARIABLE = re.compile(r"(?:CONFLUENCE|MLFLOW|GITHUB|GITLAB|ACTIONS|CI|AWS|SSH)_")
"""The credentials of Modelbook and of CI systems, which a card must not send to a host of its choice."""
_CREDENTIAL_HEADER = re.compile(r"(?:proxy-)?authorization|cookie", re.IGNORECASE)
_UNFINISHED = re.compile(r"(?i:to be written)|\bTODO\b|\bFIXME\b|\A\.{3}\Z|█")
_MARKUP = re.compile(r"</|/>|<br>", re.IGNORECASE)


class LiveRequest(FrozenValue):
    """A request that verifies an endpoint, and the contract of its answer."""

    ref: Ref
    instance: str
    """The id of the copy of the model; empty for the model's own endpoint."""
    environment: str
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    """Names and values; variables such as `$TOKEN` are not replaced yet."""
    body: str | None
    response: Schema

    @property
    def key(self) -> tuple[str, str, str]:
        """The endpoint: the model, the copy and the environment."""
        return str(self.ref), self.instance, self.environment


class SkippedEndpoint(FrozenValue):
    """An endpoint, or a model without one, that cannot be verified."""

    ref: Ref
    instance: str
    reason: str


def find_variables(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the environment variables that headers name, each with the first header."""
    found: dict[str, str] = {}
    for name, value in headers:
        for match in ENVIRONMENT_VARIABLE.finditer(value):
            found.setdefault(match[1] or match[2], name)
    return found


def read_variables(requests: Iterable[LiveRequest], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the values of the environment variables that requests need; raise UserError if one is missing."""
    values: dict[str, str] = {}
    for request in requests:
        for name, header in find_variables(request.headers).items():
            value = environ.get(name, "").strip()
            if not value:
                raise UserError(f"{name} is not set: {request.ref} needs it for the header {header}; nothing was sent")
            if not (value.isascii() and value.isprintable()):
                message = f"{name} has a line break or a character outside ASCII: copy it again; nothing was sent"
                raise UserError(message)
            values[name] = value
    return values


def is_production(environment: str) -> bool:
    """Return whether users reach an environment by its name: `production`, `prod-eu`, `live`."""
    return _PRODUCTION.search(environment) is not None


def get_origin(url: str) -> tuple[str, str, int | None]:
    """Return the scheme, the host and the port of an address; raise ValueError if not every client reads it alike."""
    parts = urlsplit(url)
    if not _AUTHORITY.fullmatch(parts.netloc) or "\\" in url:
        raise ValueError("it has a user, or characters that not every client reads alike")
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)


def _normalize_address(url: str) -> str:
    """Return an address without a default port, a trailing slash and capitals in its host."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:  # a redacted one
        return url
    return f"{parts.scheme}://{parts.hostname}:{port}{parts.path.rstrip('/')}?{parts.query}"


def list_production_addresses(models: Iterable[Model]) -> dict[str, Ref]:
    """Return the normalized addresses that users reach, each with a model that has it."""
    found: dict[str, Ref] = {}
    for model in models:
        for address in list_addresses(model, is_production):
            found.setdefault(address, model.ref)
    return found


def list_addresses(model: Model, has_environment: Callable[[str], bool] = lambda _: True) -> list[str]:
    """List the normalized addresses of a model and its copies in some environments, or in all."""
    every = (model.endpoints, *(instance.endpoints for instance in model.instances))
    return [
        _normalize_address(url)
        for endpoints in every
        for environment, url in endpoints.items()
        if has_environment(environment)
    ]


def plan_requests(
    models: Iterable[Model], environment: str, settings: VerifySettings, production: Mapping[str, Ref]
) -> Iterator[LiveRequest | SkippedEndpoint]:
    """Yield the request for each endpoint of the models in an environment, or why it has none, in the given order.

    The models have the contracts of their OpenAPI files. `production` has the addresses that users reach: another
    environment must not have them.
    """
    for model in models:
        endpoints = {"": model.endpoints} | {instance.id: instance.endpoints for instance in model.instances}
        urls = {instance: urls[environment] for instance, urls in endpoints.items() if environment in urls}
        reason = _find_reason(model, environment, has_endpoint=bool(urls))
        if reason is not None:
            yield SkippedEndpoint(model.ref, "", reason)
            continue
        for instance, url in urls.items():
            same = None if is_production(environment) else production.get(_normalize_address(url))
            if same is not None:
                yield SkippedEndpoint(model.ref, instance, f"its address is also the production endpoint of {same}")
                continue
            assert model.contract is not None
            planned = _build_request(model.contract, url, environment, settings)
            if isinstance(planned, str):
                yield SkippedEndpoint(model.ref, instance, planned)
            else:
                response = model.contract.response
                assert isinstance(response, dict | bool)
                sent = (planned.method, planned.url, planned.headers, planned.body)
                yield LiveRequest(model.ref, instance, environment, *sent, response)


def _find_reason(model: Model, environment: str, *, has_endpoint: bool) -> str | None:
    """Return why no endpoint of a model can be verified; None if one can."""
    if model.is_retired:
        return "it is retired"
    if not model.serving.is_online:
        is_embedded = model.serving is Serving.EMBEDDED
        return "it runs in the process of its consumers" if is_embedded else "it is served offline"
    if not has_endpoint:
        return f"it has no {environment} endpoint"
    return "it has no contract" if model.contract is None else _find_contract_reason(model.contract)


def _find_contract_reason(contract: Contract) -> str | None:
    """Return why the first example of a contract cannot be sent, or its answer not be compared; None if both can."""
    if not contract.examples:
        return "its contract has no example"
    request = contract.examples[0].request
    if request is None and contract.method not in WITHOUT_BODY:
        return "its first example has no request"
    if contract.response is None:
        return "its contract has no response"
    if contract.method not in _METHODS:
        return f"{contract.method} requests are not sent"
    if contract.method not in WITHOUT_EFFECTS and not contract.safe:
        return f"{contract.method} may have side effects: add `safe: true` to its contract if it has none"
    place = _find_placeholder(request)
    if place is not None:
        return f"its first example has a placeholder{f' at {place}' if place else ''}"
    place = _find_placeholder(contract.parameters)
    if place is not None:
        return f"its parameters have a placeholder{f' at {place}' if place else ''}"
    is_malformed = bool(find_schema_mismatches(contract.response))
    return "the response in its contract is not a valid JSON Schema" if is_malformed else None


def _find_placeholder(payload: Data) -> str | None:
    """Return the JSON Pointer of the first text of a payload that is not filled in; None if there is none.

    Such texts have `<id>`, `$CITY`, `c-…` or `To be written`, but not only a price or HTML.
    """
    for steps, value in walk(payload):
        texts = map(str, value) if isinstance(value, dict) else (value,)
        for text in (one for one in texts if isinstance(one, str)):
            variables = [] if _MARKUP.search(text) else [match.group() for match in VARIABLE.finditer(text)]
            has_variable = any(not re.match(r"`|\$\d", variable) for variable in variables)
            if has_variable or _UNFINISHED.search(text) or ("…" in text and not re.search(r"\s", text)):
                return to_pointer(steps)
    return None


def _build_request(contract: Contract, url: str, environment: str, settings: VerifySettings) -> Curl | str:
    """Return the request to an endpoint, or the reason why it is not sent."""
    if MARK in url:
        return "its address contains a secret: send it in a header"
    scheme = urlsplit(url).scheme
    if scheme not in _PORTS:
        return f"{scheme} endpoints are not verified, only https and http"
    example = contract.examples[0].request
    curl = build_sample(url.partition("#")[0], example, contract.method, parameters=contract.parameters)
    reason = _find_address_reason(url, curl.url, settings.hosts)
    if reason is not None:
        return reason
    of_environment = settings.environments.get(environment, {})
    own = {"User-Agent": "modelbook-verify", "Accept": "application/json"}
    several = (own, dict(curl.headers), settings.headers, of_environment, contract.headers)
    # Later ones replace earlier ones, whatever the case of the name.
    merged = {name.lower(): (name, value) for each in several for name, value in each.items()}
    headers = tuple(merged[name] for name in sorted(merged))
    for name in find_variables(contract.headers.items()):
        if _FOREIGN_VARIABLE.match(name):
            return f"${name} is not for endpoints: use another variable, or name it in `verify.headers` of mkdocs.yml"
    for name, value in headers:
        reason = _find_header_reason(name, value)
        if reason is not None:
            return reason
        has_credentials = (
            ENVIRONMENT_VARIABLE.search(value) or _CREDENTIAL_HEADER.fullmatch(name) or classify_name(name)
        )
        if scheme == "http" and has_credentials:
            return f"the header {name} would be sent without encryption: use https"
    return Curl(curl.method, curl.url, headers, curl.body)


def _find_address_reason(url: str, filled: str, hosts: Collection[str]) -> str | None:
    """Return why an address, here filled in from the example, is not called; None if it is."""
    unfilled = urlsplit(url).netloc + urlsplit(filled).path  # an example may fill in the path, never the host
    if VARIABLE.search(url) or "…" in url or re.search(r"[{}]", unfilled):
        return "its address has a placeholder"
    try:
        _, host, _ = get_origin(filled)
    except ValueError as error:
        return f"its address is not valid: {error}"
    is_known = not hosts or any(fnmatchcase(host, pattern) for pattern in hosts)
    return None if is_known else f"its host {host} is not in `verify.hosts`"


def _find_header_reason(name: str, value: str) -> str | None:
    if not _HEADER_NAME.fullmatch(name):
        return "a header of its contract has an invalid name"
    if _REFUSED_HEADER.fullmatch(name):
        return f"the header {name} is not sent: it could change the host or the method"
    if MARK in redact_named(name, value):
        return f"the header {name} contains a secret: write a variable such as $TOKEN"
    rest = ENVIRONMENT_VARIABLE.sub("", value)
    if _UNFINISHED.search(rest) or "…" in rest or "$" in rest or VARIABLE.search(rest):
        return f"the header {name} has a placeholder"
    if not (value.isascii() and value.isprintable()):
        return f"the header {name} has characters outside ASCII, or a line break"
    return None
