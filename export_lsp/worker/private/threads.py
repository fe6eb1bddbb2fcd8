"""Whether this process can be forked as it is.

CUDA does not survive a fork (``torch.cuda.is_initialized``, seen in torch 2.6 to 2.13), nor does
any thread but the one that forks.
"""

from __future__ import annotations

import os


def can_be_forked() -> bool:
    import torch  # late: the host is up before torch is

    return len(os.listdir("/proc/self/task")) == 1 and not torch.cuda.is_initialized()
