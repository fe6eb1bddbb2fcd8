"""Where the server keeps what outlives it, private to the user."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

# What processes of the user's are started with, -1 for what this one has.
_umask = -1


def keep_private() -> None:
    """From here on whatever this process makes is the user's alone to read."""
    global _umask
    _umask = os.umask(0o077)


def users_umask() -> int:
    """What was in force before, for what is started on the user's behalf."""
    return _umask


def state_directory() -> Path:
    """Where answers and shown output are kept."""
    return Path(platformdirs.user_state_dir("export-lsp", appauthor=False))


def cache_directory() -> Path:
    """Where results are kept; what is lost with it is found again by checking."""
    return Path(platformdirs.user_cache_dir("export-lsp", appauthor=False)) / "results"
