"""Which endpoint of a model an address comes closest to, and what tells the two apart."""

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlsplit

from generator.secrets.redaction import redact_named

VARIABLE = re.compile(r"\$(?:\w+|\{[^}\n]{0,200}\}|\([^)\n]{0,200}\))|<[\w. -]{1,200}>|`[^`\n]{0,200}`")
"""A placeholder of a value that only the caller knows; of bounded length, so that no text makes the search slow."""
_PARAMETER = re.compile(r"(?<!\$)\{([^/{}]*)\}")
_GAP = re.compile(rf"{VARIABLE.pattern}|\{{[^/{{}}]*\}}")
_SEPARATOR = re.compile(r"[/?#&=:@\[\]]")
_ENDS_IN_VARIABLE = re.compile(rf"(?:{VARIABLE.pattern})/?\Z")
_PORT = re.compile(r":(\d{0,5})\Z")
_PORTS = {"https": 443, "http": 80}
_MOST_FIELDS = 1_000
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_PLAIN_IN_PATHS = frozenset(f"{string.ascii_letters}{string.digits}-._~:@!&'()*+,;=")
_SCHEME_OF_CURL = "http"
"""What curl calls an address with that has no scheme."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The endpoint that an address comes closest to."""

    environment: str
    url: str
    differences: tuple[str, ...]
    """What the address does otherwise, as predicates; () where it is the endpoint."""

    @property
    def path_parameters(self) -> frozenset[str]:
        """The names in braces in its path."""
        return frozenset(_PARAMETER.findall(self.url.partition("?")[0]))


@dataclass(frozen=True, slots=True)
class EndpointAddress:
    """An address as a person writes it: without a scheme perhaps, with variables for any part of it."""

    base: str
    """All before the query."""
    query: str

    @classmethod
    def parse(cls, url: str) -> "EndpointAddress":
        """The address without its fragment, its path without needless escapes: `ryl%3Apredict` is `ryl:predict`.

        A variable that holds a separator, as `${BASE%/}` does, becomes `${…}`.
        """
        masked = VARIABLE.sub(lambda match: "${…}" if _SEPARATOR.search(match.group()) else match.group(), url)
        base, _, query = masked.partition("#")[0].partition("?")
        scheme, colon, rest = base.rpartition("://")
        authority, slash, path = rest.partition("/")
        return cls(f"{scheme}{colon}{authority}{slash}{_ESCAPE.sub(_unescaped, path)}", query)

    @property
    def names_a_user(self) -> bool:
        """Whether user and password stand before the host, which curl then sends as a header."""
        return "@" in self.base.rpartition("://")[2].partition("/")[0]

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Names and values of the query, of which there are at most a thousand."""
        if self.query.count("&") >= _MOST_FIELDS:
            return ()
        return tuple(parse_qsl(self.query, keep_blank_values=True, max_num_fields=_MOST_FIELDS))

    @property
    def may_hold_more(self) -> bool:
        """Whether a variable may bring in further fields of the query."""
        if not self.query:
            return _ENDS_IN_VARIABLE.search(self.base) is not None
        return any(VARIABLE.search(name) for name, _ in self.fields) or self.query.count("&") >= _MOST_FIELDS


def _unescaped(escape: re.Match[str]) -> str:
    """The character, where it means the same in a path as its escape does (RFC 3986, 2.2 and 3.3)."""
    character = chr(int(escape[1], 16))
    return character if character in _PLAIN_IN_PATHS else escape[0].upper()


def find_nearest_endpoint(url: str, endpoints: Mapping[str, str]) -> Endpoint | None:
    """The endpoint, of those by environment, with the fewest differences; the first of several, None without any."""
    address = EndpointAddress.parse(url)
    found = [
        Endpoint(environment, endpoint, tuple(_differences(address, EndpointAddress.parse(endpoint))))
        for environment, endpoint in endpoints.items()
    ]
    return min(found, key=lambda endpoint: len(endpoint.differences), default=None)


def _differences(given: EndpointAddress, expected: EndpointAddress) -> Iterator[str]:
    there = _split(expected.base)
    if there is None:  # no address itself, which is not the curl's fault
        return
    if not can_produce(split_literals(given.base.rstrip("/"), VARIABLE), expected.base.rstrip("/")):
        yield from _different_base(given.base, expected.base, there)
    if not given.may_hold_more:
        yield from _different_query(dict(given.fields), expected)


def _different_base(base: str, expected: str, there: SplitResult) -> Iterator[str]:
    is_open = VARIABLE.match(base) is not None  # then the variable may hold a scheme as well
    scheme = there.scheme if is_open else _SCHEME_OF_CURL
    parts = list(_different_parts(base if "://" in base else f"{scheme}://{base}", there))
    if not is_open:
        yield from parts
    elif parts and not _may_begin(base.rstrip("/"), expected.rstrip("/")):
        yield f"calls {base}"  # how far the variable reaches cannot be told, so neither can the part that differs


def _may_begin(base: str, expected: str) -> bool:
    """Whether a variable in front can stand for scheme and host, and for the first steps of the path."""
    first, *rest = base.split("/")
    steps = expected.split("/")
    cut = len(steps) - len(rest)
    return (
        cut > 0
        and can_produce(split_literals(first, VARIABLE), "/".join(steps[:cut]))
        and _same_steps(rest, steps[cut:])
    )


def _different_parts(base: str, there: SplitResult) -> Iterator[str]:
    here = _split(base)
    if here is None:
        yield f"calls {base!r}, which is no address"
        return
    if here.scheme != there.scheme:
        yield f"uses {here.scheme or 'no scheme'}"
    if not _same(_host(here).lower(), _host(there).lower()):
        yield f"calls the host {_host(here)}"
    elif _port(here, there) != _port(there, there) and not VARIABLE.search(here.netloc):
        yield f"calls the port {_port(here, there)}"
    if not _same_path(here.path.rstrip("/"), there.path.rstrip("/")):
        yield f"calls the path {here.path or '/'}"


def _different_query(given: Mapping[str, str], expected: EndpointAddress) -> Iterator[str]:
    """What the endpoint's own query has and the curl's has not; more than that may be said in a curl."""
    for name, value in expected.fields:
        if name not in given:
            yield f"lacks {_shown(name, value)} in the query"
        elif not _same(given[name], value):
            yield f"has {_shown(name, given[name])} in the query"


def _shown(name: str, value: str) -> str:
    """A field as a query writes it, which has no spaces; its value masked where the name calls it a secret."""
    return f"{name}={redact_named(name, value.replace(' ', '+'))}"


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:  # brackets that do not pair
        return None


def _host(url: SplitResult) -> str:
    """The host as written, without user and port: urlsplit's own would take `$HOST` apart."""
    return _PORT.sub("", url.netloc.rpartition("@")[2])


def _port(url: SplitResult, there: SplitResult) -> int | None:
    """The port as written, or that of the scheme with which the endpoint is called."""
    written = _PORT.search(url.netloc)
    return int(written[1]) if written and written[1] else _PORTS.get(there.scheme)


def _same_path(given: str, expected: str) -> bool:
    """A variable may stand for several steps; a path parameter never stands for more than one."""
    return can_produce(split_literals(given, VARIABLE), expected) or _same_steps(given.split("/"), expected.split("/"))


def _same_steps(given: list[str], expected: list[str]) -> bool:
    if len(given) != len(expected):
        return False
    return all(
        can_match(split_literals(here, _GAP), split_literals(there, _GAP)) and bool(here) == bool(there)
        for here, there in zip(given, expected, strict=True)
    )


def _same(given: str, expected: str) -> bool:
    return can_match(split_literals(given, VARIABLE), split_literals(expected, VARIABLE))


def split_literals(text: str, gap: re.Pattern[str]) -> list[str]:
    """The literal pieces of a text around its gaps; the pattern of a gap has no groups."""
    return gap.split(text)


def can_produce(literal: list[str], text: str) -> bool:
    """Whether something in place of the gaps makes the text; each piece is searched once, from left to right."""
    if len(literal) == 1:
        return literal[0] == text
    first, *middle, last = literal
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    position = len(first)
    for piece in middle:
        found = text.find(piece, position, len(text) - len(last))
        if found < 0:
            return False
        position = found + len(piece)
    return True


def can_match(one: list[str], other: list[str]) -> bool:
    """Whether something in place of the gaps of both makes the same text.

    Where both have gaps, each takes in the middle of the other, so that only their ends can contradict each other.
    """
    if len(one) == 1:
        return can_produce(other, one[0])
    if len(other) == 1:
        return can_produce(one, other[0])
    starts = one[0].startswith(other[0]) or other[0].startswith(one[0])
    return starts and (one[-1].endswith(other[-1]) or other[-1].endswith(one[-1]))
