"""Running an exported program node by node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.fx import GraphModule, Interpreter, Node
from torch.utils import _pytree as pytree

Seen = Callable[[Node, Any], None]


class _Watched(Interpreter):
    def __init__(self, module: GraphModule, seen: Seen) -> None:
        super().__init__(module)
        self._seen = seen

    def run_node(self, n: Node) -> Any:
        result = super().run_node(n)
        self._seen(n, result)
        return result


def watched(module: torch.nn.Module, seen: Seen) -> torch.nn.Module:
    """A program's module that shows every node's result when it is called, to give flat outputs.

    What the module checks before it runs is still checked.
    """
    assert isinstance(module, GraphModule)
    interpreter = _Watched(module, seen)

    def forward(*args: Any, **kwargs: Any) -> list[Any]:
        flat = pytree.tree_leaves((args, kwargs))
        return pytree.tree_leaves(interpreter.run(*flat, enable_io_processing=False))

    module.forward = forward
    return module
