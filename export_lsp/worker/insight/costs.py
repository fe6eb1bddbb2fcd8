"""The cost of a program, of each module of its model, and of the user's classes of modules."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch.export import ExportedProgram
from torch.nn import Module
from torch.nn.parameter import is_lazy

from export_lsp.protocol import ClassCost, Cost, Location, ModuleCost
from export_lsp.worker.data.learned import Learned
from export_lsp.worker.insight.flop_counts import FlopCounts
from export_lsp.worker.places.class_definitions import defined_name
from export_lsp.worker.user_code.workspace import Workspace


@dataclass(frozen=True)
class ModelCosts:
    """The cost of a model, of each of its modules, and of the user's classes."""

    total: Cost
    modules: tuple[ModuleCost, ...]
    classes: tuple[ClassCost, ...]


def costs(
    model: Module,
    program: ExportedProgram,
    decomposed: ExportedProgram | None,
    learned: Learned,
    workspace: Workspace,
) -> ModelCosts:
    """Return the costs of a model.

    Args:
        model: The model.
        program: Its program.
        decomposed: The program in terms of core operators, None if there is none.
        learned: The knowledge gained from its export.
        workspace: The user's files, which define some of its classes.
    """
    counted = FlopCounts(decomposed, program, model, learned) if decomposed is not None else None
    named = dict(model.named_modules())
    modules = tuple(
        ModuleCost(path, type(module).__qualname__, _cost([module], [path], counted))
        for path, module in named.items()
    )
    total = _cost([model], [""], counted)
    by_class: dict[type, dict[str, Module]] = defaultdict(dict)
    for path, module in named.items():
        by_class[type(module)][path] = module
    classes = [
        _class_cost(kind, place, members, total, counted)
        for kind, members in by_class.items()
        if (place := defined_name(kind, workspace)) is not None
    ]
    return ModelCosts(total, modules, tuple(classes))


def _class_cost(
    kind: type,
    place: Location,
    members: Mapping[str, Module],
    total: Cost,
    counted: FlopCounts | None,
) -> ClassCost:
    cost = _cost(list(members.values()), list(members), counted)
    return ClassCost(
        kind.__name__,
        place,
        len(members),
        cost,
        _share(cost.parameters, total.parameters),
        _share(_example(cost), _example(total)),
    )


def _example(cost: Cost) -> int:
    return (cost.flops.example or 0) if cost.flops is not None else 0


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _cost(modules: Sequence[Module], paths: Sequence[str], counted: FlopCounts | None) -> Cost:
    """Return the cost of modules together: what two of them share counts once."""
    parameters = _distinct(each.parameters() for each in modules)
    buffers = _distinct(each.buffers() for each in modules)
    return Cost(
        sum(each.numel() for each in parameters),
        sum(each.numel() * each.element_size() for each in (*parameters, *buffers)),
        counted.under(paths) if counted is not None else None,
    )


def _distinct(tensors: Iterable[Iterable[torch.Tensor]]) -> list[torch.Tensor]:
    found = {id(each): each for each in itertools.chain.from_iterable(tensors)}
    return [each for each in found.values() if not is_lazy(each)]
