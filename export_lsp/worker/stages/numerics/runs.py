"""The model and its exported program, each run from the same state."""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.export import ExportedProgram
from torch.utils import _pytree as pytree

from export_lsp.worker.stages.numerics.close import all_close, close
from export_lsp.worker.stages.numerics.interpret import Seen, watched
from export_lsp.worker.targets import Built
from export_lsp.worker.values import Copies, Filling, substitute, unchanged

# Not one that a model would choose: tracing may have drawn the same numbers then.
SEED = 0xE7_0A7


class UnknownStateError(Exception):
    """The program holds a fake tensor that the model does not have."""


@dataclass(frozen=True)
class Outcome:
    """What a call gave: the leaves of its outputs, and the buffers as it left them."""

    outputs: list[Any]
    buffers: dict[str, torch.Tensor]


class Runs:
    """Every run starts with the same parameters, buffers, inputs and random numbers."""

    def __init__(self, built: Built, program: ExportedProgram) -> None:
        self._built = built
        self._program = program
        self._filling = Filling()
        self._sizes = {name: tensor.numel() for name, tensor in built.model.named_buffers()}

    @property
    def values_are_made_up(self) -> bool:
        return bool(self._filling)

    def eager(self, within: AbstractContextManager[Any] | None = None) -> Outcome:
        """
        Raises:
            BaseException: whatever the model raises.
        """
        model = self._built.model
        copies = Copies()
        with unchanged(model):
            with _same_numbers():
                substitute(model, lambda tensor: copies.tensor(self._filling.tensor(tensor)))
            args, kwargs = copies.of((self._built.args, self._built.kwargs or {}))
            with _same_numbers(), within or contextlib.nullcontext():
                outputs = model(*args, **kwargs)
            return Outcome(pytree.tree_leaves(outputs), self._buffers(model))

    def program(self, seen: Seen) -> Outcome:
        """
        Raises:
            UnknownStateError: there are no values for the program's state.
            BaseException: whatever the program raises.
        """
        module = self._program.module()
        copies = Copies()
        substitute(module, lambda tensor: copies.tensor(self._known(tensor)))
        args, kwargs = copies.of((self._built.args, self._built.kwargs or {}))
        with _same_numbers():
            outputs = watched(module, seen)(*args, **kwargs)
        return Outcome(outputs, self._buffers(module))

    def _buffers(self, module: torch.nn.Module) -> dict[str, torch.Tensor]:
        """The buffers but for those that have grown in place: nobody has set what they hold now."""
        return {
            name: tensor
            for name, tensor in module.named_buffers()
            if tensor.numel() <= self._sizes.get(name, tensor.numel())
        }

    def _known(self, tensor: torch.Tensor) -> torch.Tensor:
        if isinstance(tensor, FakeTensor) and tensor not in self._filling:
            raise UnknownStateError
        return self._filling.tensor(tensor)


@contextlib.contextmanager
def _same_numbers() -> Iterator[None]:
    """Within, torch, Python and, where it is used, numpy draw the same random numbers each time."""
    numpy = getattr(sys.modules.get("numpy"), "random", None)
    kept = torch.get_rng_state(), random.getstate(), numpy and numpy.get_state()
    torch.manual_seed(SEED)
    random.seed(SEED)
    if numpy is not None:
        numpy.seed(SEED)
    try:
        yield
    finally:
        torch.set_rng_state(kept[0])
        random.setstate(kept[1])
        if numpy is not None:
            numpy.set_state(kept[2])


@contextlib.contextmanager
def exporting() -> Iterator[None]:
    """Within, ``torch.compiler.is_exporting()`` and ``is_compiling()`` say yes, as in an export."""
    with (
        mock.patch.object(torch.compiler, "is_exporting", return_value=True),
        mock.patch.object(torch.compiler, "is_compiling", return_value=True),
    ):
        yield


def same(eagerly: Outcome, exportedly: Outcome) -> bool:
    return all_close(eagerly.outputs, exportedly.outputs) and not changed(eagerly, exportedly)


def changed(eagerly: Outcome, exportedly: Outcome) -> list[str]:
    """The buffers that the two leave different."""
    common = eagerly.buffers.keys() & exportedly.buffers.keys()
    return sorted(n for n in common if not close(eagerly.buffers[n], exportedly.buffers[n]))
