"""``torch.Tensor.data``: an alias that a trace does not connect with its tensor.

Non-strict export makes a constant without values of the alias, and raises when it lifts the
constants (``_lift_constants`` in ``torch/export/_trace.py``).

Seen in torch 2.6 to 2.13.  Without the property on ``torch.Tensor`` the failure is shown at the
declaration of the target.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import torch


@contextlib.contextmanager
def watch_data_reads(note: Callable[[FrameType, bool], None]) -> Iterator[None]:
    """Context manager in which `note` gets the frame of every access to ``Tensor.data``.

    Its second argument is true for an assignment.
    """
    tensor: Any = torch.Tensor
    own = getattr(torch._C.TensorBase, "data", None)
    if own is None:
        yield
        return

    def read(self: Any) -> Any:
        note(sys._getframe(1), False)
        return own.__get__(self)

    def write(self: Any, value: Any) -> None:
        note(sys._getframe(1), True)
        own.__set__(self, value)

    tensor.data = property(read, write)
    try:
        yield
    finally:
        del tensor.data
