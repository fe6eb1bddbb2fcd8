"""The cost of running an exported program, estimated from its graph before it is run."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch._ops import OpOverload
from torch.export import ExportedProgram
from torch.fx import Node
from torch.utils import _pytree as pytree
from torch.utils.flop_counter import flop_registry

from export_lsp.worker.private import edge, symbolic_shapes

# Operators that one of an exported program decomposes into on average; and those of a step of a
# recurrent layer (torch 2.13: 21 of an LSTM).
OPERATORS = 2
OPERATORS_A_STEP = 21
RECURRENT = ("lstm", "gru", "rnn_tanh", "rnn_relu")

# Floating-point operations, and bytes moved, that one core of a slow machine does in a second.
FLOPS = 1e10
BYTES = 1e9


def _product(left: Any, *_: Any, out_val: Any, **__: Any) -> float:
    return 2 * out_val.numel() * left.shape[-1]


def _convolution(_: Any, weight: Any, *__: Any, out_val: Any, **___: Any) -> float:
    return 2 * out_val.numel() * weight.numel() / weight.shape[0]


def _attention(query: Any, key: Any, *_: Any, **__: Any) -> float:
    return 4 * query.numel() * key.shape[-2]


# Operators that an exported program has before it is decomposed, for which torch has no formula.
COMPOSITE: dict[str, Callable[..., float]] = {
    "linear": _product,
    "matmul": _product,
    "conv1d": _convolution,
    "conv2d": _convolution,
    "conv3d": _convolution,
    "scaled_dot_product_attention": _attention,
}


@dataclass(frozen=True)
class Cost:
    """The cost of running a graph once.

    `flops` are those of the operators that torch has a formula for, and one for each element of the
    results of all others.  `moved` is the size of all results in bytes, `peak` that of the results
    alive at the same time, at most.
    """

    flops: float = 0.0
    moved: float = 0.0
    peak: float = 0.0

    @property
    def seconds(self) -> float:
        """About how long one run takes on one core."""
        return self.flops / FLOPS + self.moved / BYTES


def cost_of(program: ExportedProgram, sizes: Mapping[str, int] | None = None) -> Cost:
    """Estimate one run of a program.

    Args:
        program: Its graphs of branches and loops count as one operator each.
        sizes: Numbers for symbols of dynamic dimensions, by name; those of the example inputs for
            all others.
    """
    return _Estimate(sizes or {}).of(list(program.graph.nodes))


def flops_of(node: Node) -> float:
    """Estimate the floating-point operations of one node of any graph, as `Cost` counts them."""
    return _Estimate({})._flops(node)


def decomposed_operators(program: ExportedProgram) -> int:
    """Estimate the number of operators that a program decomposes into.

    Recurrent layers are unrolled into all their steps.
    """
    return sum(map(_decomposed, program.graph.nodes))


def _decomposed(node: Node) -> int:
    if node.op != "call_function":
        return 0
    if not _is_recurrent(node):
        return OPERATORS
    sequence, *others = node.all_input_nodes
    # Time is dimension 0 or 1: the larger one is the safe guess.
    steps = max(
        symbolic_shapes.concrete_size(size, {})
        for tensor in _tensors(sequence)
        for size in tensor.shape[:2]
    )
    # The parameters of a layer and direction are four tensors, or two without a bias.
    return OPERATORS_A_STEP * steps * max(1, (len(others) - 1) // 4)


def _is_recurrent(node: Node) -> bool:
    if not isinstance(node.target, OpOverload):
        return False
    return node.target.name().removeprefix("aten::").startswith(RECURRENT)


class _Estimate:
    def __init__(self, chosen: Mapping[str, int]) -> None:
        self._chosen = chosen

    def of(self, nodes: Sequence[Node]) -> Cost:
        last_use = {
            used: index for index, node in enumerate(nodes) for used in node.all_input_nodes
        }
        alive: dict[Node, float] = {}
        ending: dict[int, list[Node]] = {}
        flops = moved = peak = held = 0.0
        for index, node in enumerate(nodes):
            taken = 0.0 if node.op != "call_function" or _is_view(node) else self._bytes(node)
            if node.op == "call_function":
                flops += self._flops(node)
            moved += taken
            held += taken
            peak = max(peak, held)
            alive[node] = taken
            ending.setdefault(last_use.get(node, index), []).append(node)
            held -= sum(alive.pop(ended) for ended in ending.pop(index, ()) if ended in alive)
        return Cost(flops, moved, peak)

    def _flops(self, node: Node) -> float:
        operator = edge.operator_of(node)
        if operator is not None:
            name = operator.overloadpacket.__name__
            formula = COMPOSITE.get(name) or flop_registry.get(operator.overloadpacket)
            if formula is not None:
                args, kwargs = pytree.tree_map_only(Node, self._shaped, (node.args, node.kwargs))
                # What torch's formulas raise for arguments that they do not expect.
                with contextlib.suppress(TypeError, ValueError, AssertionError, AttributeError):
                    return float(formula(*args, **kwargs, out_val=self._shaped(node)))
        return self._count_all(node)

    def _count_all(self, node: Node) -> float:
        elements = sum(map(self._count, _tensors(node)), 0.0)
        if not _is_recurrent(node):
            return elements
        sequence, *parameters = node.all_input_nodes
        weights = sum(self._count(each) for node in parameters for each in _tensors(node))
        tokens = sum(math.prod(self._sizes(each)[:2]) for each in _tensors(sequence))
        return 2 * weights * tokens

    def _bytes(self, node: Node) -> float:
        return sum(self._count(tensor) * tensor.element_size() for tensor in _tensors(node))

    def _count(self, tensor: torch.Tensor) -> float:
        return float(math.prod(self._sizes(tensor)))

    def _shaped(self, node: Node) -> Any:
        """The values of a node with a meta tensor of the traced sizes in place of each tensor."""
        return pytree.tree_map_only(
            torch.Tensor,
            lambda tensor: torch.empty(self._sizes(tensor), dtype=tensor.dtype, device="meta"),
            node.meta.get("val"),
        )

    def _sizes(self, tensor: torch.Tensor) -> list[int]:
        return [symbolic_shapes.concrete_size(size, self._chosen) for size in tensor.shape]


def _is_view(node: Node) -> bool:
    """True if the result of an operator shares the memory of an argument."""
    if not isinstance(node.target, OpOverload):
        return False
    returns = node.target._schema.returns
    return any(result.alias_info is not None for result in returns)


def _tensors(node: Node) -> Iterator[torch.Tensor]:
    for leaf in pytree.tree_leaves(node.meta.get("val")):
        if isinstance(leaf, torch.Tensor):
            yield leaf
