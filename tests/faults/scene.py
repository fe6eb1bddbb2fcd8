"""One editor, one server and a folder of their own, and what a fault leaves of them."""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export_lsp.protocol import PROCESS_PREFIX, ROLES
from tests.conftest import clean_environment
from tests.server.editor import ERROR, Editor, Json, Shown, resident_megabytes
from tests.server.models import GUARD, GUARD_TEXT

# Seconds that a check is given: more than a sound one takes on a busy machine, and few for one that
# hangs.
TIMEOUT, SHORT = 30.0, 3.0
# In MB: little, so that a bomb is soon full.
MEMORY_LIMIT = 1500.0
# Seconds that what a fault has left running may take to be gone.
PATIENCE = 2.0
# Seconds that warming up may take.
WARM_UP = 60.0

_numbers = itertools.count(1)


class PausingEditor(Editor):
    """An editor that can stop reading what the server says."""

    def __init__(self, environment: dict[str, str]) -> None:
        super().__init__("vscode-1.139", environment)
        self.reads = asyncio.Event()
        self.reads.set()

    async def _receive(self, message: Json) -> None:
        await self.reads.wait()
        await super()._receive(message)

    async def settled(self) -> None:
        """Wait until every request of the server has its answer."""
        await asyncio.gather(*self._replying)


@dataclass(frozen=True)
class Standing:
    """What there is at a time: files with their sizes, megabytes and open descriptors."""

    files: dict[Path, int]
    server_memory: float
    host_memory: float
    server_descriptors: int
    host_descriptors: int


@dataclass(frozen=True)
class Ended:
    """What a fault came to: what the user was told, and the seconds from the next, normal save to
    its diagnostics."""

    told: str
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """All that is said of a fault: `left` are the names of processes, `files` what was not there
    before."""

    ended: Ended
    left: tuple[str, ...]
    files: dict[Path, int]
    before: Standing
    after: Standing


class Scene:
    """An editor with a trusted workspace folder; `options` are the editor's."""

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
        self.editor: PausingEditor

    async def open(self) -> None:
        """Make the folders, start the server and see one check through, so that all is warm."""
        self.folder.mkdir(parents=True)
        (self.base / "tmp").mkdir()
        self.environment = {
            **clean_environment(self.base / "home"),
            "TMPDIR": str(self.base / "tmp"),
            "XDG_CACHE_HOME": str(self.base / "cache"),
        }
        await self.start()
        await self.normal_save(self.folder / "first.py")
        await self.warm()

    async def start(self) -> None:
        """Start a server, as the editor does when it begins or the last one has died."""
        self.editor = PausingEditor(self.environment)
        await self.editor.start([self.folder], self.options)

    async def warm(self) -> None:
        """Wait until the host has warmed up: a run of its own stands by from then on."""
        deadline = time.monotonic() + WARM_UP
        while not self._stands_by():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)  # there is no event for it

    def _stands_by(self) -> bool:
        forked = {child for host in self.hosts() for child in children(host)}
        names = self.marked()
        return any(names.get(pid) == f"{PROCESS_PREFIX}spare" for pid in forked)

    async def close(self) -> None:
        try:
            if self.editor.process.returncode is None:
                assert await self.editor.stop() == 0
            assert await self.left(lambda: self.marked()) == ()
        finally:
            self.editor.kill_marked()

    # --- what the user does ------------------------------------------------------------------

    def file(self, name: str) -> Path:
        """A path that nothing was said about before."""
        return self.folder / f"{name.replace('-', '_')}_{next(_numbers)}.py"

    async def save(self, file: Path, text: str) -> None:
        """Save a text, opened if it is not, and wait for the end of its check."""
        await self.editor.checked(lambda: self.put(file, text))

    def put(self, file: Path, text: str) -> None:
        """Save a text without waiting."""
        if file in self.editor.documents:
            self.editor.save(file, text)
            return
        file.write_text(text, encoding="utf-8")
        self.editor.open(file, text)

    async def normal_save(self, file: Path) -> float:
        """Save a file with one guard in it, another one each time; the seconds until it alone is
        shown."""
        guard = f"picked.shape[0] == {next(_numbers)} % 2"
        started = time.perf_counter()
        self.put(file, GUARD.replace(GUARD_TEXT, guard))
        await self.editor.wait_until(lambda: self.shows(file, guard))
        seconds = time.perf_counter() - started
        await self.editor.idle()
        assert self.shows(file, guard), self.told(file)
        return seconds

    def shows(self, file: Path, guard: str) -> bool:
        """Whether a file shows this guard and nothing else."""
        found = self.editor.raw(file)
        return (
            len(found) == 1
            and f"`{guard}`" in found[0]["message"]
            and self.editor.shown(file) == [Shown("data-dependent-guard", guard, ERROR)]
        )

    @asynccontextmanager
    async def hanging(self) -> AsyncIterator[None]:
        """Give checks less time for a while."""
        await self._configure(timeout=SHORT)
        yield
        await self._configure()

    async def _configure(self, **options: Any) -> None:
        """Change the options, and wait until the server has asked for them."""
        asked = len(self.editor.requests)
        self.editor.configuration[self.folder.as_uri()] = {**self.options, **options}
        self.editor.notify("workspace/didChangeConfiguration", {"settings": None})
        await self.editor.wait_until(
            lambda: "workspace/configuration" in str(self.editor.requests[asked:])
        )
        await self.editor.settled()

    def told(self, file: Path) -> str:
        """The first diagnostic of a file as one line; of several, how many there are."""
        found = self.editor.raw(file)
        if not found:
            return ""
        first = found[0]
        line = first["range"]["start"]["line"] + 1
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        return f"{first['code']}, line {line}: {first['message']}{more}"

    # --- what is left ------------------------------------------------------------------------

    async def suffer(self, act: Callable[[Scene], Any]) -> Outcome:
        """Go through a fault, and see what it has left."""
        await self.warm()
        before = self.standing()
        ended = await act(self)
        left = await self.left(self.strays)
        after = self.standing()
        for file in list(self.editor.documents):
            self.editor.close(file)
        files = {
            file: size
            for file, size in after.files.items()
            if file not in before.files and file not in self._opened()
        }
        return Outcome(ended, left, files, before, after)

    def standing(self) -> Standing:
        server = self.editor.process.pid
        [host] = self.hosts()
        return Standing(
            self._files(),
            resident_megabytes(server),
            resident_megabytes(host),
            descriptors(server),
            descriptors(host),
        )

    def hosts(self) -> list[int]:
        """The worker host, if it lives; what it has just forked bears its name for a moment."""
        forked = children(self.editor.process.pid)
        return [pid for pid in self.marked() if pid in forked]

    def marked(self) -> dict[int, str]:
        """The names of all processes of the server, by number."""
        named = {}
        for pid in self.editor.marked_processes():
            try:
                named[pid] = Path(f"/proc/{pid}/comm").read_text().strip()
            except OSError:
                continue  # it has gone
        return named

    def strays(self) -> dict[int, str]:
        """Those that are neither the server nor kept ready for the next check."""
        kept = {f"{PROCESS_PREFIX}{role}" for role in ROLES if role not in ("run", "early")}
        return {
            pid: name
            for pid, name in self.marked().items()
            if pid != self.editor.process.pid and name not in kept
        }

    async def left(self, running: Callable[[], dict[int, str]]) -> tuple[str, ...]:
        """The names of such processes that are still there after a while."""
        deadline = time.monotonic() + PATIENCE
        while (there := running()) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)  # there is no event for the end of others' children
        return tuple(there.values())

    def _files(self) -> dict[Path, int]:
        """Files that a user could find; the remembered results are kept within bounds of their
        own."""
        found = {}
        for part in ("workspace", "home", "tmp"):
            for path in (self.base / part).rglob("*"):
                if path.is_file() and not path.is_symlink():
                    found[path] = path.stat().st_size
        return found

    def _opened(self) -> set[Path]:
        return {Path(params["uri"].removeprefix("file://")) for params in self.editor.published}


def children(pid: int) -> list[int]:
    """The processes that a process has begun and that are not forgotten yet."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []  # it has gone
    return [int(each) for each in found]


def descriptors(pid: int) -> int:
    """How many descriptors a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@asynccontextmanager
async def open_scene(base: Path, **options: Any) -> AsyncIterator[Scene]:
    """A scene from its beginning to its end."""
    scene = Scene(base, **options)
    try:
        await scene.open()
        yield scene
    finally:
        await scene.close()
