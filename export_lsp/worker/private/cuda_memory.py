"""``torch.cuda._lazy_call``: settings that apply once CUDA is initialized.

Seen in torch 2.6 to 2.13.  Without it a run may use all of the memory of a CUDA device.
"""

from __future__ import annotations

from typing import Any

import torch


def limit_fraction(fraction: float) -> None:
    """Limit this process to a part of a CUDA device's memory, from 0 to 1.

    CUDA is not initialized by this.  A build of torch without CUDA ignores it.
    """
    lazy_call: Any = getattr(torch.cuda, "_lazy_call", None)
    if torch.version.cuda is not None and lazy_call is not None:
        lazy_call(lambda: torch.cuda.set_per_process_memory_fraction(fraction))
