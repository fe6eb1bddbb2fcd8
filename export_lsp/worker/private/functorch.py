"""``torch._C._functorch``: the tensors that ``torch.func`` wraps around others.

Seen in torch 2.6 to 2.13.  Without it such a tensor among a program's constants is not recognized,
and running or saving the program fails at it.
"""

from __future__ import annotations

from typing import Any

import torch

_functorch: Any = getattr(torch._C, "_functorch", None)


def is_wrapper(tensor: torch.Tensor) -> bool:
    """Return whether a tensor is a wrapper of ``torch.func``, which has no memory of its own."""
    check = getattr(_functorch, "is_functorch_wrapped_tensor", None)
    return check is not None and bool(check(tensor))
