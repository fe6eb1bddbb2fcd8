"""Texts by key, kept on disk between sessions."""

from __future__ import annotations

import functools
import logging
import os
from pathlib import Path
from typing import Any

# In bytes; beyond it the least recently used entries are evicted.
SIZE_LIMIT = 64 << 20

_log = logging.getLogger(__name__)


class DiskCache:
    """A cache in a directory, which several processes may use at the same time.

    The directory is created on first use.  A directory that cannot be used is logged: nothing is
    kept then, and nothing fails.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def get(self, key: str) -> str | None:
        """Return the text that was kept under a key, None if there is none."""
        try:
            found = self._cache.get(key) if self._cache is not None else None
        except Exception as error:
            _log.warning("results in %s cannot be read: %s", self._directory, error)
            return None
        return found if isinstance(found, str) else None

    def set(self, key: str, text: str) -> None:
        """Keep a text under a key."""
        try:
            if self._cache is not None:
                self._cache.set(key, text)
        except Exception as error:
            _log.warning("results are not kept in %s: %s", self._directory, error)

    @functools.cached_property
    def _cache(self) -> Any:
        import diskcache  # here: sqlite would slow down the start of the server

        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.chmod(self._directory, 0o700)
            return diskcache.Cache(
                str(self._directory),
                disk=diskcache.JSONDisk,  # the default unpickles whatever it finds
                size_limit=SIZE_LIMIT,
                eviction_policy="least-recently-used",
            )
        except Exception as error:
            _log.warning("results are not kept in %s: %s", self._directory, error)
            return None
