"""One run of the model in eager, on values, and what it told."""

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
from export_lsp.worker.data.target import Built
from export_lsp.worker.eager import instrumented
from export_lsp.worker.execution import model_state, values
from export_lsp.worker.places import locate
from export_lsp.worker.private import data_operators, errors, fake_build, module_methods
from export_lsp.worker.system import in_fork
from export_lsp.worker.text.exception_text import USER_ERRORS, text_of
from export_lsp.worker.user_code.workspace import Workspace

# A run that takes longer is given up.
SECONDS = 20.0

FORKED_AUTOGRAD = "autograd's threading in combination with fork"
HIGHER_ORDER_OPS = "_higher_order_ops"

# What only fake tensors cannot do; the model may well run in eager.
FAKE_ONLY = (
    *errors.DATA_DEPENDENT_OUTPUT,
    *errors.DYNAMIC_OUTPUT,
    *errors.UNSUPPORTED_OPERATOR,
)

# As many values of one expression are kept; a loop may evaluate it millions of times.
KEPT = 1024


def start_eager_run(
    built: Built, attributes: model_state.ModelState, workspace: Workspace
) -> Callable[[], EagerRecord]:
    """Begin to run the model on its example inputs; what waits for the record of it.

    Fake parameters are given values if they fit the budget and no device is absent; else everything
    is fake, with concrete sizes, and no numbers come out of data.  May be called in the middle of a
    trace: `attributes` are the model's own from before it.
    """
    told = in_fork.start(lambda: _run(built, attributes, workspace), timeout=SECONDS)
    return lambda: told() or EagerRecord()


def _run(built: Built, attributes: model_state.ModelState, workspace: Workspace) -> EagerRecord:
    evaluated: dict[Location, list[Any]] = defaultdict(list)
    numbers = _Numbers(workspace)
    raised: list[EagerError] = []

    def note(place: instrumented.NotedExpression, value: Any) -> None:
        kept = evaluated[place.location]
        if len(kept) < KEPT:
            with numbers.overlooked():
                kept.append(record_value(value))
        if place.lists:
            # Eager reads the memory; a trace asks for number after number.
            numbers.note(place.location, "local_scalar_dense", pytree.tree_leaves(value))

    def run() -> None:
        torch.set_num_threads(1)  # what the process has chosen does not hold for a new thread
        try:
            _call(built, numbers)
        except USER_ERRORS as error:
            if not _is_ours(error) and not _holds_script(built.model):
                raised.append(EagerError.of(error, locate.frames_of(error, workspace)))

    with (
        model_state.state_restored(built.model),
        module_methods.original_methods(),
        instrumented.note_values(list(workspace.sources.values()), note),
    ):
        attributes.restore()
        # What a trace has put in the way of torch's operators holds for its own thread alone.
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    return EagerRecord(dict(evaluated), dict(numbers.found), raised[0] if raised else None)


def _call(built: Built, numbers: _Numbers) -> None:
    inputs = (built.args, built.kwargs or {})
    if values.can_have_values(built.model, inputs):
        values.replace_tensors(built.model, values.RandomValues().tensor)
        args, kwargs = pytree.tree_map_only(torch.Tensor, torch.clone, inputs)
        with numbers:
            built.model(*args, **kwargs)
    else:
        args, kwargs = pytree.tree_map_only(torch.Tensor, fake_build.fake_like, inputs)
        with fake_build.parameter_mode():
            built.model(*args, **kwargs)


def _is_ours(error: BaseException) -> bool:
    """Whether it says nothing of eager: fake tensors cannot do it, nor a fork, or it is of
    ``torch.cond`` and its like, which capture their branches in eager too."""
    tb = error.__traceback__
    while tb is not None:
        if HIGHER_ORDER_OPS in tb.tb_frame.f_code.co_filename:
            return True
        tb = tb.tb_next
    return isinstance(error, FAKE_ONLY) or FORKED_AUTOGRAD in text_of(error)


def _holds_script(model: torch.nn.Module) -> bool:
    """Whether a part is TorchScript: in the middle of a trace its calls fail (torch 2.13)."""
    return any(isinstance(module, torch.jit.ScriptModule) for module in model.modules())


class _Numbers(TorchDispatchMode):
    """Notes the numbers that come out of data, with the user's expression that asked."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.found: dict[NumberKey, list[Number]] = defaultdict(list)
        self._workspace = workspace
        self._overlook = False

    @contextlib.contextmanager
    def overlooked(self) -> Iterator[None]:
        """Within, operators are ours and not the user's."""
        self._overlook = True
        yield
        self._overlook = False

    def note(self, location: Location, kind: str, numbers: Iterable[Number]) -> None:
        self.found[location, kind].extend(numbers)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if self._overlook:
            return result
        found = data_operators.numbers(func, args, result)
        frames = locate.current_frames(sys._getframe(1), self._workspace) if found else []
        if frames:
            for kind, number in found:
                self.note(frames[-1].location, kind, [number])
        return result
