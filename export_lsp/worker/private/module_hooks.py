"""``torch.nn.modules.module``: hooks on the buffers of all modules.

Seen in torch 2.6 to 2.14.  In 2.6 a non-strict export that fails at an assignment leaves its own
hook behind, so that the model fails in eager from then on, and later exports with it.  Where the
table is not found, such an assignment is said to be wrong in eager too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch.nn.modules.module as home

_TABLE = "_global_buffer_registration_hooks"


def registered_hooks() -> dict[Any, Any]:
    """The hooks that there are."""
    return dict(getattr(home, _TABLE, {}))


def restore_hooks(hooks: Mapping[Any, Any]) -> None:
    """Let these be all that there are."""
    table = getattr(home, _TABLE, {})
    table.clear()
    table.update(hooks)
