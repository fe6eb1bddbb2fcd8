"""Reads regular files and nothing else: a pipe or a device may block, or never end.

Loaded by server and worker, so that it needs nothing but the standard library, as `protocol` does.
"""

from __future__ import annotations

import errno
import os
import stat

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def state(path: str | os.PathLike[str]) -> os.stat_result:
    """Return the metadata of a regular file.

    Raises:
        OSError: there is none at this path; `strerror` is the reason.
    """
    try:
        found = os.stat(path)
    except ValueError as error:  # a null character, or a surrogate that stands for no byte
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from error
    return _regular(path, found)


def read(path: str | os.PathLike[str], limit: int = -1) -> bytes:
    """Return the content of a regular file, at most `limit` bytes of it unless that is negative.

    Raises:
        OSError: it is not a regular file, or cannot be read; `strerror` is the reason.
    """
    state(path)  # opening a device may have effects
    descriptor = os.open(path, _FLAGS)
    try:
        _regular(path, os.fstat(descriptor))
        with open(descriptor, "rb", closefd=False) as stream:
            return stream.read(limit)
    finally:
        os.close(descriptor)


def _regular(path: str | os.PathLike[str], found: os.stat_result) -> os.stat_result:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    return found
