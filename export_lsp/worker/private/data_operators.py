"""Operators that read sizes or numbers from data, and the unbacked symbols that stand for them.

In a trace the fake implementation of such an operator (in ``torch._subclasses.fake_impls``) calls
``create_unbacked_symint`` or a similar method.  The name of the implementation is the kind of the
symbol.  In eager mode the operator itself gives the number.

Seen in torch 2.6 to 2.13.  If an operator is missing, the values of its symbols are not known.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import Any

import torch

from export_lsp.worker.system.own_frames import is_own

Number = bool | int | float
# Kinds of symbols with the numbers they stand for.
Numbers = list[tuple[str, Number]]

CUSTOM = "allocate_size"
INDEXING = ("aten::index", "aten::_unsafe_index")
BOOLEAN = (torch.bool, torch.uint8)

# torch's files between an implementation and the hook that sees its symbol.
BETWEEN = ("symbolic_shapes.py", "recording.py")


def _first_size(args: Any, result: Any) -> Number:
    return int(result.shape[0])


def _unique_size(args: Any, result: Any) -> Number:
    return int(result[0].shape[0])


def _unique_dim_size(args: Any, result: Any) -> Number:
    return int(result[0].shape[args[1]])


def _slice_size(args: Any, result: Any) -> Number:
    return int(result.shape[args[1] if len(args) > 1 else 0])


def _offset(args: Any, result: Any) -> Number:
    return int(result.storage_offset())


def _number(args: Any, result: Any) -> Number:
    return result


# By operator: the kind of its symbol, and the number in its arguments and result.
MAKERS: dict[str, tuple[str, Callable[[Any, Any], Number]]] = {
    "aten::_local_scalar_dense": ("local_scalar_dense", _number),
    "aten::nonzero": ("nonzero", _first_size),
    "aten::masked_select": ("masked_select", _first_size),
    "aten::repeat_interleave": ("repeat_interleave_tensor", _first_size),
    "aten::bincount": ("bincount", _first_size),
    "aten::_unique2": ("_unique", _unique_size),
    "aten::unique_dim": ("_unique", _unique_dim_size),
    "aten::unique_consecutive": ("_unique", _unique_size),
    "aten::slice": ("slice_forward", _slice_size),
    "aten::select": ("meta_select", _offset),
}


def numbers(operator: Any, args: Any, result: Any) -> Numbers:
    """Return the numbers that a call has read from data, in the order of the trace's symbols.

    Args:
        operator: The overload that was called.
        args: Its positional arguments.
        result: What it has returned on real tensors.
    """
    name = operator.name().split(".")[0]
    if name in INDEXING:
        masks = [index for index in args[1] if index is not None and index.dtype in BOOLEAN]
        return [("nonzero", int(torch.count_nonzero(mask))) for mask in masks]
    if name in MAKERS:
        kind, value = MAKERS[name]
        return [(kind, value(args, result))]
    if not name.startswith(("aten::", "prims::", "prim::")):
        results = result if isinstance(result, (tuple, list)) else [result]
        return [
            (CUSTOM, int(r.shape[0])) for r in results if isinstance(r, torch.Tensor) and r.dim()
        ]
    return []


def kind_of(frame: FrameType | None) -> str:
    """Return the kind of the symbol that is being made: its implementation's name on the stack."""
    while frame is not None and _is_between(frame):
        frame = frame.f_back
    return frame.f_code.co_name if frame is not None else ""


def _is_between(frame: FrameType) -> bool:
    return is_own(frame) or frame.f_code.co_filename.endswith(BETWEEN)
