"""Let non-strict tracing go on past a call that it cannot trace.

Every call of a function of torch's passes through ``_NonStrictTorchFunctionHandler``, every call
of a submodule through ``_ModuleStackTracer.call_module``: one that raises is replaced by a result
from outside.  Seen in torch 2.6 to 2.13.  Where a name is missing a trace ends at its first such
failure, as torch's own does.
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

# Returned by `Replace` where there is nothing to go on with.
NO_RESULT = object()

Replace = Callable[[Exception], Any]


def replace_failed_calls(replace: Replace) -> ExitStack:
    """Within, `replace` is asked for the result of a call that raised; `NOTHING` lets it raise."""
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
        around = None if modules is None else modules.copy()
        try:
            return call(self, *args, **kwargs)
        except Exception as error:
            result = replace(error)
            if result is not NO_RESULT and _wants_array(args):
                result = _array(args)
            if result is NO_RESULT:
                raise
            if modules is not None:
                # A tracer leaves a module only where its call returns.
                modules.clear()
                modules.update(around)
            return result

    return wrapper


def _wants_array(args: tuple[Any, ...]) -> bool:
    """Whether NumPy asked a tensor for its data: what eager got there is of NumPy's making."""
    return bool(args) and getattr(args[0], "__name__", "") == "__array__"


def _array(args: tuple[Any, ...]) -> Any:
    """An array like the tensor that was asked, without its data."""
    numpy: Any = sys.modules["numpy"]
    tensor = args[2][0]
    return numpy.zeros([int(size) for size in tensor.shape], str(tensor.dtype)[len("torch.") :])


def caller(frame: FrameType | None) -> FrameType | None:
    """Who called what raised: the first frame outward that is not part of tracing itself."""
    while frame is not None and (is_own(frame) or frame.f_code.co_filename.endswith(MACHINERY)):
        frame = frame.f_back
    return frame


def remake_value(value: Any) -> Any:
    """A value like the one that eager saw: its tensors are empty and belong to the trace."""
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
