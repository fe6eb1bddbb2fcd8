"""``torch.nn.modules.module``: hooks on the buffers of all modules.

Seen in torch 2.6 to 2.14.  In 2.6 a non-strict export that fails at an assignment leaves its own
hook behind, so that the model fails in eager from then on, and later exports with it.  Where the
table is not found, such an assignment is said to be wrong in eager too.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch.nn.modules.module as home


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Put back, in the end, the hooks that were there before."""
    hooks = getattr(home, "_global_buffer_registration_hooks", {})
    before = dict(hooks)
    try:
        yield
    finally:
        hooks.clear()
        hooks.update(before)
