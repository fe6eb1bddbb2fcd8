"""The methods of ``torch.nn.Module`` as they are without a tracer.

While it traces, ``torch.fx`` replaces ``__call__`` and ``__getattr__`` of the class (seen in torch
2.6 to 2.13).  An eager run in the middle of a trace must not go through the replacements.  If a
tracer replaces other methods, such a run raises, and its values are not known.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from unittest import mock

import torch

_MODULE: Any = torch.nn.Module
_ORIGINAL = {name: _MODULE.__dict__[name] for name in ("__call__", "__getattr__")}


@contextlib.contextmanager
def original_methods() -> Iterator[None]:
    """Context manager in which the class has its own methods."""
    with contextlib.ExitStack() as stack:
        for name, method in _ORIGINAL.items():
            stack.enter_context(mock.patch.object(_MODULE, name, method))
        yield
