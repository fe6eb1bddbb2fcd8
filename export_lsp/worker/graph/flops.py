"""The floating-point operations of a decomposed program's nodes, in terms of its symbolic sizes.

They are counted as `torch.utils.flop_counter` does: the multiplications and additions in matrix
products, convolutions and attention.  Its formulas are evaluated on expressions of sizes, which
adds no guards as evaluating them on tensors would.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
import torch
from torch._ops import HigherOrderOperator, OpOverload
from torch.fx import GraphModule, Node
from torch.utils import _pytree as pytree
from torch.utils.flop_counter import flop_registry

from export_lsp.worker.graph import program_graph
from export_lsp.worker.graph.operator_calls import OperatorCall, operator_call
from export_lsp.worker.private import symbolic_shapes

# Core operators without a formula that are as much work as a product of matrices.
COMPUTING = ("aten::_cdist_forward", "aten::_pdist_forward", "aten::_fft_")
# Tags of operators that make no products: they work on each element, sum up, or draw numbers.
SIMPLE = tuple(
    tag
    for name in ("pointwise", "reduction", "nondeterministic_seeded", "dynamic_output_shape")
    if (tag := getattr(torch.Tag, name, None)) is not None
)
# Regions of a program that are run once, as if their nodes stood in the graph around them.
ONCE = (
    "wrap_with_set_grad_enabled",
    "wrap_with_autocast",
    "wrap",
    "invoke_subgraph",
    "hints_wrapper",
)

# Returns the value of an expression for the example inputs; None if it depends on their data.
Example = Callable[[sympy.Expr], int | None]


@dataclass(frozen=True)
class NodeFlops:
    """The operations of one node; `count` is None if it computes, and nobody knows how much."""

    node: Node
    count: sympy.Expr | None


def flops_of(module: GraphModule, example: Example) -> Iterator[NodeFlops]:
    """Yield the operations of the nodes that compute, those in regions and branches included.

    Of the branches of a condition only the one with the most operations counts.  Loops are known
    only as far as one pass.

    Args:
        module: The graph of a program, or of a region in it.
        example: Chooses among branches.
    """
    for node in module.graph.nodes:
        call = operator_call(node)
        if call is None:
            continue
        if isinstance(call.operator, HigherOrderOperator):
            yield from _of_region(module, node, call.name, example)
            continue
        count = _flops(call, call.operator)
        if count is None or count != 0:
            yield NodeFlops(node, count)


def _of_region(module: GraphModule, node: Node, name: str, example: Example) -> Iterator[NodeFlops]:
    inner = program_graph.inner_modules(module, node)
    counted = [list(flops_of(each, example)) for each in inner]
    if name == "cond":
        yield from max(counted, key=functools.partial(_total, example=example), default=[])
        return
    for each in counted:
        yield from each
    if name not in ONCE and (any(counted) or not inner):
        yield NodeFlops(node, None)


def _total(found: Sequence[NodeFlops], example: Example) -> int:
    return sum(example(each.count) or 0 for each in found if each.count is not None)


def _flops(call: OperatorCall, operator: OpOverload) -> sympy.Expr | None:
    formula = getattr(flop_registry.get(operator._overloadpacket), "__wrapped__", None)
    if formula is None:
        return None if _computes(call, operator) else sympy.Integer(0)
    try:
        args, kwargs, result = pytree.tree_map(_shape, (call.args, call.kwargs, call.result))
        return sympy.sympify(formula(*args, **kwargs, out_shape=result))
    except (AssertionError, TypeError, ValueError, IndexError, AttributeError):
        return None  # it is called in a way that the formula does not know


def _shape(value: Any) -> Any:
    """Return a tensor's sizes as expressions; any other value as it is."""
    if isinstance(value, Node):
        value = value.meta.get("val")
    if isinstance(value, torch.Tensor):
        return tuple(map(_size, value.shape))
    return _size(value)


def _size(value: Any) -> Any:
    expression = symbolic_shapes.expression_of(value)
    return value if expression is None else expression


def _computes(call: OperatorCall, operator: OpOverload) -> bool:
    """Return whether an operator without a formula may be as much work as a product of matrices."""
    if not any(each.is_floating_point() or each.is_complex() for each in call.tensors):
        return False
    if operator.name().startswith(COMPUTING):
        return True
    if operator.namespace != "aten":
        return not operator.name().startswith("prims::")
    return not (
        torch.Tag.core in operator.tags or set(operator.tags) & set(SIMPLE) or _views(operator)
    )


def _views(operator: OpOverload) -> bool:
    """Return whether all results of an operator are views of its arguments."""
    returns = operator._schema.returns
    return bool(returns) and all(each.alias_info is not None for each in returns)
