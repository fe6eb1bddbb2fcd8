"""Replace the results of calls that non-strict tracing cannot trace, so that it goes on.

Every call of a function of torch's passes through ``_NonStrictTorchFunctionHandler``, and every
call of a submodule through ``_ModuleStackTracer.call_module``.

Seen in torch 2.6 to 2.13.  Without them a trace ends at its first failure, as torch's own does.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType
from typing import Any
from unittest import mock

import torch

from export_lsp.worker.data.eager_values import RecordedArray, RecordedItems, RecordedTensor
from export_lsp.worker.system.own_frames import is_own

HANDLERS = (
    ("torch._export.non_strict_utils", "_NonStrictTorchFunctionHandler", "__torch_function__"),
    ("torch.fx.experimental.proxy_tensor", "_ModuleStackTracer", "call_module"),
)

# torch's files that a call passes through between its caller and the handlers.
MACHINERY = (
    "_tensor.py",
    "functional.py",
    "non_strict_utils.py",
    "overrides.py",
    "proxy_tensor.py",
    "_symbolic_trace.py",
)

# Returned by `Replace` to let a call raise.
NO_RESULT = object()

# Takes what a call has raised and returns its result.
Replace = Callable[[Exception], Any]


def replace_failed_calls(replace: Replace) -> ExitStack:
    """Return a context in which `replace` gives the result of each call that raises.

    The call raises after all if `replace` returns `NO_RESULT`.  Of nested calls the inner one is
    replaced first.
    """
    stack = ExitStack()
    for module, name, method in HANDLERS:
        handler: Any = getattr(importlib.import_module(module), name, None)
        call = getattr(handler, method, None)
        if call is not None:
            stack.enter_context(mock.patch.object(handler, method, _replacing(call, replace)))
    return stack


def _replacing(call: Callable[..., Any], replace: Replace) -> Callable[..., Any]:
    @functools.wraps(call)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        modules = getattr(self, "module_stack", None)
        outer_modules = None if modules is None else modules.copy()
        try:
            return call(self, *args, **kwargs)
        except Exception as error:
            result = replace(error)
            if result is not NO_RESULT and _wants_array(args):
                result = _array(args)
            if result is NO_RESULT:
                raise
            if modules is not None:
                # A tracer removes a module from its stack only when the call returns.
                modules.clear()
                modules.update(outer_modules)
            return result

    return wrapper


def _wants_array(args: tuple[Any, ...]) -> bool:
    """Return whether NumPy asked a tensor for its data: it needs an array, not eager's value."""
    return bool(args) and getattr(args[0], "__name__", "") == "__array__"


def _array(args: tuple[Any, ...]) -> Any:
    """Return zeros of the shape and dtype of the tensor that was asked."""
    numpy: Any = sys.modules["numpy"]
    tensor = args[2][0]
    return numpy.zeros([int(size) for size in tensor.shape], str(tensor.dtype)[len("torch.") :])


def caller(frame: FrameType | None) -> FrameType | None:
    """Return the frame that made the failed call: the first one outside of tracing itself."""
    while frame is not None and (is_own(frame) or frame.f_code.co_filename.endswith(MACHINERY)):
        frame = frame.f_back
    return frame


def remake_value(value: Any) -> Any:
    """Make a recorded value again; its tensors are uninitialized and belong to the trace."""
    if isinstance(value, RecordedTensor):
        return torch.empty(value.shape, dtype=value.dtype, device=value.device)
    if isinstance(value, RecordedArray):
        return value.array
    if isinstance(value, RecordedItems):
        items = [remake_value(item) for item in value.items]
        if value.keys is not None:
            return dict(zip(value.keys, items, strict=True))
        return value.kind(items)
    return value
