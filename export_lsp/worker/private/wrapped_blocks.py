"""``torch._higher_order_ops.wrap``: operators that call a graph once, for a ``with`` block.

Seen in torch 2.6 to 2.14.  In 2.6 ``torch.ops.higher_order`` has ``wrap_with_autocast`` only once
this module was imported.  Without them values inside such a block are not compared with eager mode.
"""

from __future__ import annotations

from typing import Any

from torch._higher_order_ops import wrap

AUTOCAST: Any = wrap.wrap_with_autocast
BLOCKS: tuple[Any, ...] = (AUTOCAST, wrap.wrap_with_set_grad_enabled)
