"""The state of one connection: its folders and documents, and what each LSP event does to them."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path

from export_lsp.engine.files.directories import cache_directory, state_directory
from export_lsp.engine.hosts.pool import Pool
from export_lsp.engine.recall import Recall
from export_lsp.engine.scheduling.slots import Slots
from export_lsp.engine.tasks import Tasks
from export_lsp.engine.trust import Asking, Trust, TrustStore
from export_lsp.server.answers import Answers, home_of
from export_lsp.server.client import Client, Supports
from export_lsp.server.documents import Documents, path_of
from export_lsp.server.features.code_lenses import export_in
from export_lsp.server.features.diagnostics import Publisher
from export_lsp.server.folder import Folder, Shared
from export_lsp.server.output import Output
from export_lsp.server.status import Status
from export_lsp.settings import SettingsError, pyproject

ROOT_MARKS = (pyproject.NAME, ".git")
# A file below one of these was opened to be read: it is no project of the user's.
LIBRARY_MARKS = frozenset({"site-packages", "dist-packages"})
# Keys of the editor's options that are no settings: read here, or (trace) by the client itself.
OTHER_OPTIONS = ("trusted", "pythonInterpreter", "trace")


class Session:
    """Binds folders to a client.  Nothing here waits for a check."""

    def __init__(self, server: LanguageServer) -> None:
        self.client = Client(server)
        self.documents = Documents()
        self._folders: dict[Path, Folder] = {}
        self._initial: dict[str, Any] = {}
        self._trusted: bool | Asking = "ask"
        self._changed: Mapping[str, Any] = {}
        self._single_files = False
        self._shown: set[str] = set()
        self._option_errors: list[str] = []
        self._configuring = asyncio.Lock()
        self._tasks = Tasks()
        self._store = TrustStore(state_directory() / "trusted-folders.json")
        status = Status(self.client.status, lambda: [f.state for f in self._folders.values()])
        self.answers = Answers(self.client, self.documents, self._folders)
        self._shared = Shared(
            client=self.client,
            documents=self.documents,
            pool=Pool(),
            publisher=Publisher(self.client, self.documents, self.answers.diagnostics),
            status=status,
            output=Output(lambda text: self.client.log(types.MessageType.Log, text)),
            slots=Slots.of_this_machine(),
            recall=Recall(cache_directory()),
        )

    # --- life --------------------------------------------------------------------------------

    def initialize(self, params: types.InitializeParams) -> None:
        """Take in what the client is and wants; nothing is sent or read yet."""
        self.client.supports = Supports.of(params.capabilities)
        options = params.initialization_options
        self._initial = dict(options) if isinstance(options, dict) else {}
        self._trusted, self._option_errors = _trusted(self._initial)
        uris = [folder.uri for folder in params.workspace_folders or []]
        root = params.root_uri or (from_fs_path(params.root_path) if params.root_path else None)
        if not uris and root is not None:
            uris = [root]
        for uri in uris:
            self._add(uri)
        self._single_files = not self._folders

    async def initialized(self) -> None:
        """The client is ready to be asked."""
        await self.client.register()
        await self.configure()
        self._tasks.start(_load_rest())

    async def close(self) -> None:
        """End all checks and hosts."""
        await self._tasks.cancel()
        await asyncio.gather(
            *(folder.schedule.close() for folder in self._folders.values()),
            return_exceptions=True,
        )
        await self._shared.pool.close()
        self._shared.recall.close()

    # --- configuration -----------------------------------------------------------------------

    async def configure(self, changed: Mapping[str, Any] | None = None) -> None:
        """Read every folder's settings anew; `changed` is what ``didChangeConfiguration`` sent."""
        if changed is not None:
            self._changed = changed
        async with self._configuring:
            folders = list(self._folders.values())
            answers = await self.client.configuration([folder.uri for folder in folders])
            for folder, answer in zip(folders, answers, strict=True):
                self._configure_folder(folder, answer)
            await self._after_settings()

    def _configure_folder(self, folder: Folder, answer: Mapping[str, Any]) -> None:
        options: dict[str, Any] = dict(self._initial)
        for layer in (self._changed, answer):
            options.update({key: value for key, value in layer.items() if value is not None})
        selected = options.get("pythonInterpreter")
        settings = {key: value for key, value in options.items() if key not in OTHER_OPTIONS}
        folder.configure(settings, selected if isinstance(selected, str) else None)

    async def _after_settings(self) -> None:
        folders = list(self._folders.values())
        settings = [folder.checker.settings for folder in folders]
        levels = [logging.getLevelName(each.log_level.upper()) for each in settings]
        logging.getLogger("export_lsp").setLevel(min(levels, default=logging.INFO))
        self._show_errors()
        keys = [folder.checker.host_key for folder in folders]
        await self._shared.pool.keep({key for key in keys if key is not None})

    def _show_errors(self) -> None:
        """Every error of configuration once, for as long as it stays."""
        errors = self._option_errors + [
            str(error)
            for folder in self._folders.values()
            for error in folder.checker.resolved.errors
        ]
        new = dict.fromkeys(error for error in errors if error not in self._shown)
        self._shown = set(errors)
        if new:
            self.client.show(types.MessageType.Error, "\n".join(new))

    # --- folders -----------------------------------------------------------------------------

    def _add(self, uri: str) -> Folder | None:
        path = path_of(uri)
        if path is None:
            return None
        trust = Trust(path, self._trusted, self._store, self.client.ask)
        folder = Folder(
            path, uri, trust, self._shared, lambda file: home_of(file, self._folders) == path
        )
        self._folders[path] = folder
        for other in self._folders.values():
            other.let_go()
        return folder

    async def change_folders(self, event: types.WorkspaceFoldersChangeEvent) -> None:
        """Workspace folders were added and removed."""
        for removed in event.removed:
            path = path_of(removed.uri)
            folder = self._folders.pop(path, None) if path is not None else None
            if folder is not None:
                await folder.close()
        for added in event.added:
            self._single_files = False
            self._add(added.uri)
        await self.configure()

    def _folder_of(self, file: Path) -> Folder | None:
        """The innermost folder of a file; where no folder is open, its project's."""
        home = home_of(file, self._folders)
        if home is not None:
            return self._folders[home]
        if not self._single_files or LIBRARY_MARKS.intersection(file.parts):
            return None
        folder = self._add(_project_of(file).as_uri())
        self._tasks.start(self.configure())
        return folder

    def _told_of(self, file: Path) -> list[Folder]:
        """The folders that a file makes a difference to: its own, and any that has read it."""
        self._folder_of(file)
        return list(self._folders.values())

    # --- documents ---------------------------------------------------------------------------

    def opened(self, item: types.TextDocumentItem) -> None:
        """``textDocument/didOpen``"""
        document = self.documents.open(item)
        if document is None:
            return
        self._shared.publisher.changed([str(document.path)])
        for folder in self._told_of(document.path):
            folder.opened(document.path)

    def changed(self, params: types.DidChangeTextDocumentParams) -> None:
        """``textDocument/didChange``: the client moves what it shows by itself."""
        self.documents.change(params)

    def saved(self, uri: str) -> None:
        """``textDocument/didSave``"""
        file = path_of(uri)
        if file is None:
            return
        if file.name == pyproject.NAME:
            self._reload()
            return
        for folder in self._told_of(file):
            folder.saved(file)

    def closed(self, uri: str) -> None:
        """``textDocument/didClose``"""
        if self.documents.close(uri) is None:
            return
        for folder in self._folders.values():
            folder.closed()
        self._shared.publisher.all_changed()

    def watched(self, changes: list[types.FileEvent]) -> None:
        """``workspace/didChangeWatchedFiles``"""
        files = [(path_of(change.uri), change.type) for change in changes]
        if any(file is not None and file.name == pyproject.NAME for file, _ in files):
            self._reload()
        for file, kind in files:
            for folder in self._folders.values():
                if file is not None and file.suffix == ".py":
                    folder.changed_outside(file, kind)

    def _reload(self) -> None:
        for folder in self._folders.values():
            folder.reload()
        self._tasks.start(self._after_settings())

    # --- commands ----------------------------------------------------------------------------

    def check(self, arguments: list[Any]) -> None:
        """``exportLsp.check``: these files, or all open ones, changed or not; from a lens an
        export of a script."""
        named = [path_of(uri) for uri in arguments if isinstance(uri, str)]
        files = named or [document.path for document in self.documents]
        for file in files:
            if file is None:
                continue
            if folder := self._folder_of(file):
                folder.check_now(file, export=export_in(arguments))
            elif file in named:
                text = f"{file.name} is in no workspace folder, it is not checked."
                self.client.show(types.MessageType.Info, text)

    async def restart(self) -> None:
        """``exportLsp.restart``: new hosts, and all open files checked again."""
        for folder in self._folders.values():
            await folder.schedule.close()
            folder.schedule.forget_basis()
        await self._shared.pool.close()
        await self.configure()

    async def show_output(self) -> None:
        """``exportLsp.showOutput``: what checked files have printed."""
        file = state_directory() / "output.log"
        try:
            self._shared.output.save(file)
        except OSError as error:
            self.client.show(types.MessageType.Error, f"{file} cannot be written: {error}.")
        else:
            await self.client.open_file(file)


async def _load_rest() -> None:
    """Import what is needed once there is a finding, while the worker imports torch."""
    await asyncio.to_thread(importlib.import_module, "export_lsp.fixes.writers")


def _trusted(options: Mapping[str, Any]) -> tuple[bool | Asking, list[str]]:
    """The option `trusted`, and what is wrong with it."""
    value = options.get("trusted")
    if isinstance(value, bool) or value is None or value == "ask":
        return (value if isinstance(value, bool) else "ask"), []
    error = SettingsError(
        "the initialization options", "trusted", value, 'must be true, false or "ask"'
    )
    return "ask", [str(error)]


def _project_of(file: Path) -> Path:
    """The folder a file is checked in when no workspace folder is open."""
    for directory in file.parents:
        if any((directory / mark).exists() for mark in ROOT_MARKS):
            return directory
    return file.parent
