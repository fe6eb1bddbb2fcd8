"""The directory of remembered results: locked, damaged, forged, not the user's, full or missing."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pickle
import resource
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from tests.faults.sandbox import Effect, Sandbox

# Seconds in which the server must end: more than the rest of a check, less than a wait for a lock.
END = 10.0


async def results_locked(sandbox: Sandbox) -> Effect:
    """Another process holds a lock on every file and never lets go."""
    await _save_and_keep(sandbox, sandbox.file("before"))
    with _locked(_files(sandbox)):
        seconds = await sandbox.normal_save(sandbox.file("locked"))
        await asyncio.wait_for(sandbox.editor.stop(), END)
    await sandbox.start()
    await sandbox.normal_save(sandbox.file("after"))
    return Effect("nothing: results are shown as usual", seconds)


async def results_damaged(sandbox: Sandbox) -> Effect:
    """Each file has lost its end, a byte or all sense."""
    file = sandbox.file("damaged")
    await _save_and_keep(sandbox, file)
    async with _restarted(sandbox):
        for number, path in enumerate(_files(sandbox)):
            data = path.read_bytes()
            path.write_bytes([data[: len(data) // 2], b"{" * 10**6, b"\0" + data[1:]][number % 3])
    await _opened_again(sandbox, file)
    return Effect("nothing: the file is checked again", await sandbox.normal_save(file))


async def results_forged(sandbox: Sandbox) -> Effect:
    """Each file is a pickle that runs code."""
    file, mark = sandbox.file("forged"), sandbox.base / "unpickled"
    await _save_and_keep(sandbox, file)
    async with _restarted(sandbox):
        for path in _files(sandbox):
            path.write_bytes(pickle.dumps(_Creates(mark)))
    await _opened_again(sandbox, file)
    assert not mark.exists()
    return Effect("nothing: the file is checked again", await sandbox.normal_save(file))


class _Creates:
    """Creates a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[object, tuple[str, int]]:
        return os.open, (str(self._mark), os.O_CREAT)


async def results_in_a_directory_of_all(sandbox: Sandbox) -> Effect:
    async with _restarted(sandbox):
        directory = _emptied(sandbox)
        directory.mkdir(parents=True)
        directory.chmod(0o777)
    return await _refused(sandbox, directory, "others may write")


async def results_in_a_directory_of_another(sandbox: Sandbox) -> Effect:
    async with _restarted(sandbox):
        directory = _emptied(sandbox)
        directory.mkdir(parents=True, mode=0o700)
        if os.geteuid() == 0:  # only root can give a directory away
            os.chown(directory, 65534, 65534)
    if os.geteuid() != 0:
        return Effect("not tried: only root can", await sandbox.normal_save(sandbox.file("other")))
    return await _refused(sandbox, directory, "belongs to another user")


async def results_behind_a_link(sandbox: Sandbox) -> Effect:
    elsewhere = sandbox.base / "elsewhere"
    elsewhere.mkdir()
    async with _restarted(sandbox):
        directory = _emptied(sandbox)
        directory.symlink_to(elsewhere)
    return await _refused(sandbox, directory, "not a directory")


async def disk_full(sandbox: Sandbox) -> Effect:
    """No file can grow; the worker host is not limited."""
    await sandbox.normal_save(sandbox.file("room"))
    pid = sandbox.editor.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        seconds = await sandbox.normal_save(sandbox.file("full"))
        line = await _logged(sandbox, "are not kept")
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
    assert not [path for path in _files(sandbox) if path.stat().st_size == 0]
    return Effect(f"in the log: {line}", seconds)


async def home_read_only(sandbox: Sandbox) -> Effect:
    """No directory can be created in the home directory."""
    usual = sandbox.environment
    kept = {name: value for name, value in usual.items() if not name.startswith("XDG_")}
    sandbox.environment = {**kept, "HOME": "/proc"}
    async with _restarted(sandbox):
        pass
    await sandbox.normal_save(sandbox.file("homeless"))
    line = await _logged(sandbox, "are not kept")
    sandbox.environment = usual
    async with _restarted(sandbox):
        pass
    return Effect(f"in the log: {line}", await sandbox.normal_save(sandbox.file("home")))


async def two_editors(sandbox: Sandbox) -> Effect:
    """Two servers keep and look up the same results."""
    file, other = sandbox.file("first"), Sandbox(sandbox.base / "second")
    second = sandbox.file("second")
    try:
        await _save_and_keep(sandbox, file)
        other.folder, other.environment = sandbox.folder, sandbox.environment
        await other.start()
        await _opened_again(other, file)
        assert other.editor.recalled == 1, other.editor.story()
        await asyncio.gather(sandbox.normal_save(sandbox.file("one")), other.normal_save(second))
        assert await other.editor.stop() == 0
        second.unlink()
    finally:
        other.editor.kill_marked()
    seconds = await sandbox.normal_save(sandbox.file("third"))
    return Effect("nothing: the second editor knows the result", seconds)


# --- parts ----------------------------------------------------------------------------------------


def _directory(sandbox: Sandbox) -> Path:
    return Path(sandbox.environment["XDG_CACHE_HOME"]) / "export-lsp"


def _files(sandbox: Sandbox) -> list[Path]:
    """The files of remembered results."""
    return sorted(path for path in _directory(sandbox).rglob("*") if path.is_file())


async def _save_and_keep(sandbox: Sandbox, file: Path) -> float:
    """Save a file normally, and wait until its result is on disk; return `normal_save`'s."""
    before = set(_files(sandbox))
    seconds = await sandbox.normal_save(file)
    deadline = time.monotonic() + END
    while set(_files(sandbox)) <= before:
        assert time.monotonic() < deadline, sandbox.editor.story()
        await asyncio.sleep(0.02)  # no message reports it
    return seconds


@contextlib.contextmanager
def _locked(files: list[Path]) -> Iterator[None]:
    """Hold both kinds of locks on files; sqlite's are among them."""
    with ExitStack() as stack:
        for file in files:
            stream = stack.enter_context(file.open("r+b"))
            fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


@asynccontextmanager
async def _restarted(sandbox: Sandbox) -> AsyncIterator[None]:
    """Context manager that stops the server, and starts another one at its end."""
    assert await sandbox.editor.stop() == 0
    yield
    await sandbox.start()


def _emptied(sandbox: Sandbox) -> Path:
    """Remove the directory of remembered results, and return its path."""
    shutil.rmtree(directory := _directory(sandbox), ignore_errors=True)
    return directory


async def _opened_again(sandbox: Sandbox, file: Path) -> None:
    """Open a file that an earlier server has checked, and wait for its diagnostic."""
    await sandbox.editor.checked(lambda: sandbox.editor.open(file))
    assert len(sandbox.editor.raw(file)) == 1, sandbox.diagnostic(file)


async def _refused(sandbox: Sandbox, directory: Path, words: str) -> Effect:
    """Check that results are shown and nothing is kept; then remove the directory."""
    await sandbox.normal_save(sandbox.file("refused"))
    line = await _logged(sandbox, words)
    assert list(directory.iterdir()) == []
    async with _restarted(sandbox):
        directory.unlink() if directory.is_symlink() else directory.rmdir()
    return Effect(f"in the log: {line}", await _save_and_keep(sandbox, sandbox.file("kept")))


async def _logged(sandbox: Sandbox, words: str) -> str:
    """Wait for a line of the server's log with these words."""
    return await sandbox.editor.wait_until(
        lambda: next(
            (line for line in sandbox.editor.stderr.decode().splitlines() if words in line), ""
        )
    )


ALL = (
    results_locked,
    results_damaged,
    results_forged,
    results_in_a_directory_of_all,
    results_in_a_directory_of_another,
    results_behind_a_link,
    disk_full,
    home_read_only,
    two_editors,
)
