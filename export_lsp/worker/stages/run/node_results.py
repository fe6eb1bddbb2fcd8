"""Runs an exported program node by node and reports the result of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.fx import GraphModule, Interpreter, Node
from torch.utils import _pytree as pytree

from export_lsp.worker.private import wrapped_blocks

NodeCallback = Callable[[Node, Any], None]


class _ReportingInterpreter(Interpreter):
    def __init__(self, module: GraphModule, on_result: NodeCallback) -> None:
        super().__init__(module)
        self._on_result = on_result

    def run_node(self, n: Node) -> Any:
        result = super().run_node(n)
        self._on_result(n, result)
        return result

    def call_function(self, target: Any, args: Any, kwargs: Any) -> Any:
        if target in wrapped_blocks.BLOCKS:
            args = tuple(self._reporting(value) for value in args)
        return super().call_function(target, args, kwargs)

    def _reporting(self, value: Any) -> Any:
        if isinstance(value, GraphModule):
            return _ReportingInterpreter(value, self._on_result).run
        return value


def reporting_nodes(module: torch.nn.Module, on_result: NodeCallback) -> torch.nn.Module:
    """Make a program's module report every node's result when it is called, those in blocks too.

    Args:
        module: The module that ``ExportedProgram.module()`` returns.  Its checks of the inputs stay
            in place.
        on_result: Called with each node and its result.

    Returns:
        The module, which now returns the flat list of its outputs.
    """
    assert isinstance(module, GraphModule)
    interpreter = _ReportingInterpreter(module, on_result)

    def forward(*args: Any, **kwargs: Any) -> list[Any]:
        flat = pytree.tree_leaves((args, kwargs))
        return pytree.tree_leaves(interpreter.run(*flat, enable_io_processing=False))

    module.forward = forward
    return module
