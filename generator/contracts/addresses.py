"""Addresses with placeholders, and their differences from the endpoints of a model."""

import re
import string
from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, parse_qsl, urlsplit

from generator.secrets.redaction import redact_named
from generator.values import FrozenValue

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
_DEFAULT_SCHEME = "http"
"""The scheme of curl for an address without one."""


class Endpoint(FrozenValue):
    """The endpoint with the fewest differences from an address."""

    environment: str
    url: str
    differences: tuple[str, ...]
    """The differences of the address, as predicates; () if it is the endpoint."""

    @property
    def path_parameters(self) -> frozenset[str]:
        """The names in braces in its path."""
        return frozenset(_PARAMETER.findall(self.url.partition("?")[0]))


class EndpointAddress(FrozenValue):
    """A hand-written address, perhaps without a scheme and with variables for any part."""

    base: str
    """Everything before the query."""
    query: str

    @classmethod
    def parse(cls, url: str) -> "EndpointAddress":
        """Parse an address without its fragment and needless escapes: `ryl%3Apredict` is `ryl:predict`.

        A variable that contains a separator, such as `${BASE%/}`, becomes `${…}`.
        """
        masked = VARIABLE.sub(lambda match: "${…}" if _SEPARATOR.search(match.group()) else match.group(), url)
        base, _, query = masked.partition("#")[0].partition("?")
        scheme, colon, rest = base.rpartition("://")
        authority, slash, path = rest.partition("/")
        return cls(f"{scheme}{colon}{authority}{slash}{_ESCAPE.sub(_unescape, path)}", query)

    @property
    def has_user(self) -> bool:
        """Whether it has a user and a password, which curl sends as a header."""
        return "@" in self.base.rpartition("://")[2].partition("/")[0]

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The names and values of the query; () if there are a thousand or more."""
        if self.query.count("&") >= _MOST_FIELDS:
            return ()
        return tuple(parse_qsl(self.query, keep_blank_values=True, max_num_fields=_MOST_FIELDS))

    @property
    def may_have_more(self) -> bool:
        """Whether a variable may add fields to the query."""
        if not self.query:
            return _ENDS_IN_VARIABLE.search(self.base) is not None
        return any(VARIABLE.search(name) for name, _ in self.fields) or self.query.count("&") >= _MOST_FIELDS


def _unescape(escape: re.Match[str]) -> str:
    """Return the character if it is equivalent to its escape in a path (RFC 3986, 2.2 and 3.3)."""
    character = chr(int(escape[1], 16))
    return character if character in _PLAIN_IN_PATHS else escape[0].upper()


def find_nearest_endpoint(url: str, endpoints: Mapping[str, str]) -> Endpoint | None:
    """Return the endpoint with the fewest differences, the first of several; None if there are no endpoints."""
    address = EndpointAddress.parse(url)
    found = [
        Endpoint(environment, endpoint, tuple(_find_differences(address, EndpointAddress.parse(endpoint))))
        for environment, endpoint in endpoints.items()
    ]
    return min(found, key=lambda endpoint: len(endpoint.differences), default=None)


def _find_differences(given: EndpointAddress, expected: EndpointAddress) -> Iterator[str]:
    there = _split_url(expected.base)
    if there is None:  # the endpoint is not an address, which another rule reports
        return
    if not can_produce(given.base.rstrip("/"), expected.base.rstrip("/")):
        yield from _compare_base(given.base, expected.base, there)
    sent = dict(given.fields)
    for name, value in expected.fields if not given.may_have_more else ():
        if name not in sent:
            yield f"lacks {_format_field(name, value)} in the query"
        elif not can_match(sent[name], value):
            yield f"has {_format_field(name, sent[name])} in the query"


def _compare_base(base: str, expected: str, there: SplitResult) -> Iterator[str]:
    is_open = VARIABLE.match(base) is not None  # then the variable may hold a scheme as well
    scheme = there.scheme if is_open else _DEFAULT_SCHEME
    parts = list(_compare_parts(base if "://" in base else f"{scheme}://{base}", there))
    if not is_open or not parts:
        yield from parts
        return
    # The variable can be scheme, host and the first steps of the path.
    first, *rest = base.rstrip("/").split("/")
    steps = expected.rstrip("/").split("/")
    cut = len(steps) - len(rest)
    if not (cut > 0 and can_produce(first, "/".join(steps[:cut])) and _has_same_steps(rest, steps[cut:])):
        yield f"calls {base}"  # the extent of the variable is unknown, and so is the part that differs


def _compare_parts(base: str, there: SplitResult) -> Iterator[str]:
    here = _split_url(base)
    if here is None:
        yield f"calls the invalid address {base!r}"
        return
    if here.scheme != there.scheme:
        yield f"uses {here.scheme or 'no scheme'}"
    if not can_match(_get_host(here).lower(), _get_host(there).lower()):
        yield f"calls the host {_get_host(here)}"
    elif _get_port(here, there) != _get_port(there, there) and not VARIABLE.search(here.netloc):
        yield f"calls the port {_get_port(here, there)}"
    given, expected = here.path.rstrip("/"), there.path.rstrip("/")
    # A variable may be several steps, a path parameter only one.
    if not can_produce(given, expected) and not _has_same_steps(given.split("/"), expected.split("/")):
        yield f"calls the path {here.path or '/'}"


def _format_field(name: str, value: str) -> str:
    """Return a field as in a query; its value is redacted if the name is that of a secret."""
    return f"{name}={redact_named(name, value.replace(' ', '+'))}"


def _split_url(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:  # brackets that do not pair
        return None


def _get_host(url: SplitResult) -> str:
    """Return the host without user and port; `urlsplit` itself would split `$HOST`."""
    return _PORT.sub("", url.netloc.rpartition("@")[2])


def _get_port(url: SplitResult, there: SplitResult) -> int | None:
    """Return the port as written, or the default of the endpoint's scheme."""
    written = _PORT.search(url.netloc)
    return int(written[1]) if written and written[1] else _PORTS.get(there.scheme)


def _has_same_steps(given: list[str], expected: list[str]) -> bool:
    if len(given) != len(expected):
        return False
    return all(
        can_match(here, there, _GAP) and bool(here) == bool(there) for here, there in zip(given, expected, strict=True)
    )


def can_produce(template: str, text: str, gap: re.Pattern[str] = VARIABLE) -> bool:
    """Return whether the gaps of a template can be filled so that they give the text, in linear time.

    The pattern of a gap has no groups.
    """
    first, *middle = gap.split(template)
    if not middle:
        return template == text
    last = middle.pop()
    position, end = len(first), len(text) - len(last)
    if not text.startswith(first) or not text.endswith(last) or position > end:
        return False
    for piece in middle:
        found = text.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True


def can_match(one: str, other: str, gap: re.Pattern[str] = VARIABLE) -> bool:
    """Return whether the gaps of both can be filled so that they give the same text.

    If both have gaps, each can contain the middle of the other, so that only their ends can contradict.
    """
    if not gap.search(one):
        return can_produce(other, one, gap)
    if not gap.search(other):
        return can_produce(one, other, gap)
    (first, *_, last), (start, *_, end) = gap.split(one), gap.split(other)
    return (first.startswith(start) or start.startswith(first)) and (last.endswith(end) or end.endswith(last))
