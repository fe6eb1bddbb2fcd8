"""Files as they are on disk: their lines and the digest that says whether they changed."""

from __future__ import annotations

import functools
import hashlib
import io
import os
import stat
import tokenize
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

from export_lsp.source import split_lines

# Files whose lines are kept, the newest of each: those of the saves before it are many and large.
MOST_READ = 32

_read: OrderedDict[str, tuple[tuple[int, int, int], list[str]]] = OrderedDict()


def digests(files: Iterable[str]) -> dict[str, str | None]:
    """The SHA-256 of each file, None for one that cannot be read.

    A file whose size and time did not change is not read again.
    """
    return {file: _digest(file) for file in files}


def _digest(file: str) -> str | None:
    try:
        found = _stat(file)
        return _digest_of(file, found.st_mtime_ns, found.st_size, found.st_ino)
    except OSError:
        return None


def _stat(file: str) -> os.stat_result:
    """A file's metadata; fails for a device or a pipe, whose end a reader might wait for."""
    found = os.stat(file)
    if not stat.S_ISREG(found.st_mode):
        raise OSError(f"{file} is no regular file")
    return found


@functools.lru_cache(maxsize=4096)
def _digest_of(file: str, modified: int, size: int, inode: int) -> str:
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


def lines(file: str) -> list[str] | None:
    """The lines of a Python source file, None if it cannot be read.

    Decoded as Python does; bytes that do not fit the declared encoding become U+FFFD.
    """
    try:
        state = _stat(file)
        stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
        known, found = _read.pop(file, (None, []))
        if known != stamp:
            found = _lines_of(file)
    except OSError:
        return None
    _read[file] = stamp, found
    if len(_read) > MOST_READ:
        _read.popitem(last=False)
    return found


def _lines_of(file: str) -> list[str]:
    source = Path(file).read_bytes()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except SyntaxError:
        encoding = "utf-8"
    return split_lines(source.decode(encoding, "replace"))
