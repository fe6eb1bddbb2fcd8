"""The user's private directories, whose files outlive a process."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path

import platformdirs

NAME = "export-lsp"

# The umask for processes that run the user's code; -1 is the umask of this process.
_users_umask = -1


def keep_private() -> None:
    """Let only the user read the files that this process creates from now on."""
    global _users_umask
    _users_umask = os.umask(0o077)


def users_umask() -> int:
    """Return the umask from before `keep_private`, for processes that run the user's code."""
    return _users_umask


@functools.cache
def effective_umask() -> int:
    """Return the umask of the user's code, also where `keep_private` was not called.

    Call it first while no other thread creates files: the umask can only be read by changing it.
    """
    if _users_umask != -1:
        return _users_umask
    umask = os.umask(0o077)
    os.umask(umask)
    return umask


def state_directory() -> Path:
    """Return the directory of answers about trust and of saved output.

    It is not an absolute path, and no file can be kept there, if the user has no home directory.
    """
    return _directory(platformdirs.user_state_dir, "~/.local/state")


def cache_directory() -> Path:
    """Return the directory of remembered results, which may be deleted at any time.

    It is not an absolute path, and no file can be kept there, if the user has no home directory.
    """
    return _directory(platformdirs.user_cache_dir, "~/.cache")


def _directory(find: Callable[..., str], unexpanded: str) -> Path:
    try:
        return Path(find(NAME, appauthor=False))
    except RuntimeError:
        return Path(unexpanded, NAME)
