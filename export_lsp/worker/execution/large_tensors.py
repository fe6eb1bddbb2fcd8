"""Large tensors are fake from the moment they are created.

Export needs sizes and dtypes, not values.  Example inputs of gigabytes, and large tensors that a
file creates when it is imported, therefore never take memory; smaller ones keep their values, for
the steps that need some.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from export_lsp.worker.execution.values import size
from export_lsp.worker.private import fake_build

# Bytes above which one tensor is fake, and bytes of real ones after which every other is.
LARGE = 64 << 20
TOTAL = 512 << 20

# Bytes of an element, at most: complex128 has 16.
ELEMENT = 16

CREATORS: frozenset[Callable[..., Any]] = frozenset(
    {
        torch.arange,
        torch.empty,
        torch.empty_strided,
        torch.eye,
        torch.full,
        torch.linspace,
        torch.logspace,
        torch.normal,
        torch.ones,
        torch.rand,
        torch.randint,
        torch.randn,
        torch.randperm,
        torch.tile,
        torch.tril_indices,
        torch.triu_indices,
        torch.zeros,
        torch.Tensor.new_empty,
        torch.Tensor.new_full,
        torch.Tensor.new_ones,
        torch.Tensor.new_zeros,
        torch.Tensor.repeat,
        torch.Tensor.tile,
    }
)


class LargeTensors(TorchFunctionMode):
    """Context manager in which a large tensor that is created is fake.

    `any_made` is true once one was.
    """

    def __init__(self) -> None:
        super().__init__()
        self.any_made = False
        self._real = 0

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func in CREATORS and self._may_be_large(args, kwargs):
            with fake_build.parameter_mode():
                fake = func(*args, **kwargs)
            if self._is_large(fake):
                self.any_made = True
                fake_build.note_fake("Tensor")
                return fake
        return func(*args, **kwargs)

    def _may_be_large(self, args: Any, kwargs: Any) -> bool:
        """Estimate from the arguments alone: a fake run of every small factory would cost."""
        sizes = (abs(number) for number in _numbers((args, kwargs)) if number)
        bound = math.prod(sizes) * ELEMENT
        bound *= max(1, sum(each.numel() for each in args if isinstance(each, torch.Tensor)))
        return bound > min(LARGE, TOTAL - self._real)

    def _is_large(self, fake: Any) -> bool:
        if not isinstance(fake, torch.Tensor):
            return False
        taken = size([fake])
        if taken > LARGE or self._real + taken > TOTAL:
            return True
        self._real += taken
        return False


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value
