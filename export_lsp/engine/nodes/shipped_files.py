"""The files of a workspace folder as an archive, and the archive as files on a node."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

# In bytes: a larger folder is better shared.
LARGEST = 256 << 20


class TooLargeError(Exception):
    """A folder has more data than is sent to nodes."""


def packed(folder: Path, excluded: Callable[[Path], bool]) -> bytes:
    """Return the files of a folder as an archive, without what is excluded.

    Links are packed as the files that they lead to; what is no regular file is left out, as is what
    cannot be read.

    Raises:
        TooLargeError: The files have more than `LARGEST` bytes.
    """
    buffer = io.BytesIO()
    size = 0
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1, dereference=True) as archive:
        for directory, folders, files in os.walk(folder):
            here = Path(directory)
            folders[:] = sorted(name for name in folders if not excluded(here / name))
            for name in sorted(files):
                file = here / name
                if excluded(file) or not file.is_file():
                    continue
                size += file.stat().st_size
                if size > LARGEST:
                    raise TooLargeError
                archive.add(file, str(file.relative_to(folder)), recursive=False)
    return buffer.getvalue()


def unpack(archive: bytes, folder: Path) -> None:
    """Write the files of an archive below a folder, and nowhere else."""
    folder.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as opened:
        for member in opened:
            target = os.path.normpath(folder / member.name)
            if member.isreg() and Path(target).is_relative_to(folder):
                Path(target).parent.mkdir(parents=True, exist_ok=True)
                source = opened.extractfile(member)
                assert source is not None
                with source, open(target, "wb") as file:
                    file.write(source.read())
                os.chmod(target, member.mode & 0o777)
                os.utime(target, (member.mtime, member.mtime))
