"""Files that nobody but the user can have written, and that are never half written.

Trust and remembered results are kept in such files.  A file or directory that is a link, belongs to
another user or may be written by others is refused; it is not repaired, since whatever it holds may
be theirs.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from export_lsp.engine.files.new_files import new_file_beside

# The permissions that let others write.
_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class NotPrivateError(OSError):
    """A file or directory may be another user's; the text is a clause about it."""


def make_private_directory(directory: Path) -> None:
    """Create a directory that only the user can read, or check that there is one.

    Raises:
        NotPrivateError: The path is not absolute, or something else is there.
        OSError: It cannot be created.
    """
    if not directory.is_absolute():
        raise NotPrivateError(f"{directory} is not an absolute path")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = os.lstat(directory)
    if not stat.S_ISDIR(found.st_mode):
        raise NotPrivateError(f"{directory} is not a directory but a link or a file")
    _require_private(directory, found)


def read_private(file: Path, limit: int) -> bytes:
    """Return the content of a file of at most `limit` bytes; never block.

    Raises:
        NotPrivateError: It is not a file that only the user can write, or it is longer.
        OSError: There is none, or it cannot be read.
    """
    # Without O_NONBLOCK the opening of a pipe waits for its writer.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(file, flags | getattr(os, "O_BINARY", 0)), "rb") as stream:
        found = os.fstat(stream.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise NotPrivateError(f"{file} is not a regular file")
        _require_private(file, found)
        if found.st_size > limit:
            raise NotPrivateError(f"{file} is longer than {limit} bytes")
        return stream.read(limit)


def write_private(file: Path, data: bytes) -> None:
    """Replace a file by one that only the user can read; its directory is created.

    Raises:
        NotPrivateError: The directory is not one that only the user can write to.
        OSError: The file cannot be written; it is as it was before.
    """
    make_private_directory(file.parent)
    with new_file_beside(file, data, synced=False) as new:
        os.replace(new, file)


def _require_private(path: Path, found: os.stat_result) -> None:
    """Raise `NotPrivateError` unless only the user can write to what `found` describes."""
    if not hasattr(os, "geteuid"):
        return  # Windows has neither owners as numbers nor permissions in the mode
    if found.st_uid != os.geteuid():
        raise NotPrivateError(f"{path} belongs to another user")
    if found.st_mode & _OTHERS:
        raise NotPrivateError(f"others may write to {path}")
