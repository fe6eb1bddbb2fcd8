"""Values for a model with fake parameters, and its attributes as they were before a run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.utils import _pytree as pytree

from export_lsp.worker.private import module_hooks

# Bytes of parameters up to which a model is given values to run in eager.
BUDGET = 1 << 30


def fit(model: torch.nn.Module, inputs: Any) -> bool:
    """Whether the model can be given values: within the budget, on a device that is present."""
    fakes = [tensor for tensor in _state(model) if isinstance(tensor, FakeTensor)]
    leaves = [leaf for leaf in pytree.tree_leaves(inputs) if isinstance(leaf, torch.Tensor)]
    on_absent_device = any(tensor.device.type != "cpu" for tensor in fakes) or any(
        isinstance(leaf, FakeTensor) for leaf in leaves
    )
    size = sum(tensor.numel() * tensor.element_size() for tensor in fakes)
    return not on_absent_device and size <= BUDGET


def _state(model: torch.nn.Module) -> Iterator[torch.Tensor]:
    yield from model.parameters()
    yield from model.buffers()


def fill(model: torch.nn.Module) -> None:
    """Put small random values where parameters and buffers are fake; tied ones stay tied."""
    filled: dict[int, torch.Tensor] = {}
    for module in model.modules():
        for table in (module._parameters, module._buffers):
            for name, tensor in table.items():
                if isinstance(tensor, FakeTensor):
                    if id(tensor) not in filled:
                        filled[id(tensor)] = _values_like(tensor)
                    table[name] = filled[id(tensor)]


def _values_like(tensor: torch.Tensor) -> torch.Tensor:
    values = torch.zeros(tensor.shape, dtype=tensor.dtype)
    if values.is_floating_point():
        values.uniform_(-0.1, 0.1)
    if isinstance(tensor, torch.nn.Parameter):
        return torch.nn.Parameter(values, tensor.requires_grad)
    return values


class Attributes:
    """Every attribute of every submodule, as it is now."""

    def __init__(self, model: torch.nn.Module) -> None:
        self._kept: list[tuple[torch.nn.Module, dict[str, Any]]] = []
        for module in model.modules():
            attributes = dict(module.__dict__)
            for name in ("_parameters", "_buffers", "_modules"):
                if name in attributes:  # a ScriptModule has them elsewhere
                    attributes[name] = dict(attributes[name])
            self._kept.append((module, attributes))

    def put_back(self) -> None:
        for module, attributes in self._kept:
            module.__dict__.clear()
            module.__dict__.update(attributes)


@contextlib.contextmanager
def unchanged(model: torch.nn.Module) -> Iterator[Attributes]:
    """Put back, in the end, every attribute of every submodule that was set or removed within, and
    the hooks on all modules."""
    attributes = Attributes(model)
    try:
        with module_hooks.kept():
            yield attributes
    finally:
        attributes.put_back()
