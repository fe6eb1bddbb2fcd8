"""Copies of tensors that keep their aliasing."""

from __future__ import annotations

import copy
from typing import Any, TypeVar

import torch
from torch.utils import _pytree as pytree

T = TypeVar("T")


class TensorCopies:
    """Copies of tensors: one copy for each tensor, and copies share memory as the originals do."""

    def __init__(self) -> None:
        self._memo: dict[int, Any] = {}

    def of(self, values: T) -> T:
        """Return a pytree with its tensors copied."""
        return pytree.tree_map_only(torch.Tensor, self.tensor, values)

    def tensor(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return the copy of a tensor."""
        if id(tensor) not in self._memo:
            # deepcopy takes leaves of autograd only.
            leaf = tensor if tensor.is_leaf else tensor.detach()
            made = copy.deepcopy(leaf, self._memo)
            if made.requires_grad != tensor.requires_grad:
                made.requires_grad_(tensor.requires_grad)
            self._memo[id(tensor)] = made
        return self._memo[id(tensor)]
