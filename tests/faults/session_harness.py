"""A harness for a server session, without an editor, a worker or real time.

`Session` and everything below it are real.  The client and the worker host are fakes, the event
loop runs in virtual time, and a test decides what happens and when.
"""

from __future__ import annotations

import asyncio
import copy
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

from lsprotocol import types
from pygls.uris import to_fs_path

from export_lsp.engine.hosts import pool
from export_lsp.engine.recall import recall
from export_lsp.server import session
from export_lsp.server.editor.client import Button, Client
from tests.faults.fake_host import FakeHost, RunRecord
from tests.faults.oracle import SimpleFinding
from tests.virtual_time import InlineExecutor, VirtualLoop, to_thread_inline


class FakeClient(Client):
    """A client that keeps the diagnostics shown, the status and the questions asked.

    `options` are the settings that the editor reports; a test answers `questions`.
    """

    def __init__(self, server: object) -> None:
        super().__init__(server)  # type: ignore[arg-type]
        self.shown: dict[str, Sequence[types.Diagnostic]] = {}
        self.state: dict[str, Any] = {}
        self.options: dict[str, Any] = {}
        self.questions: list[tuple[str, asyncio.Future[str | None]]] = []

    def show(
        self,
        kind: types.MessageType,
        text: str,
        *,
        details: str = "",
        buttons: Sequence[Button] = (),
    ) -> None:
        # Without trust, the settings of a folder are not used, and the editor is told so.
        is_expected = kind is types.MessageType.Info or "is not used" in text
        assert is_expected, f"a pop-up: {text}"

    def log(self, kind: types.MessageType, text: str) -> None: ...

    def publish(
        self, uri: str, diagnostics: Sequence[types.Diagnostic], version: int | None
    ) -> None:
        self.shown[uri] = copy.deepcopy(diagnostics)

    def move_diagnostics(self, uri: str, old: str, new: str) -> None:
        """Move the shown diagnostics with their lines when a text changes, as editors do."""
        before, after = old.splitlines(), new.splitlines()
        for each in self.shown.get(uri, ()):
            place = each.range
            line = before[place.start.line] if place.start.line < len(before) else None
            if line in after:
                place.start.line = place.end.line = after.index(line)

    def status(self, params: dict[str, Any]) -> None:
        self.state = params

    def verdict(self, uri: str, verdict: dict[str, Any] | None) -> None:
        pass  # verdicts are those of the findings, which are compared

    async def ask(self, question: str, answers: Sequence[str]) -> str | None:
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self.questions.append((question, answer))
        return await answer

    async def configuration(self, folders: Sequence[str]) -> list[dict[str, Any]]:
        return [self.options for _ in folders]

    async def register(self) -> None: ...


class SessionHarness:
    """A session on a workspace folder, and the fakes around it.

    Args:
        folder: the outer workspace folder.
        cache: where the session may keep state and results.
        trusted: the editor's option of this name.
    """

    def __init__(self, folder: Path, cache: Path, *, trusted: bool | str = True) -> None:
        self.folder = folder
        self.loop = VirtualLoop()
        self.hosts: list[FakeHost] = []
        self.record = RunRecord()
        self._stack = ExitStack()
        for owner, name, new in (
            (asyncio, "to_thread", to_thread_inline),
            (recall, "ThreadPoolExecutor", InlineExecutor),
            (session, "Client", FakeClient),
            (session, "cache_directory", lambda: cache / "results"),
            (session, "state_directory", lambda: cache / "state"),
            (pool, "open_host", self._open_host),
        ):
            self._stack.enter_context(mock.patch.object(owner, name, new))
        self._trusted = trusted
        self.session: session.Session
        self.client: FakeClient
        self._begin([folder], {"fixCandidates": 0, "modes": ["non-strict"]})

    def _begin(self, folders: Sequence[Path], options: dict[str, Any]) -> None:
        self.session = session.Session(object())  # type: ignore[arg-type]
        self.client = self.session.client  # type: ignore[assignment]
        self.client.options = options
        self.session.initialize(
            types.InitializeParams(
                capabilities=types.ClientCapabilities(),
                initialization_options={"trusted": self._trusted, "interpreter": sys.executable},
                workspace_folders=[types.WorkspaceFolder(each.as_uri(), "") for each in folders],
            )
        )
        self.run(self.session.initialized(types.InitializedParams()))

    def begin_again(self, folders: Sequence[Path]) -> None:
        """End the session, and begin another one with the same settings and what it remembers."""
        self._end()
        self.hosts.clear()
        self.record.completed.clear()
        self.record.interrupted.clear()
        self._begin(folders, self.client.options)

    def _open_host(self, interpreter: Path, *, standby: bool, log: Any) -> FakeHost:
        self.hosts.append(FakeHost(interpreter, log, self.folder, self.record))
        return self.hosts[-1]

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(coroutine)

    def call(self, function: Callable[..., object], *args: Any) -> None:
        """Call a function on the event loop, in one iteration of it."""

        async def called() -> None:
            function(*args)

        self.run(called())

    def wait(self, seconds: float) -> None:
        self.run(asyncio.sleep(seconds))

    @property
    def runs(self) -> list[tuple[FakeHost, int]]:
        """All current runs, with their hosts."""
        return [(host, run) for host in self.hosts for run in host.running]

    def settle(self) -> None:
        """Let all runs end and the session become idle; questions stay open."""
        self.wait(1.0)
        for _ in range(1000):
            if not self.runs and not self.client.state.get("busy"):
                return
            for host, run in self.runs:
                while run in host.running:
                    host.step(run)
            self.wait(1.0)
        raise AssertionError(f"the session never becomes idle: {self.client.state}")

    def shown(self) -> dict[str, list[SimpleFinding]]:
        """Return the shown findings by file name."""
        found = {}
        for uri, diagnostics in self.client.shown.items():
            name = Path(to_fs_path(uri) or uri).relative_to(self.folder).as_posix()
            if diagnostics:
                found[name] = [
                    SimpleFinding(name, each.range.start.line, each.message) for each in diagnostics
                ]
        return found

    def close(self) -> None:
        self._end()
        self._stack.close()
        self.loop.close()

    def _end(self) -> None:
        for _, answer in self.client.questions:
            if not answer.done():
                self.call(answer.set_result, None)
        self.run(self.session.shutdown())
