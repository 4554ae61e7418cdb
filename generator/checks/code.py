"""MB70x: the names of the book in code, compared with the cards."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta

from msgspec.structs import replace

from generator.checks.book_indexes import CODE_OWNERS
from generator.checks.rule import RuleContext, Violation, rule
from generator.evidence.files import CODE_FILE, TRAFFIC_FILE
from generator.evidence.names import find_common_names
from generator.evidence.ownership import get_code_repository
from generator.evidence.records import CodePlace, CodeUse, FileClass, NameKind, ScannedRepository, WeakName
from generator.evidence.retirements import is_finished, list_retirements
from generator.evidence.sightings import (
    NAMES_OF_PEOPLE,
    NOT_NAMES,
    NOT_USED,
    Sighting,
    is_part_of_test,
    list_items_to_remove,
    list_left_over,
    list_sightings,
)
from generator.findings import Position, Severity
from generator.graph.edges import Relation
from generator.grouping import group_pairs
from generator.load.bind import LoadedCard
from generator.names import Ref
from generator.reads import ALL, record_read
from generator.schema import Experiment, Migration, Model, Person, System
from generator.schema.rollouts import MigrationStatus

NAMED_PLACES = 3
"""The number of places that a message names; the others are counted."""
_ADDRESSES = frozenset({NameKind.HOST, NameKind.URL})
NAMES = frozenset(NameKind) - NOT_NAMES
"""The kinds of names that are uses of a card."""


class CodeDifference(Violation):
    """A difference between code and cards, with all its places in code; the message names the first ones."""

    text: str = ""
    """The message without the places."""
    places: tuple[str, ...] = ()
    """The places in code, as `owner/name:path:line:column`."""
    more: int = 0
    """The number of further places."""
    user: Ref | None = None
    """The system whose code uses the target without a declaration."""
    target: Ref | None = None


def _build_difference(
    loaded: LoadedCard,
    text: str,
    hint: str,
    path: tuple[str | int, ...] = (),
    found: tuple[tuple[str, ...], int] = ((), 0),
) -> CodeDifference:
    """Build a difference at a value of a card; `found` are the known places, and the number of all places."""
    places, count = found
    unnamed = count - min(len(places), NAMED_PLACES)
    named = ", ".join(places[:NAMED_PLACES]) + (f" and {unnamed:,} more" if unnamed else "")
    message = f"{text}: {named}" if places else text
    return CodeDifference(
        loaded.at(*path), message, hint, loaded.ref, text=text, places=places, more=count - len(places)
    )


def _list_places(uses: Collection[CodeUse]) -> tuple[tuple[str, ...], int]:
    """Return the known places of some uses, and the number of all their places."""
    places = _format_places((use.repo, place) for use in uses for place in use.places)
    return places, sum(use.count for use in uses)


def _format_places(places: Iterable[tuple[str, CodePlace]]) -> tuple[str, ...]:
    """Return the places as `owner/name:path:line:column`, sorted."""
    return tuple(f"{repo}:{place.file}:{place.line}:{place.column}" for repo, place in sorted(places))


def _find_card(context: RuleContext, ref: Ref) -> LoadedCard | None:
    card = context.graph.find_declaring_card(ref)
    return context.graph.cards[card] if card is not None else None


def _list_live_uses(context: RuleContext, *kinds: NameKind) -> Iterator[CodeUse]:
    """List the uses in code and configuration, apart from the code of the target itself."""
    for record in context.evidence.code:
        if isinstance(record, CodeUse) and record.cls.is_live and record.kind in kinds and record.system != record.ref:
            yield record


def _group_names(context: RuleContext) -> Mapping[Ref, tuple[CodeUse, ...]]:
    """Group the live uses of names by the card or resource that they lead to."""
    return group_pairs((Ref.parse(use.ref), use) for use in _list_live_uses(context, *NAMES))


_Group = tuple[tuple[str, str, str], tuple[CodeUse, ...]]
"""Uses in one place, with the owner of the code, else the repository, and the target."""


def _group_places(uses: Iterable[CodeUse]) -> Mapping[Ref, tuple[_Group, ...]]:
    """Group uses by their places, and these by the card of a finding: the owner of the code, else the target."""
    groups = group_pairs(((use.system, "" if use.system else use.repo, use.ref), use) for use in uses)
    return group_pairs((Ref.parse(key[0] or key[2]), (key, several)) for key, several in groups.items())


def _group_addresses(context: RuleContext) -> Mapping[Ref, tuple[_Group, ...]]:
    return _group_places(use for use in _list_live_uses(context, *_ADDRESSES) if use.cls is FileClass.CODE)


def _group_leavers(context: RuleContext) -> Mapping[Ref, tuple[_Group, ...]]:
    return _group_places(_list_live_uses(context, *NAMES_OF_PEOPLE))


def _list_groups(context: RuleContext, by_card: Mapping[Ref, tuple[_Group, ...]]) -> Iterator[_Group]:
    """List the groups of the cards that are checked, sorted."""
    yield from sorted((group for ref in context.select(by_card) for group in by_card[ref]), key=lambda group: group[0])


@rule("MB701", "use-not-documented", Severity.WARNING)
def use_not_documented(context: RuleContext) -> Iterator[CodeDifference]:
    """Checks that a card declares every use of a model, a system or a resource that `modelbook scan` finds in code.

    Why: the owner of the model does not know this consumer, and breaks it with the next change.
    Fix: add the model under `uses:` of the system, or another target under `depends_on:`. `modelbook scan --fix` adds
    them. If no card has the code, write a card for the system, with its `repo:` and `paths:`. Code in `repo:` and
    `paths:` of a model is its own code, not a use of it. If several models share a repository, each card names it.
    If the code deploys models, such as a repository of Helm charts, give its system `type: deployment` and scan again.
    """
    for target in context.select(context.cache_result(_list_targets)):
        if target.kind in NOT_USED or target not in context.graph or context.graph.is_retired(target):
            continue
        for sighting in list_sightings(context.graph, context.evidence, target):
            user = sighting.user
            loaded = _find_card(context, user or target)
            is_known = sighting.is_documented or is_part_of_test(context.graph, sighting)
            if not sighting.uses or is_known or loaded is None:
                continue
            if user is not None and (context.graph.is_retired(user) or not _is_checked(loaded, target)):
                continue
            text = f"code of {user} uses {target}, but no card declares it"
            if user is None:
                text = f"code of {sighting.name} uses {target}, but no card has this code"
            system = user if user is not None and user.kind == "system" else None
            path = ("uses",) if system is not None and target.kind == "model" else ()
            hint = _describe_fix(context, sighting)
            difference = _build_difference(loaded, text, hint, path, _list_places(sighting.uses))
            severity = Severity.INFO if user is not None and user.kind == "model" else None
            yield replace(difference, user=system, target=target, severity=severity)


def _is_checked(user: LoadedCard, target: Ref) -> bool:
    """Return whether the uses of a user are checked: of a model those of models, if it names a whole repository.

    A model cannot declare a use, but the others may be in the same repository.
    """
    card = user.card
    return isinstance(card, System) or (isinstance(card, Model) and target.kind == "model" and not card.paths)


def _describe_fix(context: RuleContext, sighting: Sighting) -> str:
    """Describe how to document a use that was found in code."""
    user, target = sighting.user, sighting.target
    if user is None:
        place = "add the folder under `paths:` of the system"
        if all(card.kind == "model" for card in context.code_owners.list_cards(sighting.name)):
            place = f"add `repo: {sighting.name}` to the card of the system"
            place += f", or of {target} if it is its own code" if target.kind == "model" else ""
        deployed = "if it only builds or deploys the others, of a system with `type: deployment`"
        return f"{place}; {deployed}; if the system has no card, write it: modelbook new system ID"
    if user.kind == "model":
        own = f"if it is the code of {target}, add `repo: {sighting.uses[0].repo}` to its card"
        return f"{own}; if {user} has only a part of the repository, add its folders under `paths:`"
    if target.kind == "model":
        return f"add `- {{model: {target.id}, why: …}}` under `uses:`, or run `modelbook scan --fix`"
    hint = f"add `{target}` under `depends_on:`, or run `modelbook scan --fix`"
    if target.kind == "system":
        return hint
    verb = "publishes" if target.kind == "topic" else "writes"
    return f"{hint}; if {user} only {verb} it, add a step with `{verb}: {target}` to a flow instead"


@rule("MB702", "use-not-found", Severity.WARNING, kinds=(System,))
def use_not_found(context: RuleContext) -> Iterator[CodeDifference]:
    """Checks that the code of a system names every model that it declares to use.

    Why: a use that ended long ago keeps a model alive, or the code knows the model by a name that the book lacks.
    Fix: remove the use, or add the name that the code uses to `aliases:` of the model. Only systems are checked whose
    repository was wholly scanned.
    """
    if not context.evidence.repositories:
        return
    for loaded, system in sorted(context.list_cards(System), key=lambda item: item[1].ref):
        repository = _get_repository(context, system)
        if system.is_retired or repository is None or not repository.is_whole:
            continue
        found = context.cache_result(_list_found)
        user, places = system.ref, dict(_list_declared(context, loaded, system))
        for target, (declaring, path) in sorted(places.items(), key=lambda item: item[0]):
            if (str(user), str(target)) not in found and not context.graph.is_retired(target):
                text = f"{user} declares a use of {target}, but no name of it is in the code of {user}"
                hint = f"remove the use, or add the name that the code uses to `aliases:` of {target}"
                yield _build_difference(declaring, text, hint, path)


def _list_declared(
    context: RuleContext, loaded: LoadedCard, system: System
) -> Iterator[tuple[Ref, tuple[LoadedCard, tuple[str | int, ...]]]]:
    """List the models that a system uses, with the places that declare it; the last place of a model counts."""
    for edge in context.graph.list_outgoing_edges(system.ref, Relation.USES):
        model = context.find(edge.declared_by, Model)
        for index, consumer in reversed(tuple(enumerate(model.consumers if model is not None else ()))):
            if consumer.system == system.id:
                yield edge.declared_by, (context.graph.cards[edge.declared_by], ("consumers", index))
    for index, use in reversed(tuple(enumerate(system.uses))):
        yield Ref("model", use.model), (loaded, ("uses", index))


def _list_targets(context: RuleContext) -> frozenset[Ref]:
    """List the cards and resources whose names are in code."""
    return frozenset(map(Ref.parse, {use.ref for use in context.evidence.code if isinstance(use, CodeUse)}))


def _list_found(context: RuleContext) -> frozenset[tuple[str, str]]:
    """List the uses by systems that code has, or that it may have under a common name."""
    found = {(use.system, use.ref) for use in _list_live_uses(context, *NAMES)}
    found |= {(system, weak.ref) for weak in context.evidence.weak_names for system in weak.undecided}
    return frozenset(found)


def _get_repository(context: RuleContext, system: System) -> ScannedRepository | None:
    """Return the scanned repository of a system, by the name that its card has for it."""
    record_read(CODE_OWNERS, ALL)  # whose names the index has
    return context.cache_result(_index_repositories).get(get_code_repository(system).casefold())


def _index_repositories(context: RuleContext) -> Mapping[str, ScannedRepository]:
    """Return the scanned repositories by the names that cards have for them, in lower case."""
    return {context.code_owners.normalize(one.repo): one for one in context.evidence.repositories}


@rule("MB703", "retired-yet-alive", Severity.WARNING)
def retired_yet_alive(context: RuleContext) -> Iterator[CodeDifference]:
    """Checks that live code has no string that a migration retires, and no name of what is retired or cleaned up.

    Retired are models and systems; the clean-up of a finished experiment lists what it leaves behind.

    Why: one line that still names the old host sends traffic to it, or fails on the day when the host is switched off.
    Fix: remove it from code and configuration. A place that may keep the string is listed under `except:`, with the
    reason. It is an error once the migration is done, by its status or because all its waves are, and in the code of
    a system or model whose own waves are all done. Before the migration starts, or the clean-up is due, the places are
    only information.
    """
    for loaded, migration in context.list_cards(Migration):
        if migration.status is MigrationStatus.ROLLED_BACK:
            continue
        is_planned = migration.status is MigrationStatus.PLANNED
        state = "will be retired, and is" if is_planned else "is retired, but still"
        severity = Severity.INFO if is_planned else None
        for index, retirement in enumerate(list_retirements(migration, context.evidence)):
            if retirement.count:
                is_late = is_finished(migration) or bool(retirement.moved)
                after = f", although {' and '.join(map(str, retirement.moved))} moved" if retirement.moved else ""
                places = _format_places((live.use.repo, place) for live in retirement.live for place in live.places)
                text = f"{retirement.retired.text!r} {state} in code or configuration{after}"
                hint = "remove it, or add the place with its reason under `except:`"
                found = _build_difference(loaded, text, hint, ("retires", index), (places, retirement.count))
                yield replace(found, severity=Severity.ERROR if is_late else severity)
    for loaded, experiment in context.list_cards(Experiment):
        for index, item, due in list_items_to_remove(context.graph, experiment):
            uses = list_left_over(context.graph, context.evidence, Ref.parse(item.remove))
            if uses and not context.graph.is_retired(Ref.parse(item.remove)):
                is_late = due is not None and due <= context.today
                state = f"{'was' if item.done_on else 'must be'} removed after {experiment.ref}"
                text = f"{item.remove} {state}, {'but is still' if is_late else 'and is'} in code or configuration"
                hint, path = "remove it from these places", ("cleanup", "items", index)
                found = _build_difference(loaded, text, hint, path, _list_places(uses))
                yield replace(found, severity=None if is_late else Severity.INFO)
    named = context.cache_result(_group_names)
    for ref in context.select(named):
        if context.graph.is_retired(ref):
            text, hint = f"{ref} is retired, but its names are still in code or configuration", "remove them there"
            yield _build_difference(context.graph.cards[ref], text, hint, ("lifecycle",), _list_places(named[ref]))


@rule("MB704", "address-in-code", Severity.INFO)
def address_in_code(context: RuleContext) -> Iterator[CodeDifference]:
    """Checks that addresses of models and systems are in configuration, not in code.

    Why: a model cannot move to another host until every such line is changed and released.
    Fix: read the address from the configuration.
    """
    for (user, repo, target), group in _list_groups(context, context.cache_result(_group_addresses)):
        owner = f"code of {user or repo}"
        loaded = _find_card(context, Ref.parse(user or target))
        if loaded is not None:
            text, hint = f"{owner} contains the address of {target}", "read the address from the configuration"
            yield _build_difference(loaded, text, hint, (), _list_places(group))


@rule("MB708", "leaver-in-code", Severity.WARNING)
def leaver_in_code(context: RuleContext) -> Iterator[CodeDifference]:
    """Checks that live code and CODEOWNERS name no one who has left.

    Why: reviews, alerts and mails go to an account that no one reads.
    Fix: name the successor or a team.
    """
    for (user, repo, target), group in _list_groups(context, context.cache_result(_group_leavers)):
        person = context.find(Ref.parse(target), Person)
        loaded = _find_card(context, Ref.parse(user or target))
        if person is None or loaded is None or person.left_on is None or person.left_on > context.today:
            continue
        text = f"code of {user or repo} names {person.id!r} ({person.name}), who left on {person.left_on}"
        hint = f"name the successor, {person.successor}" if person.successor else "name a current employee or a team"
        yield _build_difference(loaded, text, hint, (), _list_places(group))


@rule("MB705", "name-too-common", Severity.INFO)
def name_too_common(context: RuleContext) -> Iterator[Violation]:
    """Checks that the names of a card are rare enough to be searched for in code.

    Why: a name such as `search` is a word of ordinary code. It counts only in a position that shows its meaning:
    `/models/search`, `search:predict`, `models:/search`, or the value of `model:` and `MODEL_NAME=`.
    Otherwise its uses can be missed, so a model without another name is never reported as unused.
    Fix: add a longer name that the code uses to `aliases:`. A card with one has no finding.
    """
    by_card = context.cache_result(_group_weak_names)
    for ref in context.select(by_card):
        loaded = context.graph.cards.get(ref)
        common = find_common_names(loaded.card, by_card[ref]) if loaded is not None else ()
        for weak in by_card[ref]:
            if loaded is not None and weak.name in common:
                message = f"{weak.name!r} is too common to search for alone in code: {weak.reason}"
                hint = "add a longer name that the code uses to `aliases:`"
                yield Violation(loaded.at(), message, hint, loaded.ref)


def _group_weak_names(context: RuleContext) -> Mapping[Ref, tuple[WeakName, ...]]:
    return group_pairs((Ref.parse(weak.ref), weak) for weak in context.evidence.weak_names)


@rule("MB706", "evidence-stale", Severity.WARNING, scope="book")
def evidence_stale(context: RuleContext) -> Iterator[Violation]:
    """Checks that the last scan of the code and the last traffic are not older than `limits.evidence_days`.

    Why: pages show uses as found in code or seen in traffic that may have ended since, and miss the new ones.
    Fix: run `modelbook scan` over current checkouts, or `modelbook reconcile` on newer traffic, and commit the
    evidence. The age of a scan is that of the newest commit that it saw. The setting is in mkdocs.yml.
    """
    repositories = context.evidence.repositories
    limit = context.settings.limits.evidence_days
    first = context.today - timedelta(days=limit)
    # A day after today is from a wrong clock, and does not make the rest recent.
    days = [one.last_on for one in context.evidence.sources if one.last_on is not None]
    traffic_on = max((day for day in days if day <= context.today), default=max(days, default=None))
    if traffic_on is not None and traffic_on < first:
        text = f"the traffic ends on {traffic_on}: expected traffic of the last {limit} days"
        file = f"{context.settings.evidence}/{TRAFFIC_FILE}"
        yield Violation(Position(file), text, "run `modelbook reconcile` on newer traffic")
    newest = max((one.known_on for one in repositories), default=first)
    hint = "run `modelbook scan` over current checkouts"
    if newest < first:
        text = f"the newest scanned commit is of {newest}: expected one of the last {limit} days"
        yield Violation(Position(f"{context.settings.evidence}/{CODE_FILE}"), text, hint)
        return
    for repository in repositories:
        if repository.known_on < first:
            for ref in context.code_owners.list_cards(repository.repo):
                loaded = context.graph.cards[ref]
                text = f"the code of {ref} was last scanned on {repository.known_on}: expected the last {limit} days"
                yield Violation(loaded.at("repo"), text, hint, ref)


@rule("MB707", "code-not-scanned", Severity.INFO, kinds=(System,))
def code_not_scanned(context: RuleContext) -> Iterator[Violation]:
    """Checks that the repository of every system was scanned, with all its files.

    Why: uses in code that was not read are neither found nor missed.
    Fix: add a checkout or a mirror of the repository to the folders of `modelbook scan`. A file can be too large, or
    missing in a partial clone.
    """
    for loaded, system in context.list_cards(System) if context.evidence.repositories else ():
        name, repository = get_code_repository(system), _get_repository(context, system)
        if not name or system.is_retired or (repository is not None and repository.is_whole):
            continue
        message = f"the code of {system.ref} was not scanned: no repository {name}"
        hint = "add a checkout or a mirror of it to the folders of `modelbook scan`"
        if repository is not None:
            reasons = (f"{count:,} {reason}" for reason, count in repository.unread.items())
            message = f"the code of {system.ref} was not wholly scanned, files left out: {', '.join(reasons)}"
            hint = "scan a full clone, and move large data out of the repository"
        yield Violation(loaded.at("repo"), message, hint, system.ref)


DIFFERENCES = (use_not_documented, use_not_found, retired_yet_alive, address_in_code, leaver_in_code)
"""The rules whose findings have places in code."""
