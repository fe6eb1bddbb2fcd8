"""Calls of the model and of its exported program, each from the same state."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from typing import Any
from unittest import mock

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.export import ExportedProgram
from torch.utils import _pytree as pytree

from export_lsp.protocol import Mode
from export_lsp.worker.data.target import Built
from export_lsp.worker.execution import seeds
from export_lsp.worker.execution.model_state import state_restored
from export_lsp.worker.execution.tensor_copies import TensorCopies
from export_lsp.worker.execution.values import RandomValues, replace_tensors
from export_lsp.worker.stages.run.agreement import agree, all_agree, leaf_difference
from export_lsp.worker.stages.run.node_results import NodeCallback, reporting_nodes

# Takes the leaves of the example inputs and returns those of others.
Vary = Callable[[Sequence[Any]], Sequence[Any]]


class UnknownStateError(Exception):
    """The program holds a fake tensor that the model does not have."""


@dataclass(frozen=True)
class CallResult:
    """The leaves that a call returned, and the buffers as it left them, by name."""

    outputs: list[Any]
    buffers: dict[str, torch.Tensor]


class ModelCalls:
    """Calls a model so that every call starts from the same state.

    That is: the same parameters, buffers, inputs and random numbers.  Fake tensors are given random
    values.
    """

    def __init__(self, built: Built) -> None:
        self._built = built
        self._values = RandomValues()
        self._sizes = {name: tensor.numel() for name, tensor in built.model.named_buffers()}

    @property
    def values_are_made_up(self) -> bool:
        """True if a call has given random values to fake tensors of the model."""
        return bool(self._values)

    def eager(
        self,
        context: AbstractContextManager[Any] | None = None,
        vary: Vary = list,
    ) -> CallResult:
        """Call the model on its example inputs and leave it as it was.

        Args:
            context: Active while the model runs.
            vary: Applied to the inputs.

        Raises:
            BaseException: whatever the model raises.
        """
        model = self._built.model
        copies = TensorCopies()
        with state_restored(model):
            with seeds.seeded(seeds.RESULTS):
                replace_tensors(model, lambda tensor: copies.tensor(self._values.tensor(tensor)))
            args, kwargs = self._inputs(copies, vary)
            with seeds.seeded(seeds.RESULTS), context or contextlib.nullcontext():
                outputs = model(*args, **kwargs)
            return CallResult(pytree.tree_leaves(outputs), self._buffers(model))

    def _inputs(self, copies: TensorCopies, vary: Vary) -> tuple[Any, Any]:
        leaves, structure = pytree.tree_flatten((self._built.args, self._built.kwargs or {}))
        args, kwargs = pytree.tree_unflatten(vary(copies.of(leaves)), structure)
        return args, kwargs

    def _buffers(self, module: torch.nn.Module) -> dict[str, torch.Tensor]:
        """Return the buffers, except those that grew in place: their new part is uninitialized."""
        return {
            name: tensor
            for name, tensor in module.named_buffers()
            if tensor.numel() <= self._sizes.get(name, tensor.numel())
        }


class ProgramCalls(ModelCalls):
    """Calls a model and its exported program, which get the same values."""

    def __init__(self, built: Built, program: ExportedProgram) -> None:
        super().__init__(built)
        self._program = program

    def program(self, on_result: NodeCallback, vary: Vary = list) -> CallResult:
        """Call the program on the example inputs, after a call of `eager`.

        Args:
            on_result: Called with each node of the program and its result.
            vary: Applied to the inputs.

        Raises:
            UnknownStateError: the program's state has no values.
            BaseException: whatever the program raises.
        """
        module, copies = self._module, TensorCopies()
        with state_restored(module):
            replace_tensors(module, lambda tensor: copies.tensor(self._known(tensor)))
            args, kwargs = self._inputs(copies, vary)
            with seeds.seeded(seeds.RESULTS):
                outputs = reporting_nodes(module, on_result)(*args, **kwargs)
            return CallResult(outputs, self._buffers(module))

    def give_values(self) -> None:
        """Put values in the place of fake tensors of the program itself, after a call of `eager`.

        Raises:
            UnknownStateError: the program's state has no values.
        """
        for state in (self._program.state_dict, self._program.constants):
            for name, value in state.items():
                if isinstance(value, torch.Tensor):
                    state[name] = self._known(value)

    @functools.cached_property
    def _module(self) -> torch.nn.Module:
        return self._program.module()

    def _known(self, tensor: torch.Tensor) -> torch.Tensor:
        if isinstance(tensor, FakeTensor) and tensor not in self._values:
            raise UnknownStateError
        return self._values.tensor(tensor)


@contextlib.contextmanager
def as_if_exporting(mode: Mode) -> Iterator[None]:
    """While active, the functions of ``torch.compiler`` answer as in an export in this mode."""
    with (
        mock.patch.object(torch.compiler, "is_exporting", return_value=True),
        mock.patch.object(torch.compiler, "is_compiling", return_value=True),
        mock.patch.object(torch.compiler, "is_dynamo_compiling", return_value=mode == "strict"),
    ):
        yield


def results_agree(eager: CallResult, other: CallResult) -> bool:
    """Return whether two calls returned the same and left the same in the buffers."""
    return all_agree(eager.outputs, other.outputs) and not differing_buffers(eager, other)


def differing_buffers(eager: CallResult, other: CallResult) -> list[str]:
    """Return the names of the buffers in which two calls left different values."""
    common = eager.buffers.keys() & other.buffers.keys()
    return sorted(name for name in common if not agree(eager.buffers[name], other.buffers[name]))


def result_difference(eager: CallResult, other: CallResult) -> str:
    """Describe how the second of two results differs, as the end of "it gives …"."""
    if len(eager.outputs) != len(other.outputs):
        return f"{len(other.outputs)} outputs where eager gives {len(eager.outputs)}"
    for expected, actual, index in zip(eager.outputs, other.outputs, count(), strict=False):
        if not agree(expected, actual):
            which = f"output {index}: " if len(eager.outputs) > 1 else ""
            return which + leaf_difference(expected, actual)
    return "other buffers than eager"
