"""The model and its exported program, each run from the same state."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from typing import Any
from unittest import mock

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.export import ExportedProgram
from torch.utils import _pytree as pytree

from export_lsp.worker.data.target import Built
from export_lsp.worker.execution import seeds
from export_lsp.worker.execution.model_state import state_restored
from export_lsp.worker.execution.tensor_copies import TensorCopies
from export_lsp.worker.execution.values import RandomValues, replace_tensors
from export_lsp.worker.stages.numerics.close import all_close, close, difference
from export_lsp.worker.stages.numerics.interpret import Seen, watched


class UnknownStateError(Exception):
    """The program holds a fake tensor that the model does not have."""


@dataclass(frozen=True)
class Outcome:
    """What a call gave: the leaves of its outputs, and the buffers as it left them."""

    outputs: list[Any]
    buffers: dict[str, torch.Tensor]


class EagerRuns:
    """Every run starts with the same parameters, buffers, inputs and random numbers."""

    def __init__(self, built: Built) -> None:
        self._built = built
        self._filling = RandomValues()
        self._sizes = {name: tensor.numel() for name, tensor in built.model.named_buffers()}

    @property
    def values_are_made_up(self) -> bool:
        return bool(self._filling)

    def eager(
        self,
        within: AbstractContextManager[Any] | None = None,
        vary: Callable[[torch.Tensor], torch.Tensor] | None = None,
    ) -> Outcome:
        """What the model does on the example inputs, each of whose tensors `vary` may change.

        Raises:
            BaseException: whatever the model raises.
        """
        model = self._built.model
        copies = TensorCopies()
        with state_restored(model):
            with seeds.seeded(seeds.RESULTS):
                replace_tensors(model, lambda tensor: copies.tensor(self._filling.tensor(tensor)))
            inputs = copies.of((self._built.args, self._built.kwargs or {}))
            if vary is not None:
                inputs = pytree.tree_map_only(torch.Tensor, vary, inputs)
            args, kwargs = inputs
            with seeds.seeded(seeds.RESULTS), within or contextlib.nullcontext():
                outputs = model(*args, **kwargs)
            return Outcome(pytree.tree_leaves(outputs), self._buffers(model))

    def _buffers(self, module: torch.nn.Module) -> dict[str, torch.Tensor]:
        """The buffers but for those that have grown in place: nobody has set what they hold now."""
        return {
            name: tensor
            for name, tensor in module.named_buffers()
            if tensor.numel() <= self._sizes.get(name, tensor.numel())
        }


class Runs(EagerRuns):
    """The same for an exported program."""

    def __init__(self, built: Built, program: ExportedProgram) -> None:
        super().__init__(built)
        self._program = program

    def program(self, seen: Seen) -> Outcome:
        """
        Raises:
            UnknownStateError: there are no values for the program's state.
            BaseException: whatever the program raises.
        """
        module = self._program.module()
        copies = TensorCopies()
        replace_tensors(module, lambda tensor: copies.tensor(self._known(tensor)))
        args, kwargs = copies.of((self._built.args, self._built.kwargs or {}))
        with seeds.seeded(seeds.RESULTS):
            outputs = watched(module, seen)(*args, **kwargs)
        return Outcome(outputs, self._buffers(module))

    def _known(self, tensor: torch.Tensor) -> torch.Tensor:
        if isinstance(tensor, FakeTensor) and tensor not in self._filling:
            raise UnknownStateError
        return self._filling.tensor(tensor)


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


def told_difference(eagerly: Outcome, exportedly: Outcome) -> str:
    """What the second gives in place of the first, in a few words."""
    ours, theirs = eagerly.outputs, exportedly.outputs
    if len(ours) != len(theirs):
        return f"{len(theirs)} outputs where eager gives {len(ours)}"
    for one, other, index in zip(ours, theirs, count(), strict=False):
        if not close(one, other):
            which = f"output {index}: " if len(ours) > 1 else ""
            return which + difference(one, other)
    return "other buffers than eager"
