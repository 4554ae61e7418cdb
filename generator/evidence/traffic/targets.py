"""Targets of calls: the models, systems and retired strings that hosts, paths and names of services belong to."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from generator.evidence.records import UNKNOWN_TARGET, WITHOUT_HOST
from generator.evidence.traffic.hosts import Host, list_prefixes, normalize_path
from generator.evidence.traffic.workloads import Refs, find_by_form
from generator.schema import Card, Migration, Model, System

SHARED_WITHOUT_PATH = "a host of several cards, and no path"
SHARED_OTHER_PATH = "other paths of hosts of the book"
GRPC = "gRPC on a host of several cards: the name of the model is in the body"
AMBIGUOUS = "names of several cards"
_MODEL_STEP = re.compile(r"/models/([^/:]+)")
"""The step after which KServe, Triton and TensorFlow Serving name the model."""
_VERB_STEP = re.compile(r"/([^/:]+):[A-Za-z]+(?=/|\Z)")
"""The step `ryl:predict`."""
_GRPC_PATH = re.compile(r"/[\w.]+\.\w+/\w+\Z")
_PLACEHOLDER = re.compile(r"\{[^/{}]*\}")
_HOST = re.compile(r"(?:[\w-]+\.)+[\w-]+(?::\d{1,5})?|[\w-]+:\d{2,5}")
_CLUSTER_HOST = re.compile(r"(?P<name>[\w-]+)(?:\.(?P<namespace>[\w-]+)\.svc(?:\.[\w.-]+)?)?")
"""A service in a cluster: its name alone, or with its namespace."""


class Target(NamedTuple):
    """What a call reaches."""

    matches: tuple[tuple[str, str], ...] = ()
    """The references, each with the name of the book that is in the call."""
    reason: str = ""
    """The reason why there is none."""


class TargetIndex:
    """The names by which calls reach the cards of a book."""

    def __init__(self, cards: Iterable[Card]) -> None:
        self._hosts: defaultdict[Host, Refs] = defaultdict(dict)
        self._paths: defaultdict[Host, defaultdict[str, Refs]] = defaultdict(lambda: defaultdict(dict))
        self._paths_of_any_host: defaultdict[str, Refs] = defaultdict(dict)
        self._templates: defaultdict[Host, list[tuple[re.Pattern[str], str, str]]] = defaultdict(list)
        self._names: defaultdict[str, Refs] = defaultdict(dict)
        """By the name in lower case."""
        self._retired_hosts: defaultdict[Host, list[tuple[str, str, str]]] = defaultdict(list)
        """The path below a retired host, the migration and the text."""
        self._retired_paths: list[tuple[str, str, str]] = []
        self._retired_steps: defaultdict[str, Refs] = defaultdict(dict)
        for card in cards:
            self._add(card)
        self._with_ports: defaultdict[str, set[Host]] = defaultdict(set)
        for host in (*self._hosts, *self._retired_hosts):
            self._with_ports[host.name].add(host)

    def _add(self, card: Card) -> None:
        ref = str(card.ref)
        if isinstance(card, Migration):
            for retired in card.retires:
                self._add_retired(ref, retired.text.strip())
            return
        if not isinstance(card, Model | System):
            return
        names = [card.id, *card.aliases]
        if isinstance(card, Model):
            names += [one.id for one in card.instances]
            for url in (*card.endpoints.values(), *(url for one in card.instances for url in one.endpoints.values())):
                self._add_address(ref, url)
        elif card.seen_as is not None:
            names += card.seen_as.workloads
        for name in names:
            if "://" in name or _HOST.fullmatch(name):
                self._add_address(ref, name)
            self._names[name.casefold()].setdefault(ref, name)

    def _add_address(self, ref: str, address: str) -> None:
        host, path = Host.parse(address), normalize_path(address) if "://" in address else ""
        if not host.name or _PLACEHOLDER.search(host.name):
            return
        self._hosts[host].setdefault(ref, str(host))
        if _PLACEHOLDER.search(path):
            pattern = "[^/:]+".join(map(re.escape, _PLACEHOLDER.split(path)))
            self._templates[host].append((re.compile(pattern), ref, f"{host}{path}"))
        elif path:
            self._paths[host][path].setdefault(ref, f"{host}{path}")
            self._paths_of_any_host[path].setdefault(ref, path)

    def _add_retired(self, ref: str, text: str) -> None:
        """Add a retired string: an address, a host, a path, or one step of a path such as `ryl:predict`."""
        if any(character.isspace() for character in text):
            return  # it can be in code, but not in traffic
        start, slash, rest = text.rpartition("://")[2].partition("/")
        if "://" in text or _HOST.fullmatch(start):
            self._retired_hosts[Host.parse(text)].append((normalize_path(f"/{rest}"), ref, text))
        elif slash:
            self._retired_paths.append((normalize_path(f"/{text.lstrip('/')}"), ref, text))
        else:
            self._retired_steps[text.casefold()].setdefault(ref, text)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that cards name, without ports, sorted."""
        return tuple(sorted(self._with_ports))

    @property
    def services(self) -> tuple[str, ...]:
        """The names of models and systems that a service may have, in lower case, sorted."""
        return tuple(sorted(self._names))

    def find(self, host: str, path: str, service: str) -> Target:
        """Find what a call reaches.

        A path of the book decides first, then a step `/models/<id>` of the path, then a host that only one card has,
        then the name of the service. Retired strings are found too, whatever else the call reaches.
        """
        steps = normalize_path(path) if path else ""
        hosts = self._list_hosts(Host.parse(host), has_path=bool(path))
        found = self._find_retired(hosts, steps, service)
        refs = self._find_by_path(hosts, steps, has_host=bool(host))
        refs = refs or next((refs for one in hosts if len(refs := self._hosts.get(one, {})) == 1), {})
        names = self._list_service_names(host, service)
        refs = refs or next((refs for name in names if (refs := find_by_form(name, self._names))), {})
        if len(refs) == 1:
            found = {**found, **refs}
        if found:
            return Target(tuple(found.items()))
        if refs:
            return Target(reason=AMBIGUOUS)
        if not any(self._hosts.get(host) for host in hosts):
            return Target(reason=UNKNOWN_TARGET if host or service else WITHOUT_HOST)
        if not steps:
            return Target(reason=SHARED_WITHOUT_PATH)
        return Target(reason=GRPC if _GRPC_PATH.match(steps) else SHARED_OTHER_PATH)

    def _list_hosts(self, host: Host, *, has_path: bool) -> tuple[Host, ...]:
        """List the hosts of the book that a host may be: with its port, and without.

        Metrics, which have no paths, have no ports either.
        """
        if not has_path and not host.port:
            return tuple(sorted(self._with_ports.get(host.name, ())))
        known = self._with_ports.get(host.name, ())
        return tuple(one for one in dict.fromkeys((host, Host(host.name))) if one in known)

    def _find_retired(self, hosts: tuple[Host, ...], path: str, service: str) -> Refs:
        found: Refs = {}
        for below, ref, text in (entry for host in hosts for entry in self._retired_hosts.get(host, ())):
            if not below or below in list_prefixes(path):
                found.setdefault(ref, text)
        for below, ref, text in self._retired_paths:
            if f"{below}/" in f"{path}/" or f"{below}:" in path:
                found.setdefault(ref, text)
        if self._retired_steps:
            steps = path.casefold().split("/")
            for step in (*steps, *(step.partition(":")[0] for step in steps), service.casefold()):
                for ref, text in self._retired_steps.get(step, {}).items():
                    found.setdefault(ref, text)
        return found

    def _find_by_path(self, hosts: tuple[Host, ...], path: str, *, has_host: bool) -> Refs:
        if not path:
            return {}
        of_hosts = [self._paths[host] for host in hosts if host in self._paths]
        for known in of_hosts if has_host else [self._paths_of_any_host]:
            for prefix in list_prefixes(path):
                if prefix in known:
                    return known[prefix]
        for pattern, ref, name in (entry for host in hosts for entry in self._templates.get(host, ())):
            if pattern.match(path):
                return {ref: name}
        for name in (*_MODEL_STEP.findall(path), *_VERB_STEP.findall(path)):
            refs = {ref: text for ref, text in self._names.get(name.casefold(), {}).items() if ref.startswith("model:")}
            if refs:
                return refs
        return {}

    def _list_service_names(self, host: str, service: str) -> Iterator[str]:
        for text in dict.fromkeys((service, host)):
            found = _CLUSTER_HOST.fullmatch(str(Host.parse(text)) if text == host else text.removesuffix("."))
            if found:
                yield f"{found['namespace']}/{found['name']}" if found["namespace"] else found["name"]
        if service and service != host:
            yield service  # a model in a gateway may have any name, such as `openai/gpt-4o`
            yield service.rpartition("/")[2]
