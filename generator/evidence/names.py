"""The names of a book that a scan searches for: ids, aliases, hosts, addresses, features, retired strings, leavers."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from urllib.parse import urlsplit

from generator.evidence.records import NameKind, WeakName
from generator.names import Ref
from generator.schema import Card, Experiment, Migration, Model, Person, Resource, System
from generator.values import FrozenValue

FEWEST_CHARACTERS = 5
"""The length from which an id is clear enough to be searched for alone."""
_LONG_WORD = 12
"""The length from which one word is a clear host if it has a port, as in `recommendationservice:8080`."""
_WORD = re.compile(r"[a-z]+\Z")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::[0-9]{1,5})?", re.IGNORECASE)
_FILE = re.compile(r".*\.(?:bin|csv|gguf|h5|hdf5|joblib|json|model|npz|onnx|parquet|pickle|pkl|safetensors|txt|ya?ml)")
"""A file: an alias such as `n2v.model` is no host."""
_PLACEHOLDER = re.compile(r"[{}$<>]")
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "::1"})  # noqa: S104 - nothing listens
_MODEL_APIS = frozenset({
    "api.anthropic.com", "api.cohere.com", "api.deepseek.com", "api.groq.com", "api.mistral.ai", "api.openai.com",
    "api.together.xyz", "router.huggingface.co",
})  # fmt: skip
"""The hosts of vendors whose requests name the model in the body: no part of the address does."""
_PLATFORM = re.compile(
    r"(?:[\w-]+-)?(?:aiplatform|discoveryengine)\.googleapis\.com|generativelanguage\.googleapis\.com|api-inference\.huggingface\.co"
    r"|(?:runtime|bedrock-runtime)(?:-fips)?\.(?:sagemaker\.)?[\w-]+\.amazonaws\.com(?:\.cn)?"
)
"""The hosts of platforms that serve the models of all customers: only the path names a model."""
CARD_NAMES = frozenset({NameKind.ID, NameKind.ALIAS, NameKind.INSTANCE})
"""The kinds of names that an author chooses for a card."""
_UNSHARED = frozenset({NameKind.HOST, NameKind.URL, NameKind.FEATURE})
WORD_KINDS = frozenset({*CARD_NAMES, NameKind.FEATURE, NameKind.PERSON})
"""The kinds of names that can be ordinary words."""


class SearchName(FrozenValue, order=True):
    """A name of the book, with the card or resource that it leads to."""

    text: str
    """The name as the book writes it."""
    ref: str
    """As `model:ryl`; a retired string leads to its migration, a feature to its view."""
    kind: NameKind

    @property
    def weakness(self) -> str:
        """The reason why it counts only in a strong position, as in `model: eta`; empty if it counts anywhere."""
        if self.kind is NameKind.HOST:
            host, _, port = self.text.partition(":")
            is_long = len(host) >= (_LONG_WORD if _WORD.match(host) else FEWEST_CHARACTERS)
            return "" if "." in host or (port and is_long) else "a host without a domain"
        if self.kind not in WORD_KINDS:
            return ""
        if len(self.text) < FEWEST_CHARACTERS:
            return f"fewer than {FEWEST_CHARACTERS} characters"
        return "one lower-case word" if _WORD.match(self.text) else ""


def list_names(cards: Iterable[Card], named: Iterable[Ref], today: date) -> tuple[SearchName, ...]:
    """List the names of a book, sorted. A host, an address or a feature of several cards names none of them.

    Of an address with a placeholder only the fixed beginning is searched for. It names no card if another card has an
    address below it. `named` are the resources that cards name, but that have no card. Today decides who has left.
    """
    found = {SearchName(ref.id, str(ref), NameKind.ID) for ref in named}
    for card in cards:
        found.update(_list_card_names(card, today))
    owners: defaultdict[tuple[str, NameKind], set[str]] = defaultdict(set)
    for name in found:
        owners[name.text, name.kind].add(name.ref)
    addresses = [name for name in found if name.kind is NameKind.URL]
    below: defaultdict[str, set[str]] = defaultdict(set)
    if any(get_fixed_address(name.text) != name.text for name in addresses):
        for name in addresses:
            address = get_fixed_address(name.text)
            while address:
                below[address].add(name.ref)
                address = address.rpartition("/")[0]

    def is_clear(name: SearchName) -> bool:
        if name.kind not in _UNSHARED:
            return True
        fixed = get_fixed_address(name.text) if name.kind is NameKind.URL else name.text
        return len(owners[name.text, name.kind]) == 1 and (fixed == name.text or len(below[fixed]) == 1)

    return tuple(sorted(filter(is_clear, found)))


def get_fixed_address(address: str) -> str:
    """Return an address up to the step of the path with its first placeholder.

    >>> get_fixed_address("https://ml.example.com/eta/{city}:predict")
    'https://ml.example.com/eta'
    """
    found = _PLACEHOLDER.search(address)
    return address[: found.start()].rpartition("/")[0] if found else address


def find_common_names(card: Card, weak_names: Iterable[WeakName]) -> tuple[str, ...]:
    """Return the names of a card that are common words, if it has no other name; the search can miss its uses."""
    common = {weak.name for weak in weak_names if weak.ref == str(card.ref) and weak.kind in CARD_NAMES}
    names = (name for name in _list_card_names(card, date.min) if name.kind in CARD_NAMES)
    is_clear = any(not name.weakness and name.text not in common for name in names)  # usually the first one
    return () if is_clear else tuple(sorted(common))


def _list_card_names(card: Card, today: date) -> Iterator[SearchName]:
    match card:
        case Person(id=person, left_on=left_on, email=email) if left_on is not None and left_on <= today:
            yield SearchName(person, str(card.ref), NameKind.PERSON)
            if email is not None:
                yield SearchName(email, str(card.ref), NameKind.EMAIL)
        case Migration():
            for retired in card.retires:
                yield SearchName(retired.text, str(card.ref), NameKind.RETIRED)
        case Model() | System() | Resource() | Experiment():
            yield SearchName(card.id, str(card.ref), NameKind.ID)
            for alias in card.aliases:
                yield from _list_alias(alias, card)
    if isinstance(card, Model):
        yield from _list_model_names(card)
    if isinstance(card, Resource):
        yield from _list_features((f"{card.id}:{feature.name}" for feature in card.features), str(card.ref))


def _list_alias(alias: str, card: Card) -> Iterator[SearchName]:
    """List an alias, which may be a host or an address: `orders.example.com` of a system."""
    if "://" in alias:
        yield from _list_addresses([alias], str(card.ref))
    elif not isinstance(card, Resource) and _HOST.fullmatch(alias) and not _FILE.fullmatch(alias):
        yield SearchName(alias, str(card.ref), NameKind.HOST)
    elif alias != card.id:
        yield SearchName(alias, str(card.ref), NameKind.ALIAS)


def _list_model_names(card: Model) -> Iterator[SearchName]:
    ref = str(card.ref)
    endpoints = [*card.endpoints.values(), *(url for one in card.instances for url in one.endpoints.values())]
    yield from filter(_is_of_model, _list_addresses(endpoints, ref))
    yield from (SearchName(instance.id, ref, NameKind.INSTANCE) for instance in card.instances)
    for feature in card.features:
        yield from _list_features([feature.feature], f"feature_view:{feature.view}")


def _is_of_model(address: SearchName) -> bool:
    """Return whether an address or a host of an endpoint can name its model."""
    is_host = address.kind is NameKind.HOST
    host = address.text.partition(":")[0] if is_host else urlsplit(address.text).hostname or ""
    is_whole = not is_host and get_fixed_address(address.text) == address.text
    return host not in _MODEL_APIS and (is_whole or not _PLATFORM.fullmatch(host))


def _list_features(features: Iterable[str], view: str) -> Iterator[SearchName]:
    """List features as `view:feature`, and as the name of the feature alone."""
    for feature in features:
        yield SearchName(feature, view, NameKind.FEATURE)
        yield SearchName(feature.partition(":")[2], view, NameKind.FEATURE)


def _list_addresses(endpoints: Iterable[str], ref: str) -> Iterator[SearchName]:
    """List addresses with their hosts; a host with a port is a name too, in case others share the host."""
    for endpoint in endpoints:
        try:
            parts = urlsplit(endpoint)
            host, port = parts.hostname, parts.port
        except ValueError:  # another rule reports it
            continue
        if not host or host in _LOCAL_HOSTS or _PLACEHOLDER.search(parts.netloc):
            continue
        yield SearchName(host, ref, NameKind.HOST)
        if port is not None:
            yield SearchName(f"{host}:{port}", ref, NameKind.HOST)
        if urlsplit(get_fixed_address(endpoint)).path.strip("/"):
            yield SearchName(endpoint, ref, NameKind.URL)
