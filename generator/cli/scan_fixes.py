"""The changes of `modelbook scan --fix`: uses that no card declares, added to the cards of their systems."""

from collections.abc import Iterable, Iterator

from generator.answers.leave import FilePatch
from generator.checks.code import CodeDifference
from generator.drafts.yaml_writing import render_scalar
from generator.grouping import group_pairs
from generator.load.bind import LoadedCard
from generator.load.list_edits import ListAddition, add_list_items
from generator.load.nodes import Plain
from generator.project import Project
from generator.schema.base import Scalar
from generator.schema.card import TO_BE_WRITTEN

_WHY = f"{TO_BE_WRITTEN}: what it uses the model for"


def plan_fixes(project: Project, undocumented: Iterable[CodeDifference]) -> tuple[list[FilePatch], list[str]]:
    """Plan the additions to cards of systems, and describe those that need an editor."""
    patches: list[FilePatch] = []
    left: list[str] = []
    cards = project.graph.cards
    of_systems = ((cards[one.user], one) for one in undocumented if one.user is not None)
    for file, several in group_pairs((loaded.document.file, (loaded, one)) for loaded, one in of_systems).items():
        targets = ", ".join(f"{one.target} to {one.user}" for _, one in several)
        origin = several[0][0].origin
        if origin is not None:  # a copy, which `modelbook collect` would replace
            left.append(f"{origin} is the card of another repository: add {targets} there")
            continue
        before = (project.root / file).read_bytes().decode("utf-8")
        after = add_list_items(file, before, _list_additions(several))
        if after is None:
            left.append(f"{file} cannot be changed automatically: add {targets}")
        else:
            patches.append(FilePatch(file, before, after))
    return patches, left


def _list_additions(differences: Iterable[tuple[LoadedCard, CodeDifference]]) -> Iterator[ListAddition]:
    targets = group_pairs((loaded.at(), one.target) for loaded, one in differences if one.target is not None)
    for root, refs in targets.items():
        models = [ref.id for ref in refs if ref.kind == "model"]
        others = [str(ref) for ref in refs if ref.kind != "model"]
        if models:
            why = Scalar(_WHY, plain=False)
            items = tuple(f"{{model: {render_scalar(model)}, why: {render_scalar(_WHY)}}}" for model in models)
            data: list[Plain] = [{"model": Scalar(model, plain=True), "why": why} for model in models]
            yield ListAddition(root, "uses", items, tuple(data))
        if others:
            texts = tuple(Scalar(other, plain=True) for other in others)
            yield ListAddition(root, "depends_on", tuple(map(render_scalar, others)), texts)
