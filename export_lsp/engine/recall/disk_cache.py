"""Texts by key, kept on disk between sessions: one file for each key.

No lock is taken, so none can be held against us: a file is replaced as a whole, and the first line
of each is the digest of the rest.  A file that is damaged in any way counts as missing.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from export_lsp.engine.files.private_files import (
    make_private_directory,
    read_private,
    write_private,
)

# In bytes; beyond it the least recently used files are removed.
SIZE_LIMIT = 64 << 20
# The longest text that is kept, in bytes.
ENTRY_LIMIT = 8 << 20

_log = logging.getLogger(__name__)


class DiskCache:
    """A cache in a directory, which several processes may use at the same time.

    The directory is created on first use.  If it cannot be used, that is logged once: nothing is
    kept then, and nothing fails.
    """

    def __init__(self, directory: Path, size_limit: int = SIZE_LIMIT) -> None:
        self._directory = directory
        self._limit = size_limit
        self._room = 0  # bytes to write before the size of the directory is looked at again
        self._logged: set[str] = set()

    def get(self, key: str) -> str | None:
        """Return the text that was kept under a key, None if there is none."""
        file = self._file(key)
        try:
            make_private_directory(self._directory)
            data = read_private(file, ENTRY_LIMIT)
            os.utime(file)  # it was used
        except FileNotFoundError:
            return None
        except OSError as error:
            self._warn("results in %s cannot be read: %s", error)
            return None
        digest, _, text = data.partition(b"\n")
        return text.decode() if digest == _digest(text) else None

    def set(self, key: str, text: str) -> None:
        """Keep a text under a key, unless it is too long."""
        body = text.encode()
        data = _digest(body) + b"\n" + body
        if len(data) > ENTRY_LIMIT:
            return
        try:
            write_private(self._file(key), data)
            self._room -= len(data)
            if self._room < 0:
                self._room = self._limit // 16
                self._evict()
        except OSError as error:
            self._warn("results are not kept in %s: %s", error)

    def _file(self, key: str) -> Path:
        return self._directory / f"{hashlib.sha256(key.encode()).hexdigest()}.json"

    def _evict(self) -> None:
        """Remove the files that were not used for the longest time, if all are too large."""
        found = sorted(_kept_files(self._directory), key=lambda each: each.used)
        excess = sum(each.size for each in found) - self._limit
        for each in found:
            if excess <= 0:
                return
            with contextlib.suppress(FileNotFoundError):  # another process has removed it
                os.unlink(each.path)
            excess -= each.size

    def _warn(self, message: str, error: OSError) -> None:
        """Log a failure, each once."""
        line = message % (self._directory, error)
        if line not in self._logged:
            self._logged.add(line)
            _log.warning("%s", line)


@dataclass(frozen=True)
class _KeptFile:
    """A file in the directory, its size in bytes, and when it was last used, in nanoseconds."""

    path: str
    size: int
    used: int


def _kept_files(directory: Path) -> Iterator[_KeptFile]:
    """Yield the regular files of a directory, those included that were never finished."""
    with os.scandir(directory) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(found.st_mode):
                    yield _KeptFile(entry.path, found.st_size, found.st_mtime_ns)


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()
