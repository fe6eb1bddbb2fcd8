"""The inputs of submodules in a trace: sizes and plain values, without the data of tensors.

A call is recorded as a `ModuleCall` of the protocol, from which its inputs can be made again.
"""

from __future__ import annotations

import ast
import sys
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.export import Dim
from torch.nn import Module
from torch.utils import _pytree as pytree

from export_lsp.protocol import Leaf, ModuleCall
from export_lsp.worker.private import hints
from export_lsp.worker.user_code.workspace import Workspace


class CallRecorder:
    """Records the first call of each module class that is the user's, except the model's own call.

    Calls are left out whose inputs cannot be made again: with sizes that come from data, with
    other objects, or with tensors of one element, whose value torch may know.
    """

    def __init__(self, model: Module, workspace: Workspace) -> None:
        self._workspace = workspace
        self._paths = {id(module): path for path, module in model.named_modules() if path}
        self._calls: dict[type, ModuleCall] = {}
        self._users: dict[type, bool] = {}

    def note(self, module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Record a call, if it is the first of its class and can be made again."""
        kind = type(module)
        if kind in self._calls or not self._is_users(kind) or torch.is_autocast_enabled():
            return
        path = self._paths.get(id(module))
        call = describe_call(path, args, kwargs) if path is not None else None
        if call is not None:
            self._calls[kind] = call

    def recorded(self) -> tuple[ModuleCall, ...]:
        """Return the recorded calls, in the order in which they were made."""
        return tuple(self._calls.values())

    def _is_users(self, kind: type) -> bool:
        if kind not in self._users:
            file = getattr(sys.modules.get(kind.__module__), "__file__", None)
            self._users[kind] = file is not None and self._workspace.contains(file)
        return self._users[kind]


def describe_call(path: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ModuleCall | None:
    """Return a call of the submodule at `path` as plain data; None if it cannot be made again."""
    values, structure = pytree.tree_flatten((args, kwargs))
    leaves = [_leaf(value) for value in values]
    try:
        serialized = pytree.treespec_dumps(structure)
    except (NotImplementedError, TypeError, ValueError):
        return None  # a container class that is registered without a serialized name
    known = tuple(leaf for leaf in leaves if leaf is not None)
    return ModuleCall(path, serialized, known) if len(known) == len(leaves) else None


def _leaf(value: Any) -> Leaf | None:
    if value is None or type(value) in (bool, int, float, str):
        return Leaf(text=repr(value))
    if not isinstance(value, FakeTensor) or value.layout is not torch.strided:
        return None
    sizes = [hints.size_hint(size) for size in value.shape]
    size = tuple(each for each in sizes if each is not None)
    if len(size) < len(sizes) or value.device.type != "cpu" or value.numel() == 1:
        return None
    dynamic = tuple(i for i, each in enumerate(value.shape) if not isinstance(each, int))
    dtype = str(value.dtype).removeprefix("torch.")
    return Leaf(dtype=dtype, size=size, dynamic=dynamic, requires_grad=value.requires_grad)


def remake_inputs(call: ModuleCall) -> tuple[tuple[Any, ...], dict[str, Any], Any, Any]:
    """Make the inputs of a recorded call again.

    Returns:
        The positional and the keyword inputs, with uninitialized tensors, and the entries of
        ``dynamic_shapes`` for both, in the same structure.
    """
    structure = pytree.treespec_loads(call.structure)
    args, kwargs = pytree.tree_unflatten([_value(leaf) for leaf in call.leaves], structure)
    shapes, named_shapes = pytree.tree_unflatten([_shape(leaf) for leaf in call.leaves], structure)
    return args, kwargs, shapes, named_shapes


def _value(leaf: Leaf) -> Any:
    if leaf.text:
        return ast.literal_eval(leaf.text)
    dtype = getattr(torch, leaf.dtype)
    # A trace does not read the data, and memory that is not touched costs nothing.
    return torch.empty(leaf.size, dtype=dtype, requires_grad=leaf.requires_grad)


def _shape(leaf: Leaf) -> dict[int, Any] | None:
    return dict.fromkeys(leaf.dynamic, Dim.AUTO) or None
