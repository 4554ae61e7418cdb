"""Names of workloads without the suffixes that canaries, pods and jobs add."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

Refs = dict[str, str]
"""The references that a name leads to, each with the name as the book writes it."""
_NO_NAMES: Mapping[str, Refs] = MappingProxyType({})
_HASH = "[bcdfghjklmnpqrstvwxz2456789]"
"""The characters of the suffixes of pods: https://github.com/kubernetes/apimachinery/blob/master/pkg/util/rand/rand.go."""
_SUFFIX = re.compile(
    r"-(?:canary|primary|stable|baseline|preview|blue|green"  # progressive delivery
    r"|v?\d{1,10}"  # versions, ordinals of stateful sets, times of cron jobs
    r"|predictor|transformer|explainer|default|deployment|private"  # KServe and Knative
    rf"|{_HASH}{{8,10}}-{_HASH}{{5}}"  # pods
    rf"|(?=[a-z]*\d)(?:{_HASH}{{5}}|{_HASH}{{8,10}}))\Z"  # without a digit it may be a word
)
_LONGEST_NAME = 253
"""The longest name in Kubernetes: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/."""
_POD = re.compile(rf"-(?:{_HASH}{{8,10}}-{_HASH}{{5}}|(?=[a-z]*\d){_HASH}{{5}})\Z")


def list_name_forms(name: str) -> Iterator[str]:
    """List a name, then the name without its last suffix, and so on: the longest that the book knows is meant."""
    yield name
    while len(name) <= _LONGEST_NAME and (found := _SUFFIX.search(name)):
        name = name[: found.start()]
        if not name:
            return
        yield name


def find_by_form(name: str, names: Mapping[str, Refs], unqualified: Mapping[str, Refs] = _NO_NAMES) -> Refs:
    """Find the references of the longest known form of a name; empty if there is none.

    The name is `name` or `namespace/name`. `names` has the references by their names in lower case, some with a
    namespace, and `unqualified` those for a name without a namespace that `names` does not have.
    """
    namespace, _, bare = name.casefold().rpartition("/")
    for form in list_name_forms(bare) if bare else ():
        found = names.get(f"{namespace}/{form}") if namespace else None
        found = found or names.get(form) or (unqualified.get(form) if not namespace else None)
        if found:
            return found
    return {}


def cut_pod_suffix(name: str) -> str:
    """Return a name that the book does not know without the suffix of a pod, so that all its pods count together."""
    return _POD.sub("", name) or name
