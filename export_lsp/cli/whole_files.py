"""Writes files as a whole or not at all; what else a file is stays as it was."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
from pathlib import Path

from export_lsp.cli.cannot_run import CannotRun
from export_lsp.engine.files.new_files import new_file_beside

# The permissions of new files, before the umask.
_NEW = 0o666


def write_whole(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all.

    A link stays a link.  An existing file keeps its permissions, owner and other names; what is no
    regular file, such as a pipe or a terminal, is written to.

    Raises:
        CannotRun: It cannot be written; it is as it was.
    """
    try:
        _write(Path(os.path.realpath(path)), data)
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error.strerror}.") from error


def _write(file: Path, data: bytes) -> None:
    try:
        found = os.stat(file)
    except FileNotFoundError:
        _replace(file, data, None)
        return
    if not stat.S_ISREG(found.st_mode):
        with open(file, "wb") as stream:
            stream.write(data)
    elif not os.access(file, os.W_OK):
        raise PermissionError(13, "Permission denied", str(file))
    elif found.st_nlink > 1 or not _replace(file, data, found):
        _overwrite(file, data)


def _replace(file: Path, data: bytes, found: os.stat_result | None) -> bool:
    """Put a new file in the place of one; return False if it would have another owner."""
    with new_file_beside(file, data, synced=True) as name:
        if found is None:
            os.chmod(name, _NEW & ~_umask())
        elif not _has_owner_of(name, found):
            return False
        else:
            shutil.copystat(file, name)  # extended attributes as well
            os.utime(name)
        os.replace(name, file)
    return True


def _has_owner_of(name: str, found: os.stat_result) -> bool:
    """Give a file the owner and the group of another; return whether it has them."""
    if sys.platform == "win32":
        return True
    new = os.stat(name)
    if (new.st_uid, new.st_gid) != (found.st_uid, found.st_gid):
        try:
            os.chown(name, found.st_uid, found.st_gid)
        except OSError:
            return False
    return True


def _overwrite(file: Path, data: bytes) -> None:
    """Write over the content of a file, and restore it if that fails."""
    with open(file, "r+b") as stream:
        before = stream.read()
        try:
            _write_over(stream.fileno(), data)
        except OSError:
            with contextlib.suppress(OSError):
                _write_over(stream.fileno(), before)
            raise


def _write_over(descriptor: int, data: bytes) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.ftruncate(descriptor, len(data))
    os.fsync(descriptor)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
