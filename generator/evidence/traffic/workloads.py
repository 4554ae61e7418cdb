"""Names of workloads without the suffixes that canaries, pods and jobs add."""

import re
from collections.abc import Iterator

_SUFFIX = re.compile(
    r"-(?:canary|primary|stable|baseline|preview|blue|green"  # progressive delivery
    r"|v?\d{1,10}"  # versions, ordinals of stateful sets, times of cron jobs
    r"|predictor|transformer|explainer|default|deployment|private"  # KServe and Knative
    # Kubernetes makes the suffixes of pods from these characters:
    # https://github.com/kubernetes/apimachinery/blob/master/pkg/util/rand/rand.go
    r"|[bcdfghjklmnpqrstvwxz2456789]{5}|[bcdfghjklmnpqrstvwxz2456789]{8,10})\Z"
)
_POD = re.compile(r"(?:-[bcdfghjklmnpqrstvwxz2456789]{8,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}\Z")
_HAS_DIGIT = re.compile(r"\d")


def list_name_forms(name: str) -> Iterator[str]:
    """List a name, then the name without its last suffix, and so on: the longest that the book knows is meant."""
    yield name
    while found := _SUFFIX.search(name):
        name = name[: found.start()]
        if not name:
            return
        yield name


def cut_pod_suffix(name: str) -> str:
    """Return a name that the book does not know without the suffix of a pod, so that all its pods count together."""
    found = _POD.search(name)
    return name[: found.start()] if found and found.start() and _HAS_DIGIT.search(found[0]) else name
