"""Callers: the systems that workloads, service accounts and user agents belong to."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from generator.evidence.traffic.calls import RawCall
from generator.evidence.traffic.workloads import Refs, cut_pod_suffix, find_by_form
from generator.schema import Card, Model, System
from generator.secrets.redaction import redact

LONGEST_NAME = 80
_ACCOUNT = re.compile(r"(?:spiffe://)?[^/]+/ns/(?P<namespace>[^/,;]+)/sa/(?P<name>[^/,;]+)")
"""A SPIFFE id of Istio: https://istio.io/latest/docs/concepts/security/#istio-identity."""
_DEFAULT_ACCOUNT = "default"
_AGENT = re.compile(r"[A-Za-z][\w.+-]*(?=[/ ;(]|\Z)")
_AGENT_END = re.compile("[/ ;(]")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][\w .:/+-]*")
_ADDRESS = re.compile(r"[\d.]+(?::\d+)?|[\da-fA-F]*:[\da-fA-F:.]+")
_RANDOM = re.compile(r"[0-9a-fA-F-]{20,}|(?=[^\d]*\d)(?=\d*[A-Za-z])[A-Za-z0-9+=]{20,}")
"""An id or a key rather than a name."""
_ANY_PROGRAM = re.compile(
    r"alamofire|apache-httpclient|axios|cfnetwork|curl|dalvik|dart|envoy|faraday|fasthttp|go-http-client|go-resty|got"
    r"|grpc-[a-z+-]+|guzzlehttp|http\.rb|httpclient|httpie|httpx|hyper|java|java-http-client|jersey|k6|ktor-client"
    r"|libwww-perl|locust|mozilla|node|node-fetch|node-superagent|node\.js|(?:async)?openai|okhttp|opera|perl|php"
    r"|postmanruntime|python|(?:python-)?(?:aiohttp|httpx|requests|urllib3?)|reactornetty|reqwest|rest-client|restsharp"
    r"|ruby|tritonclient|undici|wget",
    re.IGNORECASE,
)
"""The user agents of libraries and tools, which do not identify the program that uses them."""
_PROBE = re.compile(
    r"kube-probe|prometheus|googlehc|elb-healthchecker|consul|blackbox-exporter|datadog|uptime-kuma", re.IGNORECASE
)


class TrafficCaller(NamedTuple):
    """The caller of a call."""

    name: str = ""
    """The name of the book, else a name of the source; empty if the source does not name it."""
    system: str = ""
    """The system, or the model that calls another one; empty if no card has the name, or several."""
    is_probe: bool = False
    """Whether it is a health check or the monitoring, which is not a use."""


class CallerIndex:
    """The names by which systems, and models that call models, appear in traffic."""

    def __init__(self, cards: Iterable[Card]) -> None:
        self._names: defaultdict[str, Refs] = defaultdict(dict)
        """The references by a name or `namespace/name` in lower case, each with the name as the book writes it."""
        self._without_namespace: defaultdict[str, Refs] = defaultdict(dict)
        self._accounts: defaultdict[str, Refs] = defaultdict(dict)
        self._agents: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        """The beginnings of user agents with their systems, the longest first, by their first word in lower case."""
        for card in cards:
            if not isinstance(card, Model | System):
                continue
            ref = str(card.ref)
            copies = [one.id for one in card.instances] if isinstance(card, Model) else []
            seen_as = card.seen_as if isinstance(card, System) else None
            for name in (card.id, *card.aliases, *copies, *(seen_as.workloads if seen_as else ())):
                self._names[name.casefold()].setdefault(ref, name)
                if "/" in name:
                    self._without_namespace[name.casefold().rpartition("/")[2]].setdefault(ref, name)
            if seen_as is not None:
                for agent in seen_as.user_agents:
                    self._agents[_get_product(agent)].append((agent, ref))
                for account in seen_as.service_accounts:
                    self._accounts[account.casefold().removeprefix("spiffe://")].setdefault(ref, account)
        for entries in self._agents.values():
            entries.sort(key=lambda entry: (-len(entry[0]), entry))

    def find(self, call: RawCall) -> TrafficCaller:
        """Find the caller: by its workload, its service, its service account, then its user agent."""
        account = _ACCOUNT.match(call.account)
        qualified = f"{account['namespace']}/{account['name']}" if account else call.account
        agent = _AGENT.match(call.user_agent)
        for refs in (
            self._find_name(call.workload),
            self._find_name(call.service),
            self._accounts.get(qualified.casefold(), {}) if qualified else {},
            self._find_name(qualified) if account and account["name"] != _DEFAULT_ACCOUNT else {},
            self._find_agent(call.user_agent),
        ):
            systems = {ref: name for ref, name in refs.items() if ref.startswith("system:")} or refs
            if len(systems) == 1:
                ((ref, name),) = systems.items()
                return TrafficCaller(name, ref)
        product = agent[0] if agent else ""
        if not (call.workload or call.service or account) and _PROBE.fullmatch(product):
            return TrafficCaller(product, is_probe=True)
        names = [call.workload, call.service]
        names.append(qualified if account and account["name"] != _DEFAULT_ACCOUNT else "")
        names.append("" if _ANY_PROGRAM.fullmatch(product) else product)
        return TrafficCaller(next((name for text in names if (name := clean_name(text))), ""))

    def _find_name(self, name: str) -> Refs:
        return find_by_form(name, self._names, self._without_namespace)

    def _find_agent(self, user_agent: str) -> Refs:
        """Find the longest beginning of a user agent that the book knows: `search` is not that of `search-v2/1.0`."""
        text = user_agent.casefold()
        beginnings = [
            (name, ref)
            for name, ref in self._agents.get(_get_product(user_agent), ())
            if text.startswith(name.casefold()) and not text[len(name) : len(name) + 1].strip("/ ;(")
        ]
        longest = {ref: name for name, ref in beginnings if len(name) == len(beginnings[0][0])}
        if longest:
            return longest
        agent = _AGENT.match(user_agent)
        return self._names.get(agent[0].casefold(), {}) if agent and not _ANY_PROGRAM.fullmatch(agent[0]) else {}


def _get_product(user_agent: str) -> str:
    return _AGENT_END.split(user_agent, 1)[0].casefold()


def clean_name(text: str) -> str:
    """Return a name of a source that may be stored and shown: no address, no id, no secret, nothing long."""
    name = cut_pod_suffix(text.strip())
    if len(name) > LONGEST_NAME or not _PLAIN_NAME.fullmatch(name) or _ADDRESS.fullmatch(name) or _RANDOM.search(name):
        return ""
    return name if redact(name) == name else ""
