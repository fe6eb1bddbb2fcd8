"""Operators whose fake implementation makes an unbacked symbol, and the number it stands for.

The keys are the implementations in ``torch._subclasses.fake_impls`` that call
``create_unbacked_symint`` and its like: the caller of that method names the kind of symbol, and
here is which operator of ATen gives its value in eager.  Seen in torch 2.6 to 2.13.  An operator
that is missing leaves its symbols without a value.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import Any

import torch

from export_lsp.worker.system.own_frames import is_own

Number = bool | int | float
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
    """What the symbols stand for that a fake run of the operator would make, in their order, each
    with its kind."""
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
    """The kind of symbol that is being made: the implementation's name on the stack."""
    while frame is not None and _is_between(frame):
        frame = frame.f_back
    return frame.f_code.co_name if frame is not None else ""


def _is_between(frame: FrameType) -> bool:
    return is_own(frame) or frame.f_code.co_filename.endswith(BETWEEN)
