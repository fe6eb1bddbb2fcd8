"""Progress bars of checks, which the user can cancel (LSP 3.17, Work Done Progress)."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from export_lsp.engine.tasks import Tasks
from export_lsp.protocol import StageEntered
from export_lsp.safe_text import for_editor
from export_lsp.server.editor.client import Client
from export_lsp.stages import TABLE

# A shorter check, in seconds, shows no progress bar: it would only flash.
DELAY = 0.3

_log = logging.getLogger(__name__)


@dataclass
class _Bar:
    token: str
    delay: asyncio.TimerHandle
    doing: str
    message: str = ""
    begun: bool = False


class ProgressBars:
    """A progress bar for each file whose check takes long, if the client can show one.

    `cancel` ends the run of a file; it is called when the user cancels its bar.
    """

    def __init__(self, client: Client, cancel: Callable[[Path], None]) -> None:
        self._supported = client.supports.progress
        self._server = client.server
        self._cancel = cancel
        self._bars: dict[Path, _Bar] = {}
        self._creating = Tasks()

    def started(self, file: Path, doing: str = "Checking") -> None:
        """Show a bar soon: a run of the file has started, which is `doing` something to it."""
        if not self._supported:
            return
        # A string: Zed refuses number tokens (2026-11).
        token = f"export-lsp/{uuid.uuid4()}"
        delay = asyncio.get_running_loop().call_later(DELAY, self._create, file, token)
        self._bars[file] = _Bar(token, delay, doing)

    def entered(self, file: Path, event: StageEntered) -> None:
        """Show the stage that the run has entered."""
        bar = self._bars.get(file)
        if bar is None:
            return
        target = f"{event.target}: " if event.target else ""
        mode = f" ({event.mode})" if event.mode else ""
        self._report(bar, f"{target}{TABLE[event.stage].doing}{mode}")

    def told(self, file: Path, message: str) -> None:
        """Show a message in the bar."""
        bar = self._bars.get(file)
        if bar is not None:
            self._report(bar, message)

    def fixing(self, file: Path) -> None:
        """Show that the results are settled and fixes are looked for."""
        self.told(file, "looking for fixes")

    def ended(self, file: Path, verdict: str | None) -> None:
        """Remove the bar: the run has ended, with this verdict."""
        bar = self._bars.pop(file, None)
        if bar is None:
            return
        bar.delay.cancel()
        if bar.begun:
            self._server.work_done_progress.end(
                bar.token, types.WorkDoneProgressEnd(message=verdict)
            )
        # pygls never forgets a token (2.1.1).
        self._server.work_done_progress.tokens.pop(bar.token, None)

    def _report(self, bar: _Bar, message: str) -> None:
        bar.message = message = for_editor(message)
        if bar.begun:
            self._server.work_done_progress.report(
                bar.token, types.WorkDoneProgressReport(message=message, cancellable=True)
            )

    def _create(self, file: Path, token: str) -> None:
        # Never cancelled: pygls 2.1.1 fails on an answer to a cancelled request.
        self._creating.start(self._begin(file, token))

    async def _begin(self, file: Path, token: str) -> None:
        progress = self._server.work_done_progress
        try:
            await progress.create_async(token)
        except JsonRpcException as error:
            _log.info("the editor shows no progress: %s", error)
            return
        bar = self._bars.get(file)
        if bar is None or bar.token != token:
            progress.tokens.pop(token, None)
            return
        progress.tokens[token].add_done_callback(
            lambda future: self._cancel(file) if future.cancelled() else None
        )
        bar.begun = True
        begin = types.WorkDoneProgressBegin(
            for_editor(f"{bar.doing} {file.name}"), cancellable=True, message=bar.message or None
        )
        progress.begin(token, begin)
