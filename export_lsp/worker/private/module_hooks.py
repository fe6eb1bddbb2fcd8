"""``torch.nn.modules.module``: the hooks that run when any module registers a buffer.

Seen in torch 2.6 to 2.14.  In 2.6 a non-strict export that fails at an assignment leaves its own
hook behind: the model then fails in eager mode, and in later exports.  Without the table such an
assignment is reported as wrong in eager mode, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch.nn.modules.module as home

_TABLE = "_global_buffer_registration_hooks"


def registered_hooks() -> dict[Any, Any]:
    """Return the hooks that are registered now, by their keys."""
    return dict(getattr(home, _TABLE, {}))


def restore_hooks(hooks: Mapping[Any, Any]) -> None:
    """Register these hooks only, as `registered_hooks` has returned them."""
    table = getattr(home, _TABLE, {})
    table.clear()
    table.update(hooks)
