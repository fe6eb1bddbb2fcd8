"""A directory of its own for the temporary files of a run, which the server removes afterwards.

The server starts a worker process with a directory in ``TMPDIR``.  A process that runs user code
makes a directory below it, named like its number, and another one for notes: each file there is
named like a segment of shared memory that the run has created, which outlives it otherwise, or has
the number of a fork of the run.  Without such a directory nothing here has an effect.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import tempfile
from typing import Any

from export_lsp.protocol import FORK_NOTE, NOTES_SUFFIX, SEGMENT_NOTE, TEMPORARY_FILES

_VARIABLES = ("TMPDIR", "TEMP", "TMP")

# The directory for notes of this process, "" before it has one.
_notes = ""


def use_own_directory() -> None:
    """Create the directory of this process, and keep temporary files there from now on."""
    global _notes
    above = os.environ.get(TEMPORARY_FILES)
    if above is None:
        return
    own = os.path.join(above, str(os.getpid()))
    parents, notes = _notes, own + NOTES_SUFFIX
    try:
        os.mkdir(notes, 0o700)
        os.mkdir(own, 0o700)
    except OSError:
        return  # the disk is full, or the server is gone: the directory above has to do
    _notes = notes
    for name in _VARIABLES:
        if name in os.environ:
            os.environ[name] = own
    tempfile.tempdir = own
    if sys.platform != "linux":
        return
    if parents:
        # A fork of a process with a directory; from now on it has notes of its own.
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(parents, _fork_note()))
    else:
        os.register_at_fork(after_in_child=lambda: _note(_fork_note()))
        _note_segments()


def _note_segments() -> None:
    """Note each segment that `multiprocessing.shared_memory` creates."""
    with contextlib.suppress(ImportError):
        module: Any = importlib.import_module("_posixshmem")
        shm_open = module.shm_open

        def noting(path: str, flags: int, mode: int = 0o777) -> int:
            if flags & os.O_CREAT:
                _note(SEGMENT_NOTE + path.lstrip("/"))
            descriptor: int = shm_open(path, flags, mode)
            return descriptor

        module.shm_open = noting


def _fork_note() -> str:
    return f"{FORK_NOTE}{os.getpid()}"


def _note(name: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        os.close(os.open(os.path.join(_notes, name), os.O_WRONLY | os.O_CREAT, 0o600))
