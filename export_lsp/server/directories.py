"""Where the server keeps what outlives it, private to the user."""

from __future__ import annotations

from pathlib import Path

import platformdirs


def state_directory() -> Path:
    """Where answers and shown output are kept."""
    return Path(platformdirs.user_state_dir("export-lsp", appauthor=False))


def cache_directory() -> Path:
    """Where results are kept; what is lost with it is found again by checking."""
    return Path(platformdirs.user_cache_dir("export-lsp", appauthor=False)) / "results"
