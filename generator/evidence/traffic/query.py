"""The query of Prometheus whose recorded answer `modelbook reconcile` reads."""

import re
from collections.abc import Iterable

from generator.evidence.traffic.prometheus import WINDOW_LABEL
from generator.evidence.traffic.targets import TargetIndex

_SERVICE = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
"""The names that a service in a cluster can have: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/."""
_LONGEST_FILTER = 20_000
"""In characters. Without the filter the answer is larger, and what is not of the book is counted apart."""
_ISTIO_LABELS = (
    "reporter, source_workload, source_workload_namespace, source_canonical_service, source_principal,"
    " destination_service, destination_service_name, response_code, grpc_response_status"
)
_GRAPH_LABELS = "client, server, connection_type"


def build_query(targets: TargetIndex, window: str) -> str:
    """Build the query for all calls to the hosts and services of a book in a window such as `30d`.

    The answer to a query does not contain the query, so that the window is a label.
    """
    pattern = _build_pattern(targets.hosts, targets.services)

    def select(metric: str, label: str) -> str:
        return f"increase({metric}{{{label}=~{pattern}}}[{window}])" if pattern else f"increase({metric}[{window}])"

    return f"""label_replace(
  sum by ({_ISTIO_LABELS}) (
    {select("istio_requests_total", "destination_service")}
  )
  or
  sum by ({_GRAPH_LABELS}) (
    {select("traces_service_graph_request_total", "server")}
  )
  or
  label_replace(
    sum by ({_GRAPH_LABELS}) (
      {select("traces_service_graph_request_failed_total", "server")}
    ),
    "failed", "true", "", ""
  ),
  "{WINDOW_LABEL}", "{window}", "", ""
)
"""


def _build_pattern(hosts: Iterable[str], services: Iterable[str]) -> str:
    """Build the regular expression for the hosts and services, in quotes; empty if it is too long.

    A dot is written as `[.]`, because a backslash would be an escape of the quoted text.
    """
    safe = [host for host in hosts if re.fullmatch(r"[\w.-]+", host)]
    names = sorted({bare for name in services if _SERVICE.fullmatch(bare := name.rpartition("/")[2])})
    parts = [host.replace(".", "[.]") for host in safe]
    parts += [f"({'|'.join(names)})(-[^.]+)?([.].+)?"] if names else []
    pattern = "|".join(parts)
    return f'"{pattern}"' if len(pattern) <= _LONGEST_FILTER else ""
