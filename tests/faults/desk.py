"""An editor at a workspace, and others who change its files: what they do, and what the server is
told of it."""

from __future__ import annotations

import os

from lsprotocol import types

from export_lsp.engine.trust import TRUST
from tests.faults.reference import (
    INNER,
    OUTER,
    TARGET,
    Configuration,
    Scenery,
    commented,
    home_of,
)
from tests.faults.stage import Stage

Kind = types.FileChangeType
LATE_STAGES = ["load", "build", "capture", "decompose"]


class Desk:
    """`on_disk` and `opened` are the texts that files have there and in the editor, `folders` the
    workspace folders, `trusted` those whose code may be run and `asked` the closed files that the
    user wanted checked.  `perhaps` may be asked for as well, depending on what came first."""

    def __init__(self, stage: Stage, *, asking: bool) -> None:
        self.stage, self.session = stage, stage.session
        self.root = stage.folder
        self.on_disk: dict[str, str] = {}
        self.opened: dict[str, str] = {}
        self.folders = {OUTER}
        self.trusted = set() if asking else {OUTER}
        self.asked: set[str] = set()
        self.perhaps: set[str] = set()
        self.configuration = Configuration()
        self._asking = asking
        self._answers: dict[str, bool] = {}
        self._stale: set[int] = set()
        self._version, self._written = 1, 0

    # --- the editor --------------------------------------------------------------------------

    def open(self, name: str, text: str) -> None:
        self.opened[name] = text
        item = types.TextDocumentItem(self.uri(name), types.LanguageKind.Python, 1, text)
        self.stage.call(self.session.did_open, types.DidOpenTextDocumentParams(item))

    def type(self, name: str, text: str) -> None:
        self._version += 1
        self.stage.client.moved(self.uri(name), self.opened[name], text)
        self.opened[name] = text
        identifier = types.VersionedTextDocumentIdentifier(self._version, self.uri(name))
        whole = types.TextDocumentContentChangeWholeDocument(text)
        params = types.DidChangeTextDocumentParams(identifier, [whole])
        self.stage.call(self.session.did_change, params)

    def save(self, name: str) -> None:
        self.write(name, self.opened[name])
        identifier = types.TextDocumentIdentifier(self.uri(name))
        self.stage.call(self.session.did_save, types.DidSaveTextDocumentParams(identifier))

    def close(self, name: str) -> None:
        del self.opened[name]
        identifier = types.TextDocumentIdentifier(self.uri(name))
        self.stage.call(self.session.did_close, types.DidCloseTextDocumentParams(identifier))

    def check(self, name: str) -> None:
        """The command of that name."""
        if self._checked(name) and name in self.opened:
            self.asked.discard(name)
        elif self._checked(name):
            self.asked.add(name)
        else:
            self.perhaps.add(name)
        self.stage.call(self.session.check, self.uri(name))

    def answer(self, words: str | None) -> None:
        """Answer the oldest question whether a folder is trusted, if there is one."""
        waiting = [
            number for number, each in enumerate(self.stage.client.questions) if not each[1].done()
        ]
        if not waiting:
            return
        question, answer = self.stage.client.questions[waiting[0]]
        folder = self._asked_about(question)
        if words is not None:
            self._answers[folder] = words == TRUST
        if words == TRUST and waiting[0] not in self._stale:
            self.trusted.add(folder)
        self.stage.call(answer.set_result, words)

    # --- settings and folders ----------------------------------------------------------------

    def configure(self, configuration: Configuration) -> None:
        """Options of the editor, and what is excluded by pyproject.toml."""
        before, self.configuration = self.configuration, configuration
        self.stage.client.options = {
            **self.stage.client.options,
            "stages": LATE_STAGES[:-1] if configuration.early_only else LATE_STAGES,
            "severities": {"decomposition-error": "off"} if configuration.silent else None,
        }
        if configuration.excluded != before.excluded:
            for name in (configuration.excluded, before.excluded):
                if name is not None:
                    self._forget(name)
            self._write_pyproject()
        self.stage.run(self.session.configure())

    def _write_pyproject(self) -> None:
        excluded = self.configuration.excluded
        file = self.root / "pyproject.toml"
        file.write_text(f"[tool.export-lsp]\nexclude = {[excluded] if excluded else []}\n")
        self._tell(types.FileEvent(file.as_uri(), Kind.Changed))

    def change_folder(self, folder: str) -> None:
        """Add a workspace folder or remove it."""
        for name in self.on_disk:
            if home_of(name, self.folders | {folder}) == folder:
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
            questions = enumerate(self.stage.client.questions)
            self._stale |= {n for n, (text, _) in questions if self._asked_about(text) == folder}
        event = types.WorkspaceFoldersChangeEvent([item] * added, [item] * (not added))
        params = types.DidChangeWorkspaceFoldersParams(event)
        self.stage.run(self.session.did_change_workspace_folders(params))

    def _asked_about(self, question: str) -> str:
        return INNER if f"{self.root / INNER} " in question else OUTER

    def _is_known_to_be_trusted(self, folder: str) -> bool:
        if not self._asking:
            return True
        return self._answers.get(folder, self._answers.get(OUTER) is True)

    # --- others ------------------------------------------------------------------------------

    def write(self, name: str, text: str) -> None:
        """Write a file; nobody is told."""
        if self.on_disk.get(name) != text:
            self.stage.record.done.pop(name, None)
        if TARGET not in text:
            self._forget(name)
        self.on_disk[name] = text
        file = self.root / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        # Two writes of one size in a moment have one time, and are one to whoever asks for that.
        self._written += 1
        os.utime(file, ns=(self._written, self._written))

    def write_outside(self, name: str, text: str, *, tell_first: bool) -> None:
        """Write a file that has no unsaved changes; an editor that has it open reads it again."""
        kind = Kind.Changed if name in self.on_disk else Kind.Created
        self.write(name, text)
        if tell_first:
            self.tell(name, kind)
        if name in self.opened:
            self.type(name, text)
        if not tell_first:
            self.tell(name, kind)

    def delete(self, name: str) -> None:
        del self.on_disk[name]
        (self.root / name).unlink()
        self._forget(name)
        self.tell(name, Kind.Deleted)

    def rename(self, old: str, new: str, *, tell_first: bool) -> None:
        """Give a file another name; an open one is opened under it, as it was in the editor."""
        text = self.on_disk.pop(old)
        (self.root / old).unlink()
        self._forget(old)
        self.write(new, text)
        if tell_first:
            self._tell_renamed(old, new)
        if old in self.opened:
            text = self.opened[old]
            self.close(old)
            self.open(new, text)
        if not tell_first:
            self._tell_renamed(old, new)

    def _tell_renamed(self, old: str, new: str) -> None:
        self.tell(old, Kind.Deleted)
        self.tell(new, Kind.Created)

    def tell(self, name: str, kind: types.FileChangeType) -> None:
        """Tell the server what became of a file on disk."""
        self._tell(types.FileEvent(self.uri(name), kind))

    def _tell(self, event: types.FileEvent) -> None:
        params = types.DidChangeWatchedFilesParams([event])
        self.stage.call(self.session.did_change_watched_files, params)

    # --- what it comes to --------------------------------------------------------------------

    def scenery(self, *, perhaps: bool = False) -> Scenery:
        """All that what is shown depends on."""
        asked = self.asked | self.perhaps if perhaps else self.asked
        return Scenery(
            self.on_disk, self.opened, self.folders, self.trusted, asked, self.configuration
        )

    def followed(self) -> set[str]:
        """The files whose findings are known: those that are open or asked for, and the closed ones
        that have been checked as they are.

        Of one that was written while nobody saw what it finds, nothing is known.
        """
        done = self.stage.record.done
        checked = {name for name, text in self.on_disk.items() if done.get(name) == text}
        return checked | self.opened.keys() | self.asked

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def commented(self, name: str, comment: int) -> str:
        """The text that an open file has, with other comments."""
        return commented(self.opened[name], comment)

    def _checked(self, name: str) -> bool:
        home = home_of(name, self.folders)
        is_excluded = home == OUTER and name == self.configuration.excluded
        return home in self.trusted and not is_excluded and TARGET in self.on_disk.get(name, "")

    def _forget(self, name: str) -> None:
        """What was known of a file is not known any more."""
        self.stage.record.done.pop(name, None)
        if name in self.asked:
            self.asked.discard(name)
            self.perhaps.add(name)
