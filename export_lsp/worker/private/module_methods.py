"""``torch.nn.Module`` as it was before any tracer replaced its methods.

``torch.fx`` replaces ``__call__`` and ``__getattr__`` of the class while it traces (seen in torch
2.6 to 2.13); a run in eager in the middle of a trace must not go through them.
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
    """Within, the class has its own methods again."""
    with contextlib.ExitStack() as stack:
        for name, method in _ORIGINAL.items():
            stack.enter_context(mock.patch.object(_MODULE, name, method))
        yield
