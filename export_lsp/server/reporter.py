"""Shows in the editor what the schedule of a workspace folder reports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types

from export_lsp.engine.checker import Checker
from export_lsp.engine.hosts import UnusableInterpreterError
from export_lsp.engine.hosts.pool import Pool, log_worker
from export_lsp.engine.interpreters import InterpreterError
from export_lsp.engine.recall import Recall
from export_lsp.engine.scheduling.slots import Slots
from export_lsp.engine.selection import Selection
from export_lsp.protocol import Found, Insight, Log, Output, RunEvent, StageEntered
from export_lsp.server.editor.client import Client
from export_lsp.server.editor.documents import Documents
from export_lsp.server.editor.hint_refresh import HintRefresh
from export_lsp.server.editor.output import PrintedText
from export_lsp.server.editor.progress import ProgressBars
from export_lsp.server.editor.publisher import Publisher
from export_lsp.server.editor.status import Status
from export_lsp.server.editor.verdicts import VerdictNews


@dataclass
class Shared:
    """The parts of a session that all of its folders use."""

    client: Client
    documents: Documents
    pool: Pool
    publisher: Publisher
    status: Status
    printed: PrintedText
    slots: Slots
    recall: Recall
    hints: HintRefresh
    verdicts: VerdictNews
    graphs: Callable[[Path], None]
    """Says that the graphs of a file's targets may have changed."""


class FolderReporter:
    """The `Reporter` of a folder's schedule.

    Args:
        shared: Where reports are shown.
        checker: Records why nothing can be checked.
        selection: Forgets an export that the file does not have.
        cancel: Ends the run of a file; the user has cancelled its progress.
        cancel_waiting: Ends all checks that have not begun.
    """

    def __init__(
        self,
        shared: Shared,
        checker: Checker,
        selection: Selection,
        *,
        cancel: Callable[[Path], None],
        cancel_waiting: Callable[[], None],
    ) -> None:
        self._shared = shared
        self._checker = checker
        self._selection = selection
        self._cancel_waiting = cancel_waiting
        self._progress = ProgressBars(shared.client, cancel)

    def results_changed(self, files: set[str]) -> None:
        """Publish files: findings in them have changed."""
        self._shared.publisher.changed(files)

    def started(self, owner: Path) -> None:
        """Show that a run has started."""
        self._progress.started(owner)
        self._shared.printed.started(owner)
        self._update(owner)

    def event(self, owner: Path, event: RunEvent) -> None:
        """Show an event of a run."""
        if isinstance(event, Output):
            self._shared.printed.printed(owner, event.text)
        elif isinstance(event, StageEntered):
            self._progress.entered(owner, event)
        elif isinstance(event, Found) and event.finding.rule == "no-target":
            self._selection.exports.pop(owner, None)  # every save would run the whole script
        elif isinstance(event, Insight):
            self._shared.hints.changed()
        elif isinstance(event, Log):
            log_worker(event.level, f"{owner}: {event.text}")

    def fixing(self, owner: Path) -> None:
        """Show that a run's results are settled, and that fixes are looked for."""
        self._shared.publisher.hurry()
        self._progress.fixing(owner)
        self._update(owner)

    def ended(self, owner: Path) -> None:
        """Show that a run has ended, for whatever reason, or will not start."""
        self._shared.publisher.hurry()
        self._progress.ended(owner, self._shared.verdicts.text(owner))
        self._shared.printed.ended(owner)
        self._shared.hints.changed()
        self._shared.graphs(owner)
        self._update(owner)

    def recalled(self, owner: Path) -> None:
        """Show that a result is known from an earlier check."""
        self._shared.publisher.hurry()
        line = f"{owner}: known from an earlier check"
        # After the diagnostics it refers to, which are sent in the next turn of the loop.
        loop = asyncio.get_running_loop()
        loop.call_soon(self._shared.client.log, types.MessageType.Log, line)
        self._shared.hints.changed()
        self._update(owner)

    def unusable(self, error: UnusableInterpreterError | InterpreterError) -> None:
        """Show once why nothing can be checked; the next save tries again."""
        news = self._checker.note_unusable(error)
        if news is not None:
            considered = "\n".join(f"  {each}" for each in self._checker.considered)
            self._shared.client.show(
                types.MessageType.Error,
                news,
                details=f"Interpreters that were considered:\n{considered}",
                buttons=("selectInterpreter", "openSettings"),
            )
        self._cancel_waiting()
        self._update()

    def _update(self, owner: Path | None = None) -> None:
        """Look again at the status, and at all verdicts or those that an owner's may change.

        Those are its own, and those on open files that it uses.
        """
        self._shared.status.update()
        opened = [each.path for each in self._shared.documents]
        self._shared.verdicts.update(*([owner, *opened] if owner is not None else []))
