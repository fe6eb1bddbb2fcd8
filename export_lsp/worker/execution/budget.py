"""The cost of running a model on values, estimated and limited before it is run."""

from __future__ import annotations

from typing import Any

import torch
from torch.export import ExportedProgram
from torch.utils import _pytree as pytree

from export_lsp.worker.data.target import Built
from export_lsp.worker.execution import values
from export_lsp.worker.execution.smaller_inputs import small_sizes, with_sizes
from export_lsp.worker.graph.cost import Cost, cost_of

# Bytes that parameters, inputs with a copy of each, and activations may take together.
MEMORY = 1 << 30

# Bytes that a run whose cost cannot be known beforehand may allocate in its fork.
FORK_MEMORY = 3 << 29

# Seconds that the runs of one comparison may take, and their number: the model and its program,
# and both again to find the first difference.
SECONDS = 20.0
RUNS = 4


def affordable(built: Built, program: ExportedProgram) -> Built | None:
    """Return the model with inputs for which running it fits the budget.

    Those are the example inputs or, if they are too large and ``dynamic_shapes`` allows it, inputs
    of smaller sizes.  None if there are no such inputs, or if the model is on an absent device.
    """
    inputs = (built.args, built.kwargs or {})
    if values.can_have_values(built.model, inputs) and _fits(built, cost_of(program)):
        return built
    sizes = small_sizes(program)
    if not sizes or not values.state_can_have_values(built.model) or _is_absent(inputs):
        return None
    smaller = with_sizes(built, program, sizes)
    return smaller if _fits(smaller, cost_of(program, sizes)) else None


def _fits(built: Built, cost: Cost) -> bool:
    taken = values.size(values.state_of(built.model)) + 2 * values.size(_tensors(built)) + cost.peak
    return taken <= MEMORY and RUNS * cost.seconds <= SECONDS


def _is_absent(inputs: Any) -> bool:
    leaves = pytree.tree_leaves(inputs)
    return any(isinstance(leaf, torch.Tensor) and leaf.device.type != "cpu" for leaf in leaves)


def _tensors(built: Built) -> list[torch.Tensor]:
    leaves = pytree.tree_leaves((built.args, built.kwargs or {}))
    return [leaf for leaf in leaves if isinstance(leaf, torch.Tensor)]
