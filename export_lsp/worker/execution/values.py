"""Real values for a model whose parameters are fake tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.utils import _pytree as pytree

# Bytes of parameters and buffers up to which a model is given values.
BUDGET = 1 << 30

TABLES = ("_parameters", "_buffers", "_modules")


def can_have_values(model: torch.nn.Module, inputs: Any) -> bool:
    """Return whether a model can run on real values.

    Its fake parameters and buffers have to fit the `BUDGET` and to be on the CPU, and the pytree
    `inputs` must not contain fake tensors: they are on an absent device, or too large.
    """
    leaves = (leaf for leaf in pytree.tree_leaves(inputs) if isinstance(leaf, torch.Tensor))
    return state_can_have_values(model) and not any(isinstance(each, FakeTensor) for each in leaves)


def state_can_have_values(model: torch.nn.Module) -> bool:
    """Return whether a model's fake parameters and buffers fit the `BUDGET` and are on the CPU."""
    fakes = [tensor for tensor in state_of(model) if isinstance(tensor, FakeTensor)]
    return size(fakes) <= BUDGET and all(tensor.device.type == "cpu" for tensor in fakes)


def state_of(model: torch.nn.Module) -> list[torch.Tensor]:
    """Return the parameters and buffers of a model."""
    return [*model.parameters(), *model.buffers()]


def size(tensors: Iterable[torch.Tensor]) -> int:
    """Return the number of bytes that the values of the tensors take."""
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


class RandomValues:
    """Small random values for fake tensors, the same for the same tensor.

    It is true, and contains a tensor, once it has made values (for that tensor).
    """

    def __init__(self) -> None:
        self._made: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}

    def tensor(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return a real tensor in place of a fake one; a real one is returned as it is."""
        if not isinstance(tensor, FakeTensor):
            return tensor
        if id(tensor) not in self._made:
            self._made[id(tensor)] = tensor, values_like(tensor)
        return self._made[id(tensor)][1]

    def __contains__(self, tensor: torch.Tensor) -> bool:
        return id(tensor) in self._made

    def __bool__(self) -> bool:
        return bool(self._made)


def values_like(tensor: torch.Tensor, shape: Sequence[int] | None = None) -> torch.Tensor:
    """Return small random values of a tensor's dtype, by default of its shape."""
    values = torch.zeros(tensor.shape if shape is None else tuple(shape), dtype=tensor.dtype)
    if values.is_floating_point():
        values.uniform_(-0.1, 0.1)
    if isinstance(tensor, torch.nn.Parameter):
        return torch.nn.Parameter(values, tensor.requires_grad)
    return values


def replace_tensors(
    model: torch.nn.Module, function: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    """Replace every tensor that a model holds: parameters, buffers, plain attributes.

    Containers of tensors are replaced as well: recurrent layers also keep their parameters in a
    list.
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
