"""The operator that a node calls, with its arguments and the tensors that it makes.

An operator with side effects is called through ``with_effects``, which adds a token to its
arguments and results.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch._ops import HigherOrderOperator, OpOverload
from torch.fx import Node
from torch.utils import _pytree as pytree

EFFECTS = "with_effects"


@dataclass(frozen=True)
class OperatorCall:
    """A call of an operator; `result` is its traced result."""

    operator: OpOverload | HigherOrderOperator
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any

    @property
    def tensors(self) -> list[torch.Tensor]:
        """The tensors that the call makes."""
        return [each for each in pytree.tree_leaves(self.result) if isinstance(each, torch.Tensor)]

    @property
    def name(self) -> str:
        """The name of the operator without its overload: "aten.linear", "cond"."""
        namespace, _, name = self.operator.name().rpartition("::")
        name = name.split(".")[0]
        return f"{namespace}.{name}" if namespace else name


def operator_call(node: Node) -> OperatorCall | None:
    """Return the call of an operator that a node is; None if it is anything else."""
    operator, args, result = node.target, node.args, node.meta.get("val")
    if not isinstance(operator, (OpOverload, HigherOrderOperator)):
        return None
    if operator.name() == EFFECTS and isinstance(args[1], OpOverload):
        operator, args = args[1], args[2:]
        result = result[1:] if isinstance(result, tuple) else None
    return OperatorCall(operator, args, dict(node.kwargs), result)
