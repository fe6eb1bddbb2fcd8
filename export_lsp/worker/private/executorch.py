"""ExecuTorch's verifier, its partitioners' reasons, and the kernels of its runtime.

``EdgeCompileConfig(_check_ir_validity=False)`` makes ``to_edge`` keep operators that it refuses
otherwise; its verifiers' ``check_valid_op`` says which ones these are, one by one.  Partitioners
say to ``WhyNoPartition`` why they leave a node.  ``_get_operator_names`` has the kernels that the
runtime in the wheel is built with.

Seen in executorch 1.5 with torch 2.13.  Without these names one refused operator is known at a
time, and fallbacks have no reason.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any
from unittest import mock

import torch
from torch._ops import OpOverload
from torch.export import ExportedProgram
from torch.fx import GraphModule, Node

from export_lsp.worker.private import edge

WHY = "executorch.exir.backend.utils"
XNNPACK = "executorch.backends.xnnpack.partition.xnnpack_partitioner"
# Operators of sizes and assertions, which are no part of the computation.
_NOT_COMPUTED = ("aten::sym_", "aten::_assert")
RUNTIME = "executorch.extension.pybindings.portable_lib"


@dataclass
class Lowered:
    """A program in the edge dialect.

    `manager` is ExecuTorch's own object for it.  `left` are the nodes that a partitioner has left,
    `taken` those that it has taken, and `reasons` why, by the names of nodes.
    """

    manager: Any
    left: list[Node] = field(default_factory=list)
    taken: list[Node] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def program(self) -> ExportedProgram:
        program: ExportedProgram = self.manager.exported_program()
        return program


def to_edge(program: ExportedProgram) -> Lowered:
    """Lower a program to the edge dialect, with the operators that ``to_edge`` refuses.

    Raises:
        Exception: whatever ExecuTorch raises.
    """
    exir = _exir()
    with _quiet():
        manager = exir.to_edge(program, compile_config=_unchecked(exir))
    lowered = Lowered(manager)
    lowered.left = list(_operators(lowered.program.graph_module))
    return lowered


def to_xnnpack(program: ExportedProgram) -> Lowered:
    """Lower a program, and give XNNPACK what its partitioner takes.

    Raises:
        Exception: whatever ExecuTorch raises.
    """
    exir = _exir()
    partitioner = importlib.import_module(XNNPACK).XnnpackPartitioner()
    reasons: dict[str, str] = {}
    with _quiet(), _noting(reasons):
        manager = exir.to_edge_transform_and_lower(
            program, partitioner=[partitioner], compile_config=_unchecked(exir)
        )
    lowered = Lowered(manager, reasons=reasons)
    module = lowered.program.graph_module
    lowered.left = list(_operators(module))
    for part in module.children():
        original = getattr(getattr(part, "original_module", None), "graph_module", None)
        if isinstance(original, GraphModule):
            lowered.taken.extend(_operators(original))
    return lowered


def refusal(node: Node) -> str:
    """Return the sentence in which ExecuTorch's verifier refuses an operator; "" if it does not."""
    exir = _exir()
    verification = importlib.import_module("executorch.exir.verification.verifier")
    verifier = verification.EXIREdgeDialectVerifier(exir.EdgeCompileConfig())
    verifier = verifier() if isinstance(verifier, type) else verifier
    try:
        verifier.check_valid_op(node.target)
    except Exception as error:
        return next(
            (line for line in str(error).splitlines() if line.strip()), type(error).__name__
        )
    return ""


def to_executorch(lowered: Lowered) -> Any:
    """Return ExecuTorch's own object for the finished program.

    Raises:
        Exception: whatever ExecuTorch raises.
    """
    with _quiet():
        return lowered.manager.to_executorch()


def without_kernel(finished: Any) -> list[Node]:
    """Return the nodes of a finished program that the runtime in the wheel has no kernel for."""
    kernels = set(_runtime()._get_operator_names())
    module = finished.exported_program().graph_module
    return [
        node
        for node in _operators(module)
        if isinstance(node.target, OpOverload) and operator_name(node) not in kernels
    ]


def operator_name(node: Node) -> str:
    """Return the name of a node's operator with its overload, "aten::relu.out"."""
    operator = edge.operator_of(node)
    return operator.name() if operator is not None else str(node.target)


def run(finished: Any, leaves: Sequence[Any]) -> list[Any]:
    """Run a finished program from its initial state.

    Raises:
        Exception: whatever the runtime raises.
    """
    module = _runtime()._load_for_executorch_from_buffer(finished.buffer)
    results: list[Any] = module.run_method("forward", tuple(leaves))
    return [each.clone() if isinstance(each, torch.Tensor) else each for each in results]


def _exir() -> ModuleType:
    return importlib.import_module("executorch.exir")


def _runtime() -> ModuleType:
    return importlib.import_module(RUNTIME)


def _unchecked(exir: ModuleType) -> Any:
    return exir.EdgeCompileConfig(_check_ir_validity=False)


def _operators(module: GraphModule) -> Iterator[Node]:
    """Yield the nodes of a graph that call an operator, of torch's or of the edge dialect."""
    for node in module.graph.nodes:
        operator = edge.operator_of(node)
        if operator is not None and not operator.name().startswith(_NOT_COMPUTED):
            yield node


@contextlib.contextmanager
def _noting(reasons: dict[str, str]) -> Iterator[None]:
    """Context manager that adds the first reason of a partitioner for each node to a dict."""
    utils = importlib.import_module(WHY)
    why = getattr(utils, "WhyNoPartition", None)
    if why is None:
        yield
        return

    def note(self: Any, node: Node, reason: str) -> None:
        reasons.setdefault(node.name, reason)

    with mock.patch.object(why, "__call__", note):
        yield


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Context manager without ExecuTorch's warnings, which are for callers of its API."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
