"""Make the process of a check look like one that runs the user's script."""

from __future__ import annotations

import os
import sys
from types import ModuleType

import torch

from export_lsp.protocol import Check
from export_lsp.worker.execution import device
from export_lsp.worker.private import dynamo
from export_lsp.worker.system import limits, temporary_files
from export_lsp.worker.user_code.packages import search_path


def prepare_process(check: Check) -> None:
    """Set up the current process for a check, as ``python FILE`` would set it up.

    This covers the working directory, the environment, ``sys.argv``, ``sys.path``, ``__main__``,
    the resource limits and the visible devices.  Call it once in a process, before any of the
    user's code is imported: limits cannot be raised again.
    """
    temporary_files.use_own_directory()
    set_up_python(check)
    # The first operation in a forked process recreates its thread pool.  If two of autograd's
    # threads do so at once, the process aborts (torch 2.13, CUDA build).
    torch.set_num_threads(1)
    limits.limit_memory(check.memory_limit)
    limits.limit_files()
    limits.limit_processes()
    limits.limit_cpu(check.cpu_limit)
    limits.forbid_core_dumps()
    dynamo.keep_tracebacks()


# The search path that `set_up_python` has set up, in this process or in one it was forked from.
_set_up: list[str] | None = None


def set_up_python(check: Check) -> None:
    """Set up what code finds when it is imported, without the limits.

    In a fork of a process that was set up for a file with the same search path, the name of the
    file is all that changes: libraries may have changed the rest.
    """
    global _set_up
    sys.argv = [check.file, *check.arguments]
    sys.modules["__main__"] = _main_module(check.file)
    paths = search_path(check)
    if _set_up == paths:
        return
    _set_up = paths
    os.chdir(check.folder)
    os.environ.update(check.environment)
    sys.path[:0] = paths
    device.choose(check.device, check.gpu_memory_fraction)


def _main_module(file: str) -> ModuleType:
    """Return the ``__main__`` that libraries find in place of the worker's own."""
    module = ModuleType("__main__")
    module.__file__ = file
    return module
