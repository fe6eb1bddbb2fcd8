"""Run the model once in eager mode, with values, and record what its expressions evaluate to."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

from export_lsp.protocol import Location
from export_lsp.worker.data.eager_record import EagerError, EagerRecord, NumberKey
from export_lsp.worker.data.eager_values import Number, record_value
from export_lsp.worker.data.frame import Stack
from export_lsp.worker.data.target import Built
from export_lsp.worker.eager import instrumented
from export_lsp.worker.execution import values
from export_lsp.worker.execution.budget import FORK_MEMORY
from export_lsp.worker.execution.model_state import ModelState, state_restored
from export_lsp.worker.places import locate
from export_lsp.worker.private import data_operators, errors, fake_build, module_methods, plain_cond
from export_lsp.worker.system.forked_call import start_in_fork
from export_lsp.worker.text.exception_text import USER_ERRORS, text_of
from export_lsp.worker.user_code.workspace import Workspace

# A run that takes longer is given up.
SECONDS = 20.0

FORKED_AUTOGRAD = "autograd's threading in combination with fork"
HIGHER_ORDER_OPS = "_higher_order_ops"

# Errors of fake tensors; with real ones the model may well run.
FAKE_ONLY = (
    *errors.DATA_DEPENDENT_OUTPUT,
    *errors.DYNAMIC_OUTPUT,
    *errors.UNSUPPORTED_OPERATOR,
    *errors.UNSUPPORTED_TENSOR,
)

# At most this many values of one expression are kept: a loop may evaluate it millions of times.
KEPT = 1024


def start_eager_run(
    built: Built, state: ModelState, workspace: Workspace
) -> Callable[[], EagerRecord]:
    """Start to run a model on its example inputs in a fork; may be called in the middle of a trace.

    Fake parameters are given values if `values.can_have_values` allows it.  Otherwise everything is
    fake with concrete sizes, and no numbers are read from data.

    Args:
        built: The model and its inputs.
        state: The state of the model from before the trace.
        workspace: The user's files, whose expressions are recorded.

    Returns:
        A function that waits for the record.  The record is empty if the run takes more than
        `SECONDS` seconds or its process dies.
    """
    wait = start_in_fork(lambda: _run(built, state, workspace), timeout=SECONDS, memory=FORK_MEMORY)
    return lambda: wait() or EagerRecord()


def _run(built: Built, state: ModelState, workspace: Workspace) -> EagerRecord:
    evaluated: dict[Location, list[Any]] = defaultdict(list)
    numbers = _NumberRecorder(workspace)
    raised: list[EagerError] = []

    def note(expression: instrumented.NotedExpression, value: Any) -> None:
        kept = evaluated[expression.location]
        if len(kept) < KEPT:
            with numbers.paused():
                kept.append(record_value(value))
        if expression.is_tolist:
            # Eager mode copies the memory; a trace reads one number after the other.
            numbers.add(expression.location, "local_scalar_dense", pytree.tree_leaves(value))

    def run() -> None:
        torch.set_num_threads(1)  # the setting of the process does not apply to a new thread
        try:
            _call(built, numbers)
        except USER_ERRORS as error:
            if not _is_artificial(error) and not _contains_torchscript(built.model):
                raised.append(EagerError.of(error, locate.stack_of(error, workspace)))

    with (
        state_restored(built.model),
        module_methods.original_methods(),
        instrumented.note_values(list(workspace.sources.values()), note),
    ):
        state.restore()
        # The modes of a trace that intercept torch's operators apply to their own thread only.
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    return EagerRecord(dict(evaluated), dict(numbers.found), raised[0] if raised else None)


def _call(built: Built, numbers: _NumberRecorder) -> None:
    inputs = (built.args, built.kwargs or {})
    if values.can_have_values(built.model, inputs):
        values.replace_tensors(built.model, values.RandomValues().tensor)
        args, kwargs = pytree.tree_map_only(torch.Tensor, torch.clone, inputs)
        with numbers, plain_cond.plain_cond():
            built.model(*args, **kwargs)
    else:
        args, kwargs = pytree.tree_map_only(torch.Tensor, fake_build.fake_like, inputs)
        with fake_build.parameter_mode():
            built.model(*args, **kwargs)


def _is_artificial(error: BaseException) -> bool:
    """Return whether an error says nothing about eager mode.

    Some are raised for fake tensors only, or in a fork, which has little memory.  Operators such as
    ``while_loop`` trace their functions in eager mode too.
    """
    if errors.out_of_memory(error):
        return True
    tb = error.__traceback__
    while tb is not None:
        if HIGHER_ORDER_OPS in tb.tb_frame.f_code.co_filename:
            return True
        tb = tb.tb_next
    return isinstance(error, FAKE_ONLY) or FORKED_AUTOGRAD in text_of(error)


def _contains_torchscript(model: torch.nn.Module) -> bool:
    """Return whether a submodule is TorchScript, whose calls fail during a trace (torch 2.13)."""
    return any(isinstance(module, torch.jit.ScriptModule) for module in model.modules())


class _NumberRecorder(TorchDispatchMode):
    """Records the numbers that operators read from data, with the expression that asked."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.found: dict[NumberKey, list[Number]] = defaultdict(list)
        self._workspace = workspace
        self._is_paused = False

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Context manager for operators that are ours and not the user's."""
        self._is_paused = True
        yield
        self._is_paused = False

    def add(self, location: Location, kind: str, numbers: Iterable[Number]) -> None:
        self.found[location, kind].extend(numbers)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if self._is_paused:
            return result
        found = data_operators.numbers(func, args, result)
        stack = locate.current_stack(sys._getframe(1), self._workspace) if found else Stack()
        if stack.innermost is not None:
            for kind, number in found:
                self.add(stack.innermost, kind, [number])
        return result
