"""A simulated editor at a workspace, and other programs that change its files.

Each action changes the editor's own state and sends the messages that a real editor would send.
"""

from __future__ import annotations

import os

from lsprotocol import types

from export_lsp.engine.trust import TRUST
from tests.faults.oracle import (
    INNER,
    OUTER,
    TARGET,
    Configuration,
    WorkspaceState,
    commented,
    innermost_folder,
)
from tests.faults.session_harness import SessionHarness

Kind = types.FileChangeType
LATE_STAGES = ["load", "build", "capture", "decompose"]


class SimulatedEditor:
    """An editor that sends messages to the session of a harness.

    Files are named by their paths in the outer workspace folder.

    Attributes:
        on_disk: the text of each file on disk.
        opened: the text of each open document.
        folders: the workspace folders.
        trusted: the workspace folders whose code may be run.
        requested: the closed files that the user had checked by a command.
        maybe_requested: files whose requested check may or may not be shown: that depends on the
            order in which messages and runs end.
    """

    def __init__(self, harness: SessionHarness, *, asking: bool) -> None:
        self.harness, self.session = harness, harness.session
        self.root = harness.folder
        self.on_disk: dict[str, str] = {}
        self.opened: dict[str, str] = {}
        self.folders = {OUTER}
        self.trusted = set() if asking else {OUTER}
        self.requested: set[str] = set()
        self.maybe_requested: set[str] = set()
        self.configuration = Configuration()
        self._asking = asking
        self._answers: dict[str, bool] = {}
        self._stale: set[int] = set()
        self._version, self._written = 1, 0

    # --- the editor --------------------------------------------------------------------------

    def open(self, name: str, text: str) -> None:
        self.opened[name] = text
        item = types.TextDocumentItem(self.uri(name), types.LanguageKind.Python, 1, text)
        self.harness.call(self.session.did_open, types.DidOpenTextDocumentParams(item))

    def type(self, name: str, text: str) -> None:
        self._version += 1
        self.harness.client.move_diagnostics(self.uri(name), self.opened[name], text)
        self.opened[name] = text
        identifier = types.VersionedTextDocumentIdentifier(self._version, self.uri(name))
        whole = types.TextDocumentContentChangeWholeDocument(text)
        params = types.DidChangeTextDocumentParams(identifier, [whole])
        self.harness.call(self.session.did_change, params)

    def save(self, name: str) -> None:
        self.write(name, self.opened[name])
        identifier = types.TextDocumentIdentifier(self.uri(name))
        self.harness.call(self.session.did_save, types.DidSaveTextDocumentParams(identifier))

    def close(self, name: str) -> None:
        del self.opened[name]
        identifier = types.TextDocumentIdentifier(self.uri(name))
        self.harness.call(self.session.did_close, types.DidCloseTextDocumentParams(identifier))

    def check(self, name: str) -> None:
        """Send the command `exportLsp.check`."""
        if self._checked(name) and name in self.opened:
            self.requested.discard(name)
        elif self._checked(name):
            self.requested.add(name)
        else:
            self.maybe_requested.add(name)
        self.harness.call(self.session.check, self.uri(name))

    def answer(self, answer: str | None) -> None:
        """Answer the oldest open question about trust, if there is one; None closes it."""
        waiting = [
            number
            for number, each in enumerate(self.harness.client.questions)
            if not each[1].done()
        ]
        if not waiting:
            return
        question, reply = self.harness.client.questions[waiting[0]]
        folder = self._asked_about(question)
        if answer is not None:
            self._answers[folder] = answer == TRUST
        if answer == TRUST and waiting[0] not in self._stale:
            self.trusted.add(folder)
        self.harness.call(reply.set_result, answer)

    # --- settings and folders ----------------------------------------------------------------

    def configure(self, configuration: Configuration) -> None:
        """Change the editor's options, and the exclusions in pyproject.toml."""
        before, self.configuration = self.configuration, configuration
        self.harness.client.options = {
            **self.harness.client.options,
            "stages": LATE_STAGES[:-1] if configuration.early_only else LATE_STAGES,
            "severities": {"decomposition-error": "off"} if configuration.silent else None,
        }
        if configuration.excluded != before.excluded:
            for name in (configuration.excluded, before.excluded):
                if name is not None:
                    self._forget(name)
            self._write_pyproject()
        self.harness.run(self.session.configure())

    def _write_pyproject(self) -> None:
        excluded = self.configuration.excluded
        file = self.root / "pyproject.toml"
        file.write_text(f"[tool.export-lsp]\nexclude = {[excluded] if excluded else []}\n")
        self._report(types.FileEvent(file.as_uri(), Kind.Changed))

    def change_folder(self, folder: str) -> None:
        """Add a workspace folder, or remove it if it is there."""
        for name in self.on_disk:
            if innermost_folder(name, self.folders | {folder}) == folder:
                self._forget(name)
        item = types.WorkspaceFolder((self.root / folder).as_uri(), folder)
        added = folder not in self.folders
        if added:
            self.folders.add(folder)
            if self._is_known_to_be_trusted(folder):
                self.trusted.add(folder)
        else:
            self.folders.discard(folder)
            self.trusted.discard(folder)
            questions = enumerate(self.harness.client.questions)
            self._stale |= {n for n, (text, _) in questions if self._asked_about(text) == folder}
        event = types.WorkspaceFoldersChangeEvent([item] * added, [item] * (not added))
        params = types.DidChangeWorkspaceFoldersParams(event)
        self.harness.run(self.session.did_change_workspace_folders(params))

    def _asked_about(self, question: str) -> str:
        return INNER if f"{self.root / INNER} " in question else OUTER

    def _is_known_to_be_trusted(self, folder: str) -> bool:
        if not self._asking:
            return True
        return self._answers.get(folder, self._answers.get(OUTER) is True)

    def start_again(self, mode: str) -> None:
        """Close the editor, and start it with another environment and the same files open."""
        os.environ["SCHEDULE_MODE"] = mode
        self.requested.clear()
        self.maybe_requested.clear()
        self._stale.clear()
        self.trusted = {each for each in self.folders if self._is_known_to_be_trusted(each)}
        self.harness.begin_again([self.root / folder for folder in sorted(self.folders)])
        self.session = self.harness.session
        for name, text in list(self.opened.items()):
            self.open(name, text)

    # --- other programs ----------------------------------------------------------------------

    def write(self, name: str, text: str) -> None:
        """Write a file without any message to the server."""
        if self.on_disk.get(name) != text:
            self.harness.record.completed.pop(name, None)
        if TARGET not in text:
            self._forget(name)
        self.on_disk[name] = text
        file = self.root / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        # Two quick writes of the same size may have the same modification time, and look unchanged.
        self._written += 1
        os.utime(file, ns=(self._written, self._written))

    def write_outside(self, name: str, text: str, *, report_first: bool) -> None:
        """Write a file without unsaved changes; if it is open, the editor loads it again."""
        kind = Kind.Changed if name in self.on_disk else Kind.Created
        self.write(name, text)
        if report_first:
            self.report(name, kind)
        if name in self.opened:
            self.type(name, text)
        if not report_first:
            self.report(name, kind)

    def change_unseen(self, name: str, text: str | None) -> None:
        """Write or delete a file without a message to the server; then save all open files."""
        for owner in self.on_disk:
            self._forget(owner)
        if text is not None:
            self.write(name, text)
        elif self.on_disk.pop(name, None) is not None:
            (self.root / name).unlink()
        for opened in self.opened:
            self.save(opened)

    def delete(self, name: str) -> None:
        del self.on_disk[name]
        (self.root / name).unlink()
        self._forget(name)
        self.report(name, Kind.Deleted)

    def rename(self, old: str, new: str, *, report_first: bool) -> None:
        """Rename a file; an open document is opened under the new name, with its unsaved text."""
        text = self.on_disk.pop(old)
        (self.root / old).unlink()
        self._forget(old)
        self.write(new, text)
        if report_first:
            self._report_renamed(old, new)
        if old in self.opened:
            text = self.opened[old]
            self.close(old)
            self.open(new, text)
        if not report_first:
            self._report_renamed(old, new)

    def _report_renamed(self, old: str, new: str) -> None:
        self.report(old, Kind.Deleted)
        self.report(new, Kind.Created)

    def report(self, name: str, kind: types.FileChangeType) -> None:
        """Send ``workspace/didChangeWatchedFiles`` for a file."""
        self._report(types.FileEvent(self.uri(name), kind))

    def _report(self, event: types.FileEvent) -> None:
        params = types.DidChangeWatchedFilesParams([event])
        self.harness.call(self.session.did_change_watched_files, params)

    # --- expectations ------------------------------------------------------------------------

    def state(self, *, maybe: bool = False) -> WorkspaceState:
        """Return everything that the shown findings depend on.

        Args:
            maybe: count the files of `maybe_requested` as requested.
        """
        requested = self.requested | self.maybe_requested if maybe else self.requested
        return WorkspaceState(
            self.on_disk, self.opened, self.folders, self.trusted, requested, self.configuration
        )

    def followed(self) -> set[str]:
        """Return the files whose findings must be shown.

        These are open files, requested files, and closed files whose text on disk has been
        checked; a closed file that was written later may or may not be up to date.
        """
        completed = self.harness.record.completed
        checked = {name for name, text in self.on_disk.items() if completed.get(name) == text}
        return checked | self.opened.keys() | self.requested

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def commented(self, name: str, comment: int) -> str:
        """Return the text of an open file with this many comment lines at its top."""
        return commented(self.opened[name], comment)

    def _checked(self, name: str) -> bool:
        home = innermost_folder(name, self.folders)
        is_excluded = home == OUTER and name == self.configuration.excluded
        return home in self.trusted and not is_excluded and TARGET in self.on_disk.get(name, "")

    def _forget(self, name: str) -> None:
        """Note that the shown findings of a file may be outdated."""
        self.harness.record.completed.pop(name, None)
        if name in self.requested:
            self.requested.discard(name)
            self.maybe_requested.add(name)
