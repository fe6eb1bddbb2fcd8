"""New files that take the place of others as a whole."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def new_file_beside(file: Path, data: bytes, *, synced: bool) -> Iterator[str]:
    """Context manager of a new file in the directory of another, to be moved into its place.

    Only this user can read it.  At the end it is removed, unless it was moved.

    Args:
        file: The file beside it.
        data: Its content.
        synced: Wait until the disk has the content.

    Raises:
        OSError: It cannot be written.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name[:100]}.", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            if synced:
                stream.flush()
                os.fsync(stream.fileno())
        yield name
    finally:
        with contextlib.suppress(OSError):
            os.unlink(name)
