"""The temporary files of a worker process and its runs, which are removed when these have ended.

A worker process is started with a directory of its own for temporary files.  Each of its runs makes
a directory below it (`worker.system.temporary_files`), and notes the segments of shared memory that
it creates, which outlive a killed process.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from export_lsp.protocol import FORK_NOTE, NOTES_SUFFIX, SEGMENT_NOTE, TEMPORARY_FILES

if sys.platform != "win32":
    import fcntl

# Directories of this name are removed: it must not be one that a person would choose.
_PREFIX = "export-lsp-runs-of-"
# A directory that has not changed for this many seconds is locked, if its server is alive.
_NEW = 60.0
_SHARED_MEMORY = Path("/dev/shm")
# In bytes, of the path of a directory here: torch makes a socket below the directory of a run, and
# the path of a socket has at most 107.
_LONGEST = 107 - len("/4194304/torch-shm-dir-abcdef/manager.sock")

# How often to try to remove the files of a killed process, and the seconds between: what it has
# started may still write while it ends.
ATTEMPTS = 3
PAUSE = 0.1

_log = logging.getLogger(__name__)


class TemporaryFiles:
    """The directory for the temporary files of one worker process.

    There is none if it cannot be made, or if its path leaves no room for the sockets of models.
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._lock: int | None = None
        with contextlib.suppress(OSError):  # such as a full disk: then the system's directory does
            path = Path(tempfile.mkdtemp(prefix=_PREFIX))
            if sys.platform != "win32" and len(os.fsencode(path)) > _LONGEST:
                path.rmdir()
                return
            self._path = path
            self._lock = _locked(path)

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment variables to start the worker process with."""
        if self._path is None:
            return {}
        names = ("TEMP", "TMP") if sys.platform == "win32" else ("TMPDIR",)
        return dict.fromkeys((*names, TEMPORARY_FILES), str(self._path))

    def remove_ended(self) -> None:
        """Remove the files of the processes that have ended."""
        if self._path is not None and sys.platform != "win32":
            for pid in _pids_in(self._path):
                if _is_alive(pid):
                    _remove_ended_forks(self._path / f"{pid}{NOTES_SUFFIX}")
                else:
                    _remove_run(self._path, pid)

    def remove(self) -> None:
        """Remove all files: the worker process has ended, and so have its runs."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        for _ in range(ATTEMPTS):
            if self._path is None or not self._path.exists():
                return
            _remove_all(self._path)
            if self._path.exists():
                time.sleep(PAUSE)


def remove_stale() -> None:
    """Remove the directories of servers that were killed, which nobody has locked."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(tempfile.gettempdir()):
            if not entry.name.startswith(_PREFIX) or not entry.is_dir(follow_symlinks=False):
                continue
            found = entry.stat()
            is_own = sys.platform != "win32" and found.st_uid == os.getuid()
            if is_own and time.time() - found.st_mtime > _NEW:
                path = Path(entry.path)
                lock = _locked(path)
                if lock is not None:
                    _remove_all(path)
                    os.close(lock)


def _locked(path: Path) -> int | None:
    """Lock a directory and return the descriptor that holds the lock; None if it is locked.

    The lock ends with this process, and holds in containers that share the directory too.
    """
    if sys.platform == "win32":
        return None
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _remove_all(path: Path) -> None:
    for pid in _pids_in(path):
        _remove_run(path, pid)
    _remove_tree(path)


def _pids_in(path: Path) -> set[int]:
    """Return the processes that have a directory, be it only for notes."""
    with contextlib.suppress(OSError):
        names = [name.removesuffix(NOTES_SUFFIX) for name in os.listdir(path)]
        return {int(name) for name in names if name.isdecimal()}
    return set()


def _remove_ended_forks(notes: Path) -> None:
    """Remove the segments and the notes of the forks of a process that have ended."""
    with contextlib.suppress(OSError):
        for note in os.listdir(notes):
            number = note.removeprefix(FORK_NOTE)
            if note.startswith(FORK_NOTE) and number.isdecimal() and not _is_alive(int(number)):
                _unlink(_torchs_segments({number}))
                _unlink([notes / note])


def _remove_run(path: Path, pid: int) -> None:
    notes = path / f"{pid}{NOTES_SUFFIX}"
    if sys.platform == "linux":
        _unlink(_segments(pid, notes))
    _remove_tree(path / str(pid))
    _remove_tree(notes)


def _segments(pid: int, notes: Path) -> Iterator[Path]:
    """Yield the segments of shared memory that a run and its forks have created."""
    pids = {str(pid)}
    with contextlib.suppress(OSError):
        for note in os.listdir(notes):
            if note.startswith(SEGMENT_NOTE):
                yield _SHARED_MEMORY / note.removeprefix(SEGMENT_NOTE)
            elif note.startswith(FORK_NOTE):
                pids.add(note.removeprefix(FORK_NOTE))
    yield from _torchs_segments(pids)


def _torchs_segments(pids: Collection[str]) -> Iterator[Path]:
    """Yield torch's segments of some processes, whose numbers are in the names."""
    with contextlib.suppress(OSError):
        for name in os.listdir(_SHARED_MEMORY):
            if name.startswith("torch_") and name.split("_")[1] in pids:
                yield _SHARED_MEMORY / name


def _unlink(files: Iterable[Path]) -> None:
    """Remove the files among these that belong to the user."""
    for file in files:
        with contextlib.suppress(OSError):
            if file.lstat().st_uid == os.getuid():
                file.unlink()


def _remove_tree(path: Path) -> None:
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        pass
    except (OSError, RecursionError) as error:
        _log.info("%s cannot be removed: %s", path, error)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
