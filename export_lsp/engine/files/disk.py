"""Reads files on disk: their lines, and the digests that tell whether they have changed."""

from __future__ import annotations

import functools
import hashlib
import io
import tokenize
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from export_lsp import regular_files
from export_lsp.observed import States
from export_lsp.source import split_lines

# The most files whose lines are kept in memory, the last version of each.
KEPT_FILES = 32

_states = States()
_read: OrderedDict[str, tuple[tuple[int, int, int], list[str]]] = OrderedDict()


def is_unchanged(observed: Mapping[str, str]) -> bool:
    """Return whether everything that a check has observed (`Loaded.observed`) is still so."""
    return _states.first_change(observed) is None


def look_again(observed: Mapping[str, str]) -> dict[str, str]:
    """Return the same observations as they would be made now."""
    return {each: _states.now(each) for each in observed}


def digests(files: Iterable[str]) -> dict[str, str | None]:
    """Return the SHA-256 of each file by its path, None for one that cannot be read.

    A file whose size and modification time are unchanged is not read again.
    """
    return {file: _digest(file) for file in files}


def _digest(file: str) -> str | None:
    try:
        found = regular_files.state(file)
        return _digest_of(file, found.st_mtime_ns, found.st_size, found.st_ino)
    except OSError:
        return None


@functools.lru_cache(maxsize=4096)
def _digest_of(file: str, modified: int, size: int, inode: int) -> str:
    return hashlib.sha256(regular_files.read(file)).hexdigest()


def lines(file: str) -> list[str] | None:
    """Return the lines of a Python source file with their line ends, None if it cannot be read.

    It is decoded as Python does; bytes that do not fit the declared encoding become U+FFFD.
    """
    try:
        state = regular_files.state(file)
        stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
        known, found = _read.pop(file, (None, []))
        if known != stamp:
            found = _lines_of(file)
    except OSError:
        return None
    _read[file] = stamp, found
    if len(_read) > KEPT_FILES:
        _read.popitem(last=False)
    return found


def _lines_of(file: str) -> list[str]:
    source = regular_files.read(file)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except SyntaxError:
        encoding = "utf-8"
    return split_lines(source.decode(encoding, "replace"))
