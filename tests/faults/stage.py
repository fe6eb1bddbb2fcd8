"""A session without an editor and without a worker: time, checks and messages are a test's own.

All that decides what is checked and shown is the product's: `Session` and everything below it.
"""

from __future__ import annotations

import asyncio
import selectors
import sys
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

from lsprotocol import types

from export_lsp.protocol import (
    Check,
    Exited,
    Finding,
    Finished,
    Found,
    Loaded,
    Location,
    Position,
    Ready,
    RunEvent,
    StageEntered,
    TargetsFound,
    TargetStarted,
    Unusable,
)
from export_lsp.server import disk, pool, session
from export_lsp.server.client import Client
from export_lsp.server.hosts import WorkerHost
from export_lsp.server.recall import recall
from tests.faults.reference import Said, crashes, fresh, line_of, read_by

SEGFAULT = -11


class Clock(selectors.DefaultSelector):
    """Waits for nothing: where the loop would, its time goes on at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise AssertionError("it waits for what never comes")
        self.now += timeout
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.clock = Clock()
        super().__init__(self.clock)

    def time(self) -> float:
        return self.clock.now


class AtOnce(Executor):
    """Does in its caller what a thread would do."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


async def _in_its_caller(function: Callable[..., Any], *args: Any) -> Any:
    await asyncio.sleep(0)
    return function(*args)


class PaperClient(Client):
    """Notes what is shown of each file."""

    def __init__(self, server: object) -> None:
        super().__init__(server)  # type: ignore[arg-type]
        self.shown: dict[str, Sequence[types.Diagnostic]] = {}
        self.state: dict[str, Any] = {}
        self.options: dict[str, Any] = {}

    def show(self, kind: types.MessageType, text: str) -> None:
        assert kind is types.MessageType.Info, f"a pop-up: {text}"

    def log(self, kind: types.MessageType, text: str) -> None: ...

    def publish(
        self, uri: str, diagnostics: Sequence[types.Diagnostic], version: int | None
    ) -> None:
        self.shown[uri] = diagnostics

    def status(self, params: dict[str, Any]) -> None:
        self.state = params

    async def configuration(self, folders: Sequence[str]) -> list[dict[str, Any]]:
        return [self.options for _ in folders]

    async def register(self) -> None: ...


class PaperHost(WorkerHost):
    """Checks find what the files say that are on disk when they begin, step by step.

    `hurt` are the files whose last run was brought down with a host, `done` the texts of those that
    were checked to an end.
    """

    def __init__(
        self,
        interpreter: Path,
        log: Callable[[str, str], None],
        hurt: set[str],
        done: dict[str, str],
    ) -> None:
        super().__init__(interpreter, log)
        self.hurt, self.done = hurt, done
        self._alive = True
        self.running: dict[int, list[RunEvent]] = {}
        self.files: dict[int, str] = {}
        self.texts: dict[int, str] = {}

    @property
    def alive(self) -> bool:
        return self._alive

    async def ready(self) -> Ready | Unusable:
        return Ready(1, "python", "2.13", 1, True, 0.0)

    async def kill(self, run: int, *, late: bool = False) -> None:
        if self.running.pop(run, None) is not None:
            self._deliver(Exited(run, -9))

    def abandon(self) -> None:
        self.die()

    async def close(self) -> None:
        self.die()

    async def _launch(self, check: Check) -> None:
        assert check.file not in [self.files[run] for run in self.running], "two runs of one file"
        self.files[check.run] = check.file
        file = Path(check.file)
        self.texts[check.run] = file.read_text() if file.exists() else ""
        self.hurt.discard(file.name)
        self.running[check.run] = list(events(check))

    def step(self, run: int) -> None:
        """Let a run say its next word, if it has not been killed."""
        if run not in self.running:
            return
        event = self.running[run].pop(0)
        if isinstance(event, Exited):
            del self.running[run]
            self.done[Path(self.files[run]).name] = self.texts[run]
        self._deliver(event)

    def die(self) -> None:
        self._alive = False
        for run in list(self.running):
            self.hurt.add(Path(self.files[run]).name)
            del self.running[run]
            self._deliver(Exited(run, -9))


def events(check: Check) -> list[RunEvent]:
    """What a run of a check says, from the files as they are now."""
    run, folder, owner = check.run, Path(check.folder), Path(check.file).name
    files = {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}
    if owner not in files:
        return [Finished(run, 0.1, 0), Exited(run, 0)]
    here = place(folder, Said(owner, line_of(files[owner], "example_args"), ""))
    read = [str(folder / name) for name in read_by(files, owner)]
    digests = {name: digest or "" for name, digest in disk.digests(read).items()}
    begin: list[RunEvent] = [
        StageEntered(run, "", "load", None),
        Loaded(run, digests),
        TargetsFound(run, ("model",)),
        TargetStarted(run, "model", here),
        StageEntered(run, "model", "capture", "non-strict"),
    ]
    found: list[RunEvent] = [Found(run, finding(folder, said)) for said in fresh(files, owner)]
    if crashes(files, owner):
        return [*begin, *found, Exited(run, SEGFAULT)]
    return [*begin, *found, Finished(run, 0.1, 0), Exited(run, 0)]


def finding(folder: Path, said: Said) -> Finding:
    rule = "load-error" if said.words.startswith("No module") else "graph-break"
    return Finding(
        rule,  # type: ignore[arg-type]
        "capture",
        ("non-strict",),
        "model",
        place(folder, said),
        said.words,
    )


def place(folder: Path, said: Said) -> Location:
    return Location(str(folder / said.file), Position(said.line, 0), Position(said.line, 4))


class Stage:
    """A session on a folder; a test says what happens, and when."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self.loop = Loop()
        self.hosts: list[PaperHost] = []
        self.hurt: set[str] = set()
        self.done: dict[str, str] = {}
        self._stack = ExitStack()
        for owner, name, new in (
            (asyncio, "to_thread", _in_its_caller),
            (recall, "ThreadPoolExecutor", AtOnce),
            (session, "Client", PaperClient),
            (session, "cache_directory", lambda: cache / "results"),
            (session, "state_directory", lambda: cache / "state"),
            (pool, "open_host", self._open_host),
        ):
            self._stack.enter_context(mock.patch.object(owner, name, new))
        self.session = session.Session(object())  # type: ignore[arg-type]
        self.client: PaperClient = self.session.client  # type: ignore[assignment]
        self.client.options = {"fixCandidates": 0, "modes": ["non-strict"]}
        options = {"trusted": True, "interpreter": sys.executable}
        self.session.initialize(
            types.InitializeParams(
                capabilities=types.ClientCapabilities(),
                initialization_options=options,
                workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name)],
            )
        )
        self.run(self.session.initialized())

    def _open_host(self, interpreter: Path, *, standby: bool, log: Any) -> PaperHost:
        self.hosts.append(PaperHost(interpreter, log, self.hurt, self.done))
        return self.hosts[-1]

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def call(self, function: Callable[..., object], *args: Any) -> None:
        """Let the editor say something; nothing else happens meanwhile."""

        async def said() -> None:
            function(*args)

        self.run(said())

    def wait(self, seconds: float) -> None:
        self.run(asyncio.sleep(seconds))

    @property
    def runs(self) -> list[tuple[PaperHost, int]]:
        """All runs that are under way, with their hosts."""
        return [(host, run) for host in self.hosts for run in host.running]

    def quiet(self) -> None:
        """Let everything that was begun come to its end."""
        self.wait(1.0)
        for _ in range(1000):
            if not self.runs and not self.client.state.get("busy"):
                return
            for host, run in self.runs:
                while run in host.running:
                    host.step(run)
            self.wait(1.0)
        raise AssertionError(f"it never comes to rest: {self.client.state}")

    def shown(self) -> dict[str, set[Said]]:
        """What the editor shows, by the names of the files."""
        found = {}
        for uri, diagnostics in self.client.shown.items():
            name = uri.rpartition("/")[2]
            if diagnostics:
                found[name] = {
                    Said(name, each.range.start.line, each.message) for each in diagnostics
                }
        return found

    def close(self) -> None:
        self.run(self.session.close())
        self._stack.close()
        self.loop.close()
