"""One workspace folder: what the editor does in it, and what is checked because of that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsprotocol import types

from export_lsp.engine.checker import Checker
from export_lsp.engine.hosts import UnusableInterpreterError
from export_lsp.engine.hosts.pool import Pool, log_worker
from export_lsp.engine.interpreters import InterpreterError
from export_lsp.engine.recall import Recall
from export_lsp.engine.results.store import Results
from export_lsp.engine.scheduling.schedule import Schedule
from export_lsp.engine.scheduling.slots import Slots
from export_lsp.engine.selection import Selection
from export_lsp.engine.tasks import Tasks
from export_lsp.engine.trust import Trust, TrustState
from export_lsp.protocol import Found, Log, RunEvent, StageEntered
from export_lsp.protocol import Output as Printed
from export_lsp.server.client import Client
from export_lsp.server.documents import Documents
from export_lsp.server.features.diagnostics import SOURCE, Publisher
from export_lsp.server.output import Output
from export_lsp.server.progress import Progress
from export_lsp.server.status import State, Status
from export_lsp.settings import resolve


@dataclass
class Shared:
    """What all folders of a session use together."""

    client: Client
    documents: Documents
    pool: Pool
    publisher: Publisher
    status: Status
    output: Output
    slots: Slots
    recall: Recall


class Folder:
    """Binds a folder's checker, trust and schedule; nothing is checked before `configure`.

    `owns` tells whether a file is this folder's: the innermost workspace folder has it.
    """

    def __init__(
        self, path: Path, uri: str, trust: Trust, shared: Shared, owns: Callable[[Path], bool]
    ) -> None:
        self.path = path
        self.uri = uri
        self.trust = trust
        self.checker = Checker(path, shared.pool, shared.recall.note_packages)
        self.selection = Selection(path, owns, lambda: self.checker.resolved)
        self.results = Results(path, shared.documents.lines_on_disk)
        self.schedule = Schedule(
            check_for=self.selection.check_for,
            budget=self.checker.budget,
            carry_out=self.checker.carry_out,
            interpreter=lambda: self.checker.python,
            is_shown=lambda file: shared.documents.get(file) is not None,
            memory=shared.recall,
            results=self.results,
            reporter=self,
            slots=shared.slots,
        )
        self._shared = shared
        self._owns = owns
        self._options: Mapping[str, Any] = {}
        self._selected: str | None = None
        self._configured = False
        self._asked_early: list[Path] = []
        self._questions = Tasks()
        self._progress = Progress(shared.client, self.schedule.cancel)

    @property
    def state(self) -> State:
        """How the folder is doing, for the status notification."""
        busy = ", ".join(file.name for file in self.schedule.busy)
        checker = self.checker
        if checker.unusable is not None:
            return State("error", bool(busy), checker.unusable)
        if checker.resolved.errors:
            return State("warning", bool(busy), str(checker.resolved.errors[0]))
        if self.trust.state in (TrustState.REFUSED, TrustState.ASKED):
            return State("warning", False, "Checking is off: the folder is not trusted.")
        if busy:
            fixing = set(self.schedule.busy) <= set(self.schedule.fixing)
            return State("ok", True, f"{'Looking for fixes in' if fixing else 'Checking'} {busy}")
        if checker.ready is not None:
            return State("ok", False, f"torch {checker.ready.torch} ({checker.ready.python})")
        return State()

    # --- settings ----------------------------------------------------------------------------

    def configure(self, options: Mapping[str, Any], selected: str | None) -> None:
        """Take new options of the editor; `selected` is the interpreter chosen in it."""
        self._options, self._selected = options, selected
        self._configured = True
        self.reload()

    def reload(self) -> None:
        """Read the settings anew and check what they change."""
        if not self._configured:
            return
        resolved = resolve(self.path, options=self._options)
        if self.checker.configure(resolved, self._selected):
            self.schedule.forget_basis()
            if (chosen := self.checker.interpreter) is not None:
                line = f"{self.path}: checking with {chosen.path} ({chosen.reason})"
                self._shared.client.log(types.MessageType.Info, line)
        self.check_seen()
        early, self._asked_early = self._asked_early, []
        for file in early:
            self.check_now(file)
        self._shared.publisher.all_changed()
        self._shared.status.update()

    async def close(self) -> None:
        """The folder was removed: end all checks and clear what they found."""
        self._configured = False
        await self.schedule.close()
        for owner, _ in self.results.items():
            self.schedule.drop(owner)
        self._shared.publisher.all_changed()

    def let_go(self) -> None:
        """Folders were added: forget the files that are theirs now."""
        for owner in {*self.schedule.owners, *(owner for owner, _ in self.results.items())}:
            if not self._owns(owner):
                self.schedule.drop(owner)

    # --- what the editor does ----------------------------------------------------------------

    def opened(self, file: Path) -> None:
        """A file was opened, of this folder or another: check it, and what has findings to be seen
        in it from now on."""
        for owner in [file, *self.results.owners_resting_on(file)]:
            self._check(owner)

    def saved(self, file: Path) -> None:
        """A file was saved, of this folder or another: check it and what depends on it."""
        self._shared.publisher.changed([str(file)])
        if self._wants(file):
            self.schedule.saved(file)

    def closed(self) -> None:
        """A file was closed: end checks whose findings nobody would see."""
        for file in list(self.selection.exports):
            if self._shared.documents.get(file) is None:
                del self.selection.exports[file]
        for owner in self.schedule.busy:
            if not self._visible(owner):
                self.schedule.cancel(owner)

    def changed_outside(self, file: Path, kind: types.FileChangeType) -> None:
        """A file was written, made or deleted by someone else, or by the editor on a save."""
        self.schedule.touched(file)
        self._shared.publisher.changed([str(file)])
        if kind is types.FileChangeType.Deleted:
            self.schedule.drop(file)
        if not self._checks_by_itself:
            return
        is_open = self._owns(file) and self._shared.documents.get(file) is not None
        known = [file] if is_open or file in self.schedule.owners else []
        for owner in [*known, *self.results.owners_resting_on(file)]:
            if self._visible(owner):
                self.schedule.request(owner)

    def check_seen(self) -> None:
        """Check every open file of the folder, and what else is seen, if it is not current."""
        opened = [each.path for each in self._shared.documents if self._owns(each.path)]
        seen = [owner for owner, _ in self.results.items() if self._visible(owner)]
        for file in dict.fromkeys([*opened, *seen]):
            self._check(file)

    def check_now(self, file: Path, *, export: str = "") -> None:
        """Check a file whether or not it has changed; the user asked for it.

        Who asked for an `export` wants to see what becomes of it for as long as the file is open.
        """
        if export:
            self.selection.exports[file] = export
        if not self._configured:
            self._asked_early.append(file)
        elif not self.trust.granted:
            self._ask_for_trust(again=True, then=file)
        elif self.selection.check_for(file) is None:
            text = f"{file.name} is not checked: it is excluded or has no target."
            self._shared.client.show(types.MessageType.Info, text)
        else:
            self.results[file].asked_for = self._shared.documents.get(file) is None
            self.schedule.request(file, force=True)

    def _check(self, file: Path) -> None:
        if self._wants(file):
            if self.selection.includes(file):
                self.checker.warm_up()
            self.schedule.request(file)

    @property
    def _checks_by_itself(self) -> bool:
        on_save = self.checker.settings.run == "onSave"
        return self._configured and self.trust.granted and on_save

    def _wants(self, file: Path) -> bool:
        """Whether an event of the editor may start checks; may ask for trust first."""
        if self._configured and not self.trust.granted and self.selection.includes(file):
            self._ask_for_trust()
        return self._checks_by_itself

    def _visible(self, owner: Path) -> bool:
        """Whether the user asked for the owner, or has it or a file it rests on open."""
        result = self.results[owner]
        return result.asked_for or any(
            document.path == owner or result.rests_on(document.path)
            for document in self._shared.documents
        )

    # --- trust -------------------------------------------------------------------------------

    def hints(self, file: Path) -> list[types.Diagnostic]:
        """The hint that checking is off, for an open file there would be something to check in."""
        off = self._configured and not self.trust.granted
        is_open = self._shared.documents.get(file) is not None
        if not off or not is_open or not self.selection.includes(file):
            return []
        start = types.Position(0, 0)
        hint = types.DiagnosticSeverity.Hint
        return [types.Diagnostic(types.Range(start, start), self.trust.hint, hint, source=SOURCE)]

    def _ask_for_trust(self, *, again: bool = False, then: Path | None = None) -> None:
        if again and not self.trust.can_be_asked:
            self._shared.client.show(types.MessageType.Info, self.trust.hint)
        else:
            self._questions.start(self._trust_and_check(again, then))

    async def _trust_and_check(self, again: bool, then: Path | None) -> None:
        granted = await self.trust.request(again=again)
        self._shared.status.update()
        if granted:
            self._shared.publisher.all_changed()
            self.check_seen()
            if then is not None:
                self.check_now(then)

    # --- what the schedule reports -----------------------------------------------------------

    def results_changed(self, files: set[str]) -> None:
        """Findings in these files have come or gone."""
        self._shared.publisher.changed(files)

    def started(self, owner: Path) -> None:
        """A run has begun."""
        self._progress.started(owner)
        self._shared.output.started(owner)
        self._shared.status.update()

    def event(self, owner: Path, event: RunEvent) -> None:
        """A run has said something."""
        if isinstance(event, Printed):
            self._shared.output.printed(owner, event.text)
        elif isinstance(event, StageEntered):
            self._progress.entered(owner, event)
        elif isinstance(event, Found) and event.finding.rule == "no-target":
            self.selection.exports.pop(owner, None)  # it would run to its end on every save
        elif isinstance(event, Log):
            log_worker(event.level, f"{owner}: {event.text}")

    def fixing(self, owner: Path) -> None:
        """A run's results stand; fixes for them are looked for."""
        self._shared.publisher.hurry()
        self._progress.fixing(owner)
        self._shared.status.update()

    def ended(self, owner: Path) -> None:
        """A run is over, however it ended, or will not begin."""
        self._shared.publisher.hurry()
        self._progress.ended(owner)
        self._shared.output.ended(owner)
        self._shared.status.update()

    def recalled(self, owner: Path) -> None:
        """The result of an earlier check is shown, which rests on the same."""
        self._shared.publisher.hurry()
        line = f"{owner}: known from an earlier check"
        # After what it is about, which is published in the next turn of the loop.
        loop = asyncio.get_running_loop()
        loop.call_soon(self._shared.client.log, types.MessageType.Log, line)
        self._shared.status.update()

    def unusable(self, error: UnusableInterpreterError | InterpreterError) -> None:
        """Nothing can be checked: say so once; the next save tries again."""
        news = self.checker.note_unusable(error)
        if news is not None:
            self._shared.client.show(types.MessageType.Error, news)
        self.schedule.cancel_waiting()
        self._shared.status.update()
