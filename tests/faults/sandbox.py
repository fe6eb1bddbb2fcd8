"""An editor and a server with a folder of their own, and the effects of a fault on them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export_lsp.protocol import FORK_NOTE, NOTES_SUFFIX, PROCESS_PREFIX, ROLES
from tests.conftest import clean_environment
from tests.server.editor import ERROR, Editor, Json, Shown, resident_megabytes
from tests.server.models import GUARD, GUARD_TEXT

# Timeouts in seconds: longer than a check takes on a busy machine, and short for checks that hang.
TIMEOUT, SHORT = 30.0, 3.0
# In MB: low, so that a model that allocates without end reaches it soon.
MEMORY_LIMIT = 1500.0
# Seconds until all processes that a fault has started must have ended.
PATIENCE = 2.0
# Seconds until the temporary files of processes that have ended must be gone.
REMOVAL = 4.0
# Seconds that the host may take to warm up.
WARM_UP = 60.0

# The names of the processes that a host forks as hosts, and its pipes to each: commands and events.
NESTED_HOSTS = {f"{PROCESS_PREFIX}{role}" for role in ("libs", "model")}
PIPES_OF_A_NESTED_HOST = 2

# The folders in `base` whose files are counted, and where Linux has segments of shared memory.
PARTS = ("workspace", "home")
SHARED_MEMORY = Path("/dev/shm")

_numbers = itertools.count(1)


class PausingEditor(Editor):
    """An editor that can stop reading messages, while `reads` is cleared."""

    def __init__(self, environment: dict[str, str]) -> None:
        super().__init__("vscode-1.139", environment)
        self.reads = asyncio.Event()
        self.reads.set()

    async def _receive(self, message: Json) -> None:
        await self.reads.wait()
        await super()._receive(message)

    async def replies_sent(self) -> None:
        """Wait until every request of the server has been answered."""
        await asyncio.gather(*self._replying)


@dataclass(frozen=True)
class Resources:
    """The resources in use: files with their sizes in bytes, memory in MB, open descriptors.

    `host_descriptors` leaves out the pipes to the nested hosts, of which the host may have forked
    or ended some at any time.
    """

    files: dict[Path, int]
    server_memory: float
    host_memory: float
    server_descriptors: int
    host_descriptors: int


@dataclass(frozen=True)
class Effect:
    """The visible effects of a fault, and the seconds from the next save to its diagnostics."""

    shown: str
    recovery: float


@dataclass(frozen=True)
class FaultReport:
    """A fault's effect, and what remains: names of processes, new files with their sizes."""

    effect: Effect
    left: tuple[str, ...]
    files: dict[Path, int]
    before: Resources
    after: Resources


class Sandbox:
    """An editor with a trusted workspace folder below `base`, and with these settings."""

    def __init__(self, base: Path, **options: Any) -> None:
        self.base = base
        self.folder = base / "workspace"
        self.options = {
            "trusted": True,
            "interpreter": sys.executable,
            "modes": ["non-strict"],
            "fixCandidates": 0,
            "timeout": TIMEOUT,
            "memoryLimit": MEMORY_LIMIT,
            **options,
        }
        self.environment: dict[str, str] = {}
        # Short, as a socket has a limit for its path.
        self.temporary = Path(tempfile.mkdtemp(prefix="faults-"))
        self._earlier = frozenset(SHARED_MEMORY.iterdir())
        self.editor: PausingEditor
        self._saved: set[Path] = set()

    async def open(self) -> None:
        """Create the folders, start the server, and complete a check, so that the host is warm."""
        self.folder.mkdir(parents=True)
        self.environment = {
            **clean_environment(self.base / "home"),
            "TMPDIR": str(self.temporary),
            "XDG_CACHE_HOME": str(self.base / "cache"),
        }
        await self.start()
        await self.normal_save(self.folder / "first.py")
        await self.warm()

    async def start(self) -> None:
        """Start a server, as an editor does at its start or after a crash of the server."""
        self.editor = PausingEditor(self.environment)
        await self.editor.start([self.folder], self.options)

    async def restart(self) -> None:
        """End the server, and start another one."""
        assert await self.editor.stop() == 0
        await self.start()
        file = self.file("restarted")
        await self.normal_save(file)
        self.editor.close(file)
        file.unlink()

    async def warm(self) -> None:
        """Wait until there is one host, which has warmed up and forked a spare run."""
        deadline = time.monotonic() + WARM_UP
        while len(self.hosts()) != 1 or not self._has_spare_run():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)  # no event reports it

    def _has_spare_run(self) -> bool:
        forked = {child for host in self.hosts() for child in children(host)}
        names = self.processes()
        return any(names.get(pid) == f"{PROCESS_PREFIX}spare" for pid in forked)

    async def close(self) -> None:
        try:
            if self.editor.process.returncode is None:
                assert await self.editor.stop() == 0
            assert await self.remaining(self.processes) == ()
        finally:
            for pid in self.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            shutil.rmtree(self.temporary, ignore_errors=True)

    # --- actions of the user -----------------------------------------------------------------

    def file(self, name: str) -> Path:
        """Return a path that has not been used before."""
        return self.folder / f"{name.replace('-', '_')}_{next(_numbers)}.py"

    async def save(self, file: Path, text: str) -> None:
        """Save a text, in a file that is opened if need be, and wait for the end of its check."""
        await self.editor.checked(lambda: self.start_save(file, text))

    def start_save(self, file: Path, text: str) -> None:
        """Save a text without waiting for its check."""
        self._saved.add(file)
        if file in self.editor.documents:
            self.editor.save(file, text)
            return
        file.write_text(text, encoding="utf-8")
        self.editor.open(file, text)

    async def normal_save(self, file: Path) -> float:
        """Save a file with one guard, a different one each time.

        Returns:
            The seconds until its diagnostic is the only one shown.
        """
        guard = f"picked.shape[0] == {next(_numbers)} % 2"
        started = time.perf_counter()
        self.start_save(file, GUARD.replace(GUARD_TEXT, guard))
        await self.editor.wait_until(lambda: self.shows(file, guard))
        seconds = time.perf_counter() - started
        await self.editor.idle()
        assert self.shows(file, guard), self.diagnostic(file)
        return seconds

    def shows(self, file: Path, guard: str) -> bool:
        """Return whether a file shows the diagnostic of this guard and no other."""
        found = self.editor.raw(file)
        return (
            len(found) == 1
            and f"`{guard}`" in found[0]["message"]
            and self.editor.shown(file) == [Shown("data-dependent-guard", guard, ERROR)]
        )

    @asynccontextmanager
    async def configured(self, **options: Any) -> AsyncIterator[None]:
        """Context manager in which the editor has these options."""
        await self._configure(**options)
        yield
        await self._configure()

    async def _configure(self, **options: Any) -> None:
        """Change the options, and wait until the server has read them."""
        asked = len(self.editor.requests)
        self.editor.configuration[self.folder.as_uri()] = {**self.options, **options}
        self.editor.notify("workspace/didChangeConfiguration", {"settings": None})
        await self.editor.wait_until(
            lambda: "workspace/configuration" in str(self.editor.requests[asked:])
        )
        await self.editor.replies_sent()

    def diagnostic(self, file: Path) -> str:
        """Return the first diagnostic of a file in one line, with the number of others."""
        found = self.editor.raw(file)
        if not found:
            return ""
        first = found[0]
        line = first["range"]["start"]["line"] + 1
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        return f"{first['code']}, line {line}: {first['message']}{more}"

    # --- effects of a fault ------------------------------------------------------------------

    async def inject(self, fault: Callable[[Sandbox], Any]) -> FaultReport:
        """Cause a fault, and report its effect and what remains."""
        await self.warm()
        before = self.resources()
        effect = await fault(self)
        left = await self.remaining(self.strays)
        await self._settled(before)
        after = self.resources()
        for file in list(self.editor.documents):
            self.editor.close(file)
        files = {
            file: size
            for file, size in after.files.items()
            if file not in before.files and file not in self._opened()
        }
        return FaultReport(effect, left, files, before, after)

    def resources(self) -> Resources:
        server = self.editor.process.pid
        [host] = self.hosts()
        return Resources(
            self._files(),
            resident_megabytes(server),
            resident_megabytes(host),
            descriptors(server),
            descriptors(host) - PIPES_OF_A_NESTED_HOST * self._nested_hosts(host),
        )

    def _nested_hosts(self, host: int) -> int:
        names = self.processes()
        return sum(names.get(child) in NESTED_HOSTS for child in children(host))

    def hosts(self) -> list[int]:
        """Return the process id of the worker host, if it is alive: it is a child of the server."""
        forked = children(self.editor.process.pid)
        return [pid for pid in self.processes() if pid in forked]

    def processes(self) -> dict[int, str]:
        """Return the names of the server and all its descendants, by process id.

        A process without its parent's environment is found by its working directory.
        """
        named = {}
        for pid in {*self.editor.marked_processes(), *working_below(self.base)}:
            try:
                named[pid] = Path(f"/proc/{pid}/comm").read_text().strip()
            except OSError:
                continue  # it has ended
        return named

    def strays(self) -> dict[int, str]:
        """Return the processes that are neither the server nor kept for the next check."""
        kept = {f"{PROCESS_PREFIX}{role}" for role in ROLES if role not in ("run", "early")}
        return {
            pid: name
            for pid, name in self.processes().items()
            if pid != self.editor.process.pid and name not in kept
        }

    async def remaining(self, running: Callable[[], dict[int, str]]) -> tuple[str, ...]:
        """Return the names of the processes that `running` still returns after `PATIENCE`."""
        deadline = time.monotonic() + PATIENCE
        while (there := running()) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)  # no event reports the end of a process that is not a child
        return tuple(there.values())

    async def _settled(self, before: Resources) -> None:
        """Wait until there are no new temporary files or descriptors, or `REMOVAL` is over."""
        deadline = time.monotonic() + REMOVAL
        while time.monotonic() < deadline and (
            any(file not in before.files and self._is_temporary(file) for file in self._files())
            or descriptors(self.editor.process.pid) > before.server_descriptors
        ):
            await asyncio.sleep(0.02)  # no event reports that a file has been removed or closed

    def _is_temporary(self, file: Path) -> bool:
        return file.is_relative_to(self.temporary) or file.is_relative_to(SHARED_MEMORY)

    def _files(self) -> dict[Path, int]:
        """Return all files but the cache of results, whose size is bounded separately.

        Segments of shared memory that were there before the sandbox are left out.
        """
        found = {}
        parts = (*(self.base / name for name in PARTS), self.temporary, SHARED_MEMORY)
        for part in parts:
            # Unlike Path.rglob, os.walk accepts that a directory is removed meanwhile.
            for folder, _, names in os.walk(part):
                for path in (Path(folder, name) for name in names):
                    with contextlib.suppress(OSError):  # removed since
                        if path.is_file() and not path.is_symlink():
                            found[path] = path.stat().st_size
        return {
            path: size
            for path, size in found.items()
            if path not in self._earlier and not _is_note(path)
        }

    def _opened(self) -> set[Path]:
        """Return the files that the user has saved, in earlier editors too, or seen."""
        shown = {Path(params["uri"].removeprefix("file://")) for params in self.editor.published}
        return shown | self._saved


def _is_note(path: Path) -> bool:
    """Return whether a file is an empty note about a fork, such as the spare run of a host.

    It is removed with the process that it is about, or soon after the end of its parent.
    """
    return path.parent.name.endswith(NOTES_SUFFIX) and path.name.startswith(FORK_NOTE)


def working_below(folder: Path) -> list[int]:
    """Return the processes whose working directory is below a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(folder):
                found.append(int(entry.name))
    return found


def children(pid: int) -> list[int]:
    """Return the children of a process, including those that it has not waited for."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []  # it has ended
    return [int(each) for each in found]


def descriptors(pid: int) -> int:
    """Return how many descriptors a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@asynccontextmanager
async def open_sandbox(base: Path, **options: Any) -> AsyncIterator[Sandbox]:
    """Context manager that opens a sandbox and closes it again."""
    sandbox = Sandbox(base, **options)
    try:
        await sandbox.open()
        yield sandbox
    finally:
        await sandbox.close()
