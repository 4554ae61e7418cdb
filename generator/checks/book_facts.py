"""Facts of a book that rules look up by a key, so that each card can be checked alone."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property

from generator.checks.book_indexes import (
    ADDRESSES,
    LABELS,
    PRODUCTION,
    BookIndexes,
    build_indexes,
    list_label_keys,
    normalize_url,
)
from generator.checks.field_paths import ContractSchema, get_contract_schemas
from generator.checks.locations import CardLocator
from generator.checks.mentions import MentionSearch
from generator.contracts.data import Data
from generator.contracts.validation import Mismatch
from generator.evidence.ownership import CodeOwners
from generator.graph.edges import Graph
from generator.graph.people import find_present_lead
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.names import Ref
from generator.reads import ALL, record_read, suspend_recording
from generator.schema import Migration, Model, Person, Resource, Team
from generator.schema.card import WHOLE_CARD
from generator.schema.rollouts import MigrationStatus
from generator.secrets.redaction import redact_data
from generator.secrets.scanner import FINDERS, Finders, HintSearch, select_finders

_MANY_FILES = 100
"""The files after which it pays to build an automaton."""

LEADS = "lead of function"
RETIRED = "retired texts"
CONTRACTS = f"{WHOLE_CARD}.contract"


class BookFacts:
    """What rules look up about the whole book, computed on first use."""

    def __init__(self, cards: Cards, graph: Graph, today: date) -> None:
        self._cards, self._graph, self._today = cards, graph, today
        self._schemas: dict[Ref, Mapping[str, ContractSchema]] = {}
        self._checked_schemas: dict[str, tuple[Mismatch, ...]] = {}
        self._finders: dict[str, Finders] = {}
        self._hint_search: HintSearch | None = None
        self._labels: dict[Ref, tuple[str, ...]] = {}
        self._label_owners: dict[str, LoadedCard] = {}
        self._models_by_address: dict[str, tuple[LoadedCard, ...]] = {}
        self._features: dict[Ref, frozenset[str]] = {}
        self._has_secret: dict[int, bool] = {}
        self.results: dict[object, object] = {}
        """The results of functions of the evidence."""

    def get_schemas(self, ref: Ref) -> Mapping[str, ContractSchema]:
        """Return the schemas of a model's contract with their mistakes; none for any other node."""
        loaded = self._graph.cards.get(ref)
        if loaded is None:
            return {}
        if ref not in self._schemas:
            self._schemas[ref] = get_contract_schemas(loaded.card, self._checked_schemas)
        elif isinstance(loaded.card, Model):
            record_read(CONTRACTS, loaded.card)
        return self._schemas[ref]

    def get_finders(self, file: str) -> Finders:
        """Return the finders of secrets that can find anything in a file and its values."""
        if file not in self._cards.texts:
            return FINDERS
        if file not in self._finders:
            if self._hint_search is None and len(self._finders) > _MANY_FILES:
                self._hint_search = HintSearch()
            self._finders[file] = select_finders(self._cards.texts[file], self._hint_search)
        return self._finders[file]

    @cached_property
    def locator(self) -> CardLocator:
        """The locator of the cards."""
        return CardLocator(self._cards)

    def list_labels(self, loaded: LoadedCard) -> tuple[str, ...]:
        """List the names by which commands find a card, each after its kind.

        Teams and people have one kind, since they are looked up together: an owner may be either.
        """
        found = self._labels.get(loaded.ref)
        if found is None:
            found = self._labels[loaded.ref] = list_label_keys(self._graph, loaded)
        return found

    def find_owner_of_label(self, label: str) -> LoadedCard:
        """Find the card that a name of `list_labels` belongs to: by id, else one of the book itself, else the first."""
        record_read(LABELS, label)
        found = self._label_owners.get(label)
        if found is None:
            text = label.partition(":")[2]
            with suspend_recording():
                sharing = (self._graph.cards[ref] for ref in self._sort(self.indexes.labels[label]))
                found = min(sharing, key=lambda one: (one.card.id.casefold() != text, one.origin is not None))
            self._label_owners[label] = found
        return found

    def list_models_by_address(self, url: str) -> tuple[LoadedCard, ...]:
        """List the models in use that have an endpoint, in the order of the book."""
        address = normalize_url(url)
        record_read(ADDRESSES, address)
        found = self._models_by_address.get(address)
        if found is None:
            refs = self._sort(self.indexes.addresses.get(address, ()))
            found = self._models_by_address[address] = tuple(self._graph.cards[ref] for ref in refs)
        return found

    def list_features(self, view: Resource) -> frozenset[str]:
        """List the names of the features that the card of a feature view lists."""
        features, known = view.features, self._features.get(view.ref)  # a read of each caller
        if known is None:
            known = self._features[view.ref] = frozenset(feature.name for feature in features)
        return known

    def find_production_model(self, address: str) -> Ref | None:
        """Find a model in use that users reach at a normalized address."""
        record_read(PRODUCTION, address)
        return next(iter(self.indexes.production.get(address, ())), None)

    @cached_property
    def indexes(self) -> BookIndexes:
        """The indexes of values in all cards."""
        with suspend_recording():
            return build_indexes(self._graph, self._cards.items)

    @cached_property
    def code_owners(self) -> CodeOwners:
        """The owners of code by the cards of the book."""
        return CodeOwners(code=self.indexes.code)

    @cached_property
    def leads(self) -> Mapping[str, tuple[Person, Team]]:
        """The first team of each function that has a present lead, with the lead; rules use `find_lead`."""
        found: dict[str, tuple[Person, Team]] = {}
        with suspend_recording():
            for loaded in self._cards.items:
                team = loaded.card if loaded.ref.kind == "team" else None
                if isinstance(team, Team) and team.function:
                    lead = find_present_lead(self._graph, team.id, self._today)
                    if lead is not None:
                        found.setdefault(team.function, (lead, team))
        return found

    def find_lead(self, function: str) -> tuple[Person, Team] | None:
        """Find the first team of a function that has a present lead, with the lead."""
        record_read(LEADS, function)
        return self.leads.get(function)

    @property
    def retired_texts(self) -> Mapping[str, Migration]:
        """The strings that finished migrations retire, each with the first migration."""
        record_read(RETIRED, ALL)
        return self._retired_texts

    @cached_property
    def _retired_texts(self) -> Mapping[str, Migration]:
        found: dict[str, Migration] = {}
        with suspend_recording():
            for loaded in self._cards.items:
                migration = loaded.card if loaded.ref.kind == "migration" else None
                if isinstance(migration, Migration) and migration.status is MigrationStatus.DONE:
                    for one in migration.retires:
                        found.setdefault(one.text, migration)
        return found

    @cached_property
    def retired_search(self) -> MentionSearch:
        """The search for these strings."""
        return MentionSearch(self._retired_texts)

    def has_secret(self, data: Data) -> bool:
        """Return whether the data of a file, which several cards may share, has a secret."""
        if id(data) not in self._has_secret:
            self._has_secret[id(data)] = data is not None and redact_data(data) != data
        return self._has_secret[id(data)]

    def _sort(self, refs: tuple[Ref, ...]) -> tuple[Ref, ...]:
        return refs if len(refs) < 2 else tuple(sorted(refs, key=self._order.__getitem__))

    @cached_property
    def _order(self) -> Mapping[Ref, int]:
        return {loaded.ref: number for number, loaded in enumerate(self._cards.items)}
