"""One workspace folder: which events of the editor start or end which checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types

from export_lsp.engine.checker import Checker
from export_lsp.engine.results.store import Results
from export_lsp.engine.scheduling.schedule import Schedule
from export_lsp.engine.selection import Selection
from export_lsp.engine.tasks import Tasks
from export_lsp.engine.trust import Trust, TrustState
from export_lsp.server.dynamic_shapes import DynamicShapes
from export_lsp.server.editor.status import State
from export_lsp.server.example_inputs import ExampleInputs
from export_lsp.server.reporter import FolderReporter, Shared
from export_lsp.settings import camel, resolve


def innermost(file: Path, folders: Iterable[Path]) -> Path | None:
    """Return the innermost of some folders that contains a file, None if none does."""
    around = [path for path in folders if file.is_relative_to(path)]
    return max(around, key=lambda path: len(path.parts), default=None)


class Folder:
    """Starts the checks of one workspace folder; none before `configure`.

    Args:
        path: The folder.
        uri: The URI that the client knows it by.
        trust: Permission to run its code.
        shared: The parts that all folders of the session use.
        owns: Returns whether a file belongs to this folder, not to one nested in it.
        trusts: Returns whether the user trusts a directory above this folder.
        trusted: Called when the user has come to trust this folder.
    """

    def __init__(
        self,
        path: Path,
        uri: str,
        trust: Trust,
        shared: Shared,
        *,
        owns: Callable[[Path], bool],
        trusts: Callable[[Path], bool],
        trusted: Callable[[], None],
    ) -> None:
        self.path = path
        self.uri = uri
        self.trust = trust
        self.checker = Checker(path, shared.pool, shared.recall.note_host)
        self.selection = Selection(
            path, owns, lambda: self.checker.resolved, lambda: self.trust.granted
        )
        self.results = Results(path, shared.documents.lines_on_disk)
        self.schedule = Schedule(
            check_for=self.selection.check_for,
            budget=self.checker.budget,
            carry_out=self.checker.carry_out,
            interpreter=lambda: self.checker.python,
            is_shown=lambda file: shared.documents.get(file) is not None,
            memory=shared.recall,
            results=self.results,
            reporter=FolderReporter(
                shared,
                self.checker,
                self.selection,
                cancel=lambda file: self.schedule.cancel(file),
                cancel_waiting=lambda: self.schedule.cancel_waiting(),
            ),
            slots=shared.slots,
        )
        self._example_inputs = ExampleInputs(path, self.checker, shared.client, shared.documents)
        self._dynamic_shapes = DynamicShapes(path, self.checker, shared.client, shared.documents)
        self._shared = shared
        self._owns = owns
        self._trusts = trusts
        self._trusted = trusted
        self._options: Mapping[str, Any] = {}
        self._selected: str | None = None
        self._configured = False
        self._requested_early: list[Callable[[], None]] = []
        self._questions = Tasks()

    @property
    def configured(self) -> bool:
        """True once the settings have been read."""
        return self._configured

    def is_checking(self, file: Path) -> bool:
        """Return whether a file waits for a check or is checked; not while fixes are looked for."""
        return file in self.schedule.busy and file not in self.schedule.fixing

    @property
    def state(self) -> State:
        """The state of the folder, for the status notification."""
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

    def sets_in_editor(self, setting: str, entry: str) -> bool:
        """Return whether the editor's options have an entry of a table."""
        table = self._options.get(camel(setting))
        return isinstance(table, Mapping) and entry in table

    def configure(self, options: Mapping[str, Any], selected: str | None) -> None:
        """Use new options from the editor, and the interpreter that is selected in it."""
        self._options, self._selected = options, selected
        self._configured = True
        self.reload()

    def reload(self) -> None:
        """Read the settings again, and check what they change."""
        if not self._configured:
            return
        resolved = resolve(self.path, options=self._options, trusts=self._trusts)
        if self.checker.configure(resolved, self._selected):
            self.schedule.forget_basis()
            if (chosen := self.checker.interpreter) is not None:
                line = f"{self.path}: checking with {chosen.path} ({chosen.reason})"
                self._shared.client.log(types.MessageType.Info, line)
        self.check_visible()
        early, self._requested_early = self._requested_early, []
        for act in early:
            act()
        self._shared.publisher.all_changed()
        self._shared.status.update()
        self._shared.verdicts.update()

    async def close(self) -> None:
        """End all checks and clear their results: the folder was removed."""
        self._configured = False
        await self.schedule.close()
        for owner, _ in self.results.items():
            self.schedule.drop(owner)
        self._shared.publisher.all_changed()
        self._shared.verdicts.update()

    def drop_foreign(self) -> None:
        """Forget the files that belong to another folder since one was added."""
        for owner in {*self.schedule.owners, *(owner for owner, _ in self.results.items())}:
            if not self._owns(owner):
                self.schedule.drop(owner)

    # --- what the editor does ----------------------------------------------------------------

    def opened(self, file: Path) -> None:
        """Check a file that was opened, and the owners of findings that it now shows.

        The file may belong to another folder.
        """
        for owner in [file, *self.results.owners_resting_on(file)]:
            self._check(owner)

    def saved(self, file: Path) -> None:
        """Check a file that was saved, and those that depend on it.

        The file may belong to another folder.
        """
        self._shared.publisher.changed([str(file)])
        if self._may_check(file):
            self.schedule.saved(file)

    def closed(self) -> None:
        """End the checks whose findings no document shows any more: one was closed."""
        for file in list(self.selection.exports):
            if self._shared.documents.get(file) is None:
                del self.selection.exports[file]
        for owner in self.schedule.busy:
            if not self._is_visible(owner):
                self.schedule.cancel(owner)

    def changed_on_disk(self, file: Path, change: types.FileChangeType) -> None:
        """Check what depends on a file that was written, created or deleted, by any program."""
        self.schedule.touched(file)
        self._shared.publisher.changed([str(file)])
        if change is types.FileChangeType.Deleted:
            self.schedule.drop(file)
        is_open = self._shared.documents.get(file) is not None
        known = [file] if (is_open and self._owns(file)) or file in self.schedule.owners else []
        for owner in [*known, *self.results.owners_resting_on(file)]:
            if self._checks_on_save and self._is_visible(owner):
                self.schedule.request(owner)
            elif not is_open:
                self.results[owner].outdated = True
            self._shared.verdicts.update(owner)

    def check_visible(self) -> None:
        """Check the folder's open files and the owners of visible findings, unless up to date."""
        opened = [each.path for each in self._shared.documents if self._owns(each.path)]
        visible = [owner for owner, _ in self.results.items() if self._is_visible(owner)]
        for file in dict.fromkeys([*opened, *visible]):
            self._check(file)

    def check_now(self, file: Path, *, export: str = "") -> None:
        """Check a file because the user asked for it, even if it has not changed.

        Args:
            file: The file.
            export: If given, run the file as a script up to this export, now and after each save
                for as long as it is open.
        """
        if export:
            self.selection.exports[file] = export
        if not self._configured:
            self._requested_early.append(lambda: self.check_now(file))
        elif not self.trust.granted:
            self._ask_for_trust(again=True, then=file)
        elif self.selection.check_for(file) is None:
            text = f"{file.name} is not checked: it is excluded or has no target."
            self._shared.client.show(types.MessageType.Info, text)
        else:
            self._ask_for(file, force=True)

    def check_known(self, file: Path) -> None:
        """Check a file because the user asked for it, unless its result stands."""
        self._ask_for(file, force=False)

    def _ask_for(self, file: Path, *, force: bool) -> None:
        self.results[file].asked_for = self._shared.documents.get(file) is None
        self.schedule.request(file, force=force)

    def add_example_inputs(self, file: Path) -> None:
        """Look for example inputs of a file's models, because the user asked for it."""
        if not self._configured:
            self._requested_early.append(lambda: self.add_example_inputs(file))
        elif not self.trust.granted:
            self._ask_for_trust(again=True)
        else:
            self._questions.start(self._example_inputs.offer(file))

    def add_dynamic_shapes(self, file: Path, target: str) -> None:
        """Look for dynamic shapes of a target that was checked, because the user asked for it."""
        if self._configured and self.trust.granted:
            self._questions.start(self._dynamic_shapes.offer(file, target))

    def _check(self, file: Path) -> None:
        if self._may_check(file):
            if self.selection.includes(file):
                self.checker.warm_up()
            self.schedule.request(file)

    @property
    def _checks_on_save(self) -> bool:
        on_save = self.checker.settings.run == "onSave"
        return self._configured and self.trust.granted and on_save

    def _may_check(self, file: Path) -> bool:
        """Return whether an event may start checks; it may also ask for trust first."""
        if self._configured and not self.trust.granted and self.selection.includes(file):
            self._ask_for_trust()
        return self._checks_on_save

    def _is_visible(self, owner: Path) -> bool:
        """Return whether the user asked for an owner, or has it or a file it depends on open."""
        result = self.results[owner]
        return result.asked_for or any(
            document.path == owner or result.rests_on(document.path)
            for document in self._shared.documents
        )

    # --- trust -------------------------------------------------------------------------------

    def untrusted_hint(self, file: Path) -> str | None:
        """Return why an open file is not checked, None unless the folder is not trusted."""
        off = self._configured and not self.trust.granted
        is_open = self._shared.documents.get(file) is not None
        return self.trust.hint if off and is_open and self.selection.includes(file) else None

    def _ask_for_trust(self, *, again: bool = False, then: Path | None = None) -> None:
        if again and not self.trust.can_be_asked:
            self._shared.client.show(types.MessageType.Info, self.trust.notice)
        else:
            self._questions.start(self._trust_and_check(again, then))

    async def _trust_and_check(self, again: bool, then: Path | None) -> None:
        granted = await self.trust.request(again=again)
        self._shared.status.update()
        self._shared.verdicts.update()
        if granted:
            self._trusted()
            if then is not None:
                self.check_now(then)
