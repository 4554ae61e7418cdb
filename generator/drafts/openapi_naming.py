"""The names of models behind the operations of an API, from their paths."""

import re
from itertools import pairwise

_GENERIC = re.compile(
    r"v\d+(\.\d+)*((alpha|beta)\d*)?|api|apis|rest|ml|ai|models?|deployments?|endpoints?|engines?|services?|inference|"
    r"predict(ions?|or)?|infer|score|scores|scoring|invocations?|invoke|run|evaluate|classify|json|public|internal|online"
)
"""The steps of a path that name no model."""
_COLLECTION = re.compile(r"models?|deployments?|engines?")
_PARAMETER = re.compile(r"\$?\{(?P<name>[^{}]*)\}")
_MODEL_PARAMETER = re.compile(r"(model|deployment|engine)([_-]?(name|id|key))?", re.IGNORECASE)


def find_model_parameter(path: str) -> str:
    """Return the parameter of a path that stands for any model, as in `/v2/models/{name}/infer`; an empty text else."""
    steps = path.split("/")
    for before, step in pairwise(["", *steps]):
        match = _PARAMETER.fullmatch(step.partition(":")[0])
        if match and (_COLLECTION.fullmatch(before.lower()) or _MODEL_PARAMETER.fullmatch(match["name"])):
            return match["name"]
    return ""


def name_model(path: str) -> str:
    """Return the step of a path that people call the model by: `kitchen-load` of `/v1/models/kitchen-load:predict`.

    It is the step after `models`, else the last one that is not generic; an empty text if all are. Parameters are
    left out: `{city}-kitchen-load` is the same model.
    """
    steps = [step.partition(":")[0] for step in path.split("?", maxsplit=1)[0].split("/")]
    steps = [_PARAMETER.sub("", step).strip("-_.") for step in steps]
    named = [step for step in steps if step and not _GENERIC.fullmatch(step.lower())]
    after = (step for before, step in pairwise(steps) if _COLLECTION.fullmatch(before.lower()))
    return next((step for step in after if step in named), named[-1] if named else "")


def split_words(name: str) -> str:
    """Return a name as words: `Kitchen load` for `kitchen-load`, `Predict ETA` for `predictETA`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", re.sub(r"[._\-/]+", " ", name)).strip()
    words = [word if word.isupper() and len(word) > 1 else word.lower() for word in spaced.split()]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]]) if words else name
