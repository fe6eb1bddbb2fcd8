"""The state of one connection: its folders and documents, and what each LSP event does to them."""

from __future__ import annotations

import asyncio
import functools
import importlib
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path

from export_lsp.engine.files.directories import cache_directory, state_directory
from export_lsp.engine.files.private_files import write_private
from export_lsp.engine.hosts.pool import Pool
from export_lsp.engine.recall import Recall
from export_lsp.engine.scheduling.slots import Slots
from export_lsp.engine.tasks import Tasks
from export_lsp.engine.trust import Trust
from export_lsp.engine.trust_store import ANSWERS, TrustStore
from export_lsp.ownership import owner, this_user
from export_lsp.protocol import GRAPH_LEVELS
from export_lsp.server import rule_commands
from export_lsp.server.editor.client import SECTION, Client, Supports
from export_lsp.server.editor.documents import Documents, path_of
from export_lsp.server.editor.hint_refresh import HintRefresh
from export_lsp.server.editor.output import PrintedText
from export_lsp.server.editor.publisher import Publisher
from export_lsp.server.editor.status import Status
from export_lsp.server.editor.verdicts import VerdictNews
from export_lsp.server.features.code_lenses import export_in
from export_lsp.server.features.diagnostics import diagnostics
from export_lsp.server.features.inlay_hints import all_hints
from export_lsp.server.features.verdicts import file_json
from export_lsp.server.folder import Folder, innermost
from export_lsp.server.graph_uris import GraphName, graph_name
from export_lsp.server.graphs import Graphs
from export_lsp.server.options import Options
from export_lsp.server.reporter import Shared
from export_lsp.server.view import View
from export_lsp.server.workspace_check import check_workspace
from export_lsp.settings import pyproject

# A file below one of these folders belongs to a library, not to a project of the user's.
LIBRARY_MARKS = frozenset({"site-packages", "dist-packages"})


class Session:
    """Handles the events of a client; none of the methods waits for a check.

    The names of the methods are those of the LSP methods and commands that they handle.
    """

    def __init__(self, server: LanguageServer) -> None:
        self.client = Client(server)
        self.documents = Documents()
        self._folders: dict[Path, Folder] = {}
        self._options = Options()
        # True if the client has no workspace folders: files are checked in their own projects.
        self._single_files = False
        self._shown: set[str] = set()
        self._configuring = asyncio.Lock()
        self._tasks = Tasks()
        self._store = TrustStore(state_directory() / ANSWERS)
        slots = Slots.of_this_machine()
        graphs = Graphs(self._folders, self.documents, slots)
        self.view = View(self.client, self.documents, self._folders, graphs)
        self._shared = Shared(
            client=self.client,
            documents=self.documents,
            pool=Pool(),
            publisher=Publisher(
                self.client, self.documents, functools.partial(diagnostics, self.view)
            ),
            status=Status(self.client.status, lambda: [f.state for f in self._folders.values()]),
            printed=PrintedText(lambda text: self.client.log(types.MessageType.Log, text)),
            slots=slots,
            graphs=lambda file: self.client.graphs_changed(name.uri for name in graphs.of(file)),
            recall=Recall(cache_directory()),
            hints=HintRefresh(functools.partial(all_hints, self.view), self.client.refresh_hints),
            verdicts=VerdictNews(
                self._verdict,
                self.view.verdicts.files,
                self.view.verdicts.judged_by,
                lambda file, verdict: self.client.verdict(
                    self.documents.uri_of(str(file)), verdict
                ),
                self.client.refresh_lenses,
            ),
        )

    def _verdict(self, file: Path) -> dict[str, Any] | None:
        found = self.view.verdicts.of(file)
        return file_json(self.view, found) if found is not None else None

    # --- lifecycle (LSP 3.17, Server lifecycle) ----------------------------------------------

    def initialize(self, params: types.InitializeParams) -> None:
        """Note the client's capabilities, options and folders; send and read nothing yet."""
        self.client.supports = Supports.of(params.capabilities)
        options = params.initialization_options
        self._options.initial = dict(options) if isinstance(options, dict) else {}
        uris = [folder.uri for folder in params.workspace_folders or []]
        root = params.root_uri or (from_fs_path(params.root_path) if params.root_path else None)
        if not uris and root is not None:
            uris = [root]
        for uri in uris:
            self._add(uri)
        self._single_files = not self._folders

    async def initialized(self, params: types.InitializedParams) -> None:
        """Register with the client and read the configuration."""
        await self.client.register()
        await self.configure()
        self._tasks.start(_import_fixes())

    async def shutdown(self, params: None = None) -> None:
        """End all checks and worker hosts."""
        await self._tasks.cancel()
        await asyncio.gather(
            *(folder.schedule.close() for folder in self._folders.values()),
            return_exceptions=True,
        )
        await self._shared.pool.close()
        await self._shared.recall.close()

    # --- configuration -----------------------------------------------------------------------

    async def did_change_configuration(self, params: types.DidChangeConfigurationParams) -> None:
        """Take our section of the changed settings, if the client sends it, and read the rest."""
        settings = params.settings
        section = settings.get(SECTION) if isinstance(settings, dict) else None
        if isinstance(section, dict):
            self._options.changed = section
        await self.configure()

    async def configure(self) -> None:
        """Read the settings of all folders again, from the client and from pyproject.toml."""
        async with self._configuring:
            folders = list(self._folders.values())
            answers = await self.client.configuration([folder.uri for folder in folders])
            for folder, answer in zip(folders, answers, strict=True):
                folder.configure(*self._options.of_folder(answer))
            await self._after_settings()
            self._shared.hints.changed()

    async def _after_settings(self) -> None:
        folders = list(self._folders.values())
        settings = [folder.checker.settings for folder in folders]
        levels = [logging.getLevelName(each.log_level.upper()) for each in settings]
        logging.getLogger("export_lsp").setLevel(min(levels, default=logging.INFO))
        self._show_errors()
        keys = [folder.checker.host_key for folder in folders]
        await self._shared.pool.keep({key for key in keys if key is not None})

    def _show_errors(self) -> None:
        """Show what is wrong with the settings, each once for as long as it persists."""
        folders = self._folders.values()
        errors = [str(error) for each in folders for error in each.checker.resolved.errors]
        # Before a folder is trusted, it does not matter which settings its checks would have.
        unused = [each.checker.resolved.unused for each in folders if each.trust.granted]
        self._show_once(types.MessageType.Error, [*self._options.errors, *errors])
        self._show_once(types.MessageType.Warning, filter(None, unused))
        self._shown = {*self._options.errors, *errors, *unused}

    def _show_once(self, kind: types.MessageType, texts: Iterable[str]) -> None:
        if new := dict.fromkeys(text for text in texts if text not in self._shown):
            self.client.show(kind, "\n".join(new), buttons=("openSettings",))

    # --- workspace folders -------------------------------------------------------------------

    async def did_change_workspace_folders(
        self, params: types.DidChangeWorkspaceFoldersParams
    ) -> None:
        """Close the removed folders and open the added ones."""
        for removed in params.event.removed:
            path = path_of(removed.uri)
            folder = self._folders.pop(path, None) if path is not None else None
            if folder is not None:
                await folder.close()
        for added in params.event.added:
            self._single_files = False
            self._add(added.uri)
        await self.configure()

    def _add(self, uri: str) -> Folder | None:
        path = path_of(uri)
        if path is None:
            return None
        trust = Trust(path, self._options.trusted, self._store, self.client.ask)
        folder = Folder(
            path,
            uri,
            trust,
            self._shared,
            owns=lambda file: innermost(file, self._folders) == path,
            trusts=self._trusts,
            trusted=self._reload,
        )
        self._folders[path] = folder
        for other in self._folders.values():
            other.drop_foreign()
        return folder

    def _trusts(self, directory: Path) -> bool:
        """Return whether the user trusts a directory, which need not be a workspace folder.

        The option `trusted` is about the workspace folders and what is in them.
        """
        home = innermost(directory, self._folders)
        known = self._folders[home].trust.granted if home is not None else False
        return owner(directory) == this_user() and (known or bool(self._store.answer(directory)))

    def _folder_of(self, file: Path) -> Folder | None:
        """The folder of a file; without any workspace folder, its project, which is added."""
        home = innermost(file, self._folders)
        if home is not None:
            return self._folders[home]
        if not self._single_files or LIBRARY_MARKS.intersection(file.parts):
            return None
        folder = self._add(_project_of(file).as_uri())
        self._tasks.start(self.configure())
        return folder

    def _all_folders(self, file: Path) -> list[Folder]:
        """All folders, that of the file included: each may have results that depend on it."""
        self._folder_of(file)
        return list(self._folders.values())

    # --- documents (LSP 3.17, Text Document Synchronization) ----------------------------------

    def did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Check an opened file, and show what is known about it."""
        document = self.documents.open(params.text_document)
        if document is None:
            return
        self._shared.publisher.changed([str(document.path)])
        self._shared.verdicts.changed(document.path)
        for folder in self._all_folders(document.path):
            folder.opened(document.path)

    def did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Apply edits, and hide what they put out of date."""
        path = path_of(params.text_document.uri)
        self.documents.change(params)
        if path is not None:
            self._shared.publisher.edited(self.view.files_shown_with(str(path)))
            self._shared.verdicts.typed(path)

    def did_save(self, params: types.DidSaveTextDocumentParams) -> None:
        """Check a saved file and the files that depend on it."""
        file = path_of(params.text_document.uri)
        if file is None:
            return
        if file.name == pyproject.NAME:
            self._reload()
            return
        self._shared.verdicts.changed(file)
        for folder in self._all_folders(file):
            folder.saved(file)

    def did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """End the checks that only a closed document was waiting for."""
        path = self.documents.close(params.text_document.uri)
        if path is None:
            if (name := graph_name(params.text_document.uri)) is not None:
                self.view.graphs.closed(name)
            return
        for folder in self._folders.values():
            folder.closed()
        self._shared.publisher.all_changed()
        self._shared.verdicts.changed(path)

    def did_change_watched_files(self, params: types.DidChangeWatchedFilesParams) -> None:
        """Check what depends on files that were changed on disk."""
        changes = [(path_of(change.uri), change.type) for change in params.changes]
        if any(file is not None and file.name == pyproject.NAME for file, _ in changes):
            self._reload()
        for file, change in changes:
            for folder in self._folders.values():
                if file is not None and file.suffix == ".py":
                    folder.changed_on_disk(file, change)

    def _reload(self) -> None:
        for folder in self._folders.values():
            folder.reload()
        self._tasks.start(self._after_settings())

    # --- commands (LSP 3.17, Execute a command) -----------------------------------------------

    def check(self, *arguments: Any) -> None:
        """Check files even if they have not changed: ``exportLsp.check``.

        Args:
            arguments: URIs of files, none for all open ones; from a code lens, the export to check.
        """
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

    def check_all(self, *_: Any) -> None:
        """Check all files that declare a target, and sum up: ``exportLsp.checkAll``."""
        self._tasks.start(check_workspace(self.view, self._shared.verdicts))

    def example_inputs(self, *arguments: Any) -> None:
        """Look for example inputs of the models in files: ``exportLsp.exampleInputs``.

        Args:
            arguments: URIs of files.
        """
        for file in [path_of(uri) for uri in arguments if isinstance(uri, str)]:
            folder = self._folder_of(file) if file is not None else None
            if folder is not None and file is not None:
                folder.add_example_inputs(file)

    def dynamic_shapes(self, uri: object = None, target: object = None, *_: Any) -> None:
        """Look for dynamic shapes of a target of a file: ``exportLsp.dynamicShapes``."""
        file = path_of(uri) if isinstance(uri, str) else None
        folder = self._folder_of(file) if file is not None else None
        if folder is not None and file is not None and isinstance(target, str):
            folder.add_dynamic_shapes(file, target)

    async def restart(self, *_: Any) -> None:
        """Start new worker hosts and check all open files: ``exportLsp.restart``."""
        for folder in self._folders.values():
            await folder.schedule.close()
            folder.schedule.forget_basis()
        await self._shared.pool.close()
        await self.configure()

    def toggle_hints(self, *_: Any) -> None:
        """Hide all inlay hints, or show them again: ``exportLsp.toggleHints``."""
        self.view.hints_are_hidden = not self.view.hints_are_hidden
        self._shared.hints.changed()

    async def open_graph(
        self, uri: object = None, target: object = None, level: object = "export", *_: Any
    ) -> None:
        """Open the graph of a target, by default a file's first one: ``exportLsp.openGraph``."""
        file = path_of(uri) if isinstance(uri, str) else None
        found = self.view.verdicts.of(file) if file is not None else None
        names = [each.name for each in found.targets] if found is not None else []
        chosen = target if isinstance(target, str) else next(iter(names), None)
        if file is None or chosen is None or level not in GRAPH_LEVELS:
            self.client.show(types.MessageType.Info, "This file has no target that was checked.")
            return
        name = GraphName(file, chosen, level)
        if self.client.supports.graphs:
            await self.client.open_uri(name.uri)
            return
        path = state_directory() / "graph.txt"
        try:
            text = (await self.view.graphs.written(name)).text
            write_private(path, text.encode("utf-8", "replace"))
        except OSError as error:
            self.client.show(types.MessageType.Error, f"{path} cannot be written: {error}.")
        else:
            await self.client.open_file(path)

    async def show_output(self, *_: Any) -> None:
        """Open the text that checked files have printed: ``exportLsp.showOutput``."""
        file = state_directory() / "output.log"
        try:
            self._shared.printed.save(file)
        except OSError as error:
            self.client.show(types.MessageType.Error, f"{file} cannot be written: {error}.")
        else:
            await self.client.open_file(file)

    def interpreters(self) -> list[dict[str, Any]]:
        """Say of each folder which interpreters were considered: ``exportLsp.interpreters``."""
        return [
            {
                "folder": str(path),
                "unusable": folder.checker.unusable,
                "considered": [str(each) for each in folder.checker.considered],
            }
            for path, folder in self._folders.items()
        ]

    async def explain(self, rule: object = None, *_: Any) -> None:
        """Open the page of a rule: ``exportLsp.explain``."""
        await rule_commands.explain(self.client, rule)

    async def show_detail(
        self,
        rule: object = None,
        uri: object = None,
        line: object = None,
        character: object = None,
        *_: Any,
    ) -> None:
        """Open torch's own text about a problem: ``exportLsp.showDetail``."""
        file = path_of(uri) if isinstance(uri, str) else None
        if file is not None and isinstance(line, int) and isinstance(character, int):
            start = types.Position(line, character)
            await rule_commands.show_detail(self.view, rule, str(file), start)

    async def set_severity(
        self, uri: object = None, rule: object = None, severity: object = None, *_: Any
    ) -> None:
        """Set the severity of a rule in the folder of a file: ``exportLsp.setSeverity``."""
        file = path_of(uri) if isinstance(uri, str) else None
        folder = self._folder_of(file) if file is not None else None
        if folder is not None:
            await rule_commands.set_severity(self.view, folder, rule, severity)


async def _import_fixes() -> None:
    """Import what the first finding needs, while the worker imports torch."""
    await asyncio.to_thread(importlib.import_module, "export_lsp.fixes.writers")


def _project_of(file: Path) -> Path:
    """The folder that a file is checked in when no workspace folder is open."""
    return pyproject.project_root(file.parent) or file.parent
