"""Values for a model whose parameters are fake, and a model left as it was found."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.utils import _pytree as pytree

from export_lsp.worker.private import module_hooks

# Bytes of parameters and buffers up to which a model is given values.
BUDGET = 1 << 30

TABLES = ("_parameters", "_buffers", "_modules")

T = TypeVar("T")


def can_have_values(model: torch.nn.Module, inputs: Any) -> bool:
    """Whether the model can be given values: they fit the budget and no device is absent."""
    state = [*model.parameters(), *model.buffers()]
    fakes = [tensor for tensor in state if isinstance(tensor, FakeTensor)]
    leaves = [leaf for leaf in pytree.tree_leaves(inputs) if isinstance(leaf, torch.Tensor)]
    on_absent_device = any(tensor.device.type != "cpu" for tensor in fakes) or any(
        isinstance(leaf, FakeTensor) for leaf in leaves
    )
    return not on_absent_device and size(fakes) <= BUDGET


def size(tensors: Iterable[torch.Tensor]) -> int:
    """The bytes that the values of tensors take."""
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


class RandomValues:
    """Small random values for fake tensors, the same ones for the same tensor."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}

    def tensor(self, tensor: torch.Tensor) -> torch.Tensor:
        """The values of a fake tensor; a real one is its own."""
        if not isinstance(tensor, FakeTensor):
            return tensor
        if id(tensor) not in self._made:
            self._made[id(tensor)] = tensor, _like(tensor)
        return self._made[id(tensor)][1]

    def __contains__(self, tensor: torch.Tensor) -> bool:
        return id(tensor) in self._made

    def __bool__(self) -> bool:
        return bool(self._made)


def _like(tensor: torch.Tensor) -> torch.Tensor:
    values = torch.zeros(tensor.shape, dtype=tensor.dtype)
    if values.is_floating_point():
        values.uniform_(-0.1, 0.1)
    if isinstance(tensor, torch.nn.Parameter):
        return torch.nn.Parameter(values, tensor.requires_grad)
    return values


class TensorCopies:
    """Copies of tensors: what shared memory shares memory, what was one tensor is one."""

    def __init__(self) -> None:
        self._memo: dict[int, Any] = {}

    def of(self, values: T) -> T:
        """A pytree with copies in place of its tensors."""
        return pytree.tree_map_only(torch.Tensor, self.tensor, values)

    def tensor(self, tensor: torch.Tensor) -> torch.Tensor:
        if id(tensor) not in self._memo:
            # Only leaves of autograd can be copied.
            leaf = tensor if tensor.is_leaf else tensor.detach()
            made = copy.deepcopy(leaf, self._memo)
            if made.requires_grad != tensor.requires_grad:
                made.requires_grad_(tensor.requires_grad)
            self._memo[id(tensor)] = made
        return self._memo[id(tensor)]


def replace_tensors(
    model: torch.nn.Module, function: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    """Replace every tensor that the model holds: parameters, buffers, plain attributes.

    Containers are replaced as well: recurrent layers keep their parameters in a list, too.
    """
    for module in model.modules():
        for table in (module._parameters, module._buffers):
            for name, tensor in table.items():
                if tensor is not None:
                    table[name] = function(tensor)
        for name, value in module.__dict__.items():
            if name not in TABLES and any(map(_is_tensor, pytree.tree_leaves(value))):
                module.__dict__[name] = pytree.tree_map_only(torch.Tensor, function, value)


def _is_tensor(value: object) -> bool:
    return isinstance(value, torch.Tensor)


class ModelState:
    """Every attribute of every submodule, and the hooks on all modules, as they are now."""

    def __init__(self, model: torch.nn.Module) -> None:
        self._hooks = module_hooks.registered_hooks()
        self._kept = [(module, _copied(module.__dict__)) for module in model.modules()]

    def restore(self) -> None:
        for module, attributes in self._kept:
            module.__dict__.clear()
            module.__dict__.update(_copied(attributes))
        module_hooks.restore_hooks(self._hooks)


def _copied(attributes: dict[str, Any]) -> dict[str, Any]:
    """Attributes with tables of their own: of parameters, buffers, submodules and hooks."""
    return {
        name: value.copy() if name.startswith("_") and isinstance(value, dict) else value
        for name, value in attributes.items()
    }


@contextlib.contextmanager
def state_restored(model: torch.nn.Module) -> Iterator[ModelState]:
    """Put back, in the end, every attribute of every submodule that was set or removed within, and
    the hooks on all modules."""
    attributes = ModelState(model)
    try:
        yield attributes
    finally:
        attributes.restore()
