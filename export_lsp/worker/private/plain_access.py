"""``torch._C.DisableTorchFunction``: read a tensor's attributes past the handlers of a trace.

Seen in torch 2.6 to 2.14.  Without it a tensor whose attributes cannot be read while a trace is
resumed is reported as a failure of the user's expression.
"""

from __future__ import annotations

import contextlib
from contextlib import AbstractContextManager
from typing import Any

import torch

_disabled: Any = getattr(torch._C, "DisableTorchFunction", contextlib.nullcontext)


def plain_access() -> AbstractContextManager[Any]:
    """Context manager in which attributes of tensors are read as outside of a trace."""
    found: AbstractContextManager[Any] = _disabled()
    return found
