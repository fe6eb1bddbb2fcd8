"""The client: its capabilities, and the notifications and requests sent to it."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from export_lsp.safe_text import for_editor

# The `source` of our diagnostics.
NAME = "export-lsp"
# Our section of the client's configuration, and the prefix of our commands.
SECTION = "exportLsp"
STATUS_METHOD = "exportLsp/status"
TOAST_METHOD = "exportLsp/toast"
# How much of a message VS Code shows whole, in characters.
TOAST_LENGTH = 100
VERDICT_METHOD = "$/exportLsp/verdict"
GRAPH_METHOD = "$/exportLsp/graphChanged"
# How long a client may take to answer a request for its configuration, in seconds.
PATIENCE = 5.0

# Where a user can go from a message.
Button = Literal["selectInterpreter", "openSettings", "showDetails"]

# The end of a part of a text that can stand alone.
_PART = re.compile(r"(?<=[.:;])\s|\n")

# The only annotation of a proposed edit.
_ANNOTATION = "proposed"

_log = logging.getLogger(__name__)


def beginning(text: str) -> str:
    """Return a text, or as many of its first parts as a pop-up shows whole: the first at least."""
    if len(text) <= TOAST_LENGTH and "\n" not in text:
        return text
    ends = [match.start() for match in _PART.finditer(text)]
    end = max((end for end in ends if end <= TOAST_LENGTH), default=min(ends, default=len(text)))
    return text[:end].partition("\n")[0].rstrip(".:; ") + "."


@dataclass(frozen=True)
class Supports:
    """The client capabilities that this server takes into account (LSP 3.17, Initialize)."""

    related: bool = False
    code_description: bool = False
    data: bool = False
    versions: bool = False
    progress: bool = False
    configuration: bool = False
    configuration_changes: bool = False
    watching: bool = False
    documents: bool = False
    markdown: bool = False
    actions: bool = False
    document_changes: bool = False
    annotations: bool = False
    resolving: bool = False
    disabled: bool = False
    toasts: bool = False
    hint_refresh: bool = False
    lens_refresh: bool = False
    graphs: bool = False

    @classmethod
    def of(cls, capabilities: types.ClientCapabilities) -> Supports:
        """Return the capabilities that the client has declared in ``initialize``."""

        def has(path: str) -> bool:
            value: Any = capabilities
            for name in path.split("."):
                value = getattr(value, name, None)
            return value is True

        hover = capabilities.text_document and capabilities.text_document.hover
        formats = (hover and hover.content_format) or []
        action = capabilities.text_document and capabilities.text_document.code_action
        resolved = (action and action.resolve_support and action.resolve_support.properties) or []
        edits = capabilities.workspace and capabilities.workspace.workspace_edit
        diagnostics = "text_document.publish_diagnostics"
        return cls(
            related=has(f"{diagnostics}.related_information"),
            code_description=has(f"{diagnostics}.code_description_support"),
            data=has(f"{diagnostics}.data_support"),
            versions=has(f"{diagnostics}.version_support"),
            progress=has("window.work_done_progress"),
            configuration=has("workspace.configuration"),
            configuration_changes=has("workspace.did_change_configuration.dynamic_registration"),
            watching=has("workspace.did_change_watched_files.dynamic_registration"),
            documents=has("window.show_document.support"),
            # The client lists the format that it prefers first.
            markdown=next(iter(formats), None) == types.MarkupKind.Markdown,
            actions=bool(action and action.code_action_literal_support),
            document_changes=has("workspace.workspace_edit.document_changes"),
            annotations=bool(edits and edits.change_annotation_support),
            resolving="edit" in resolved,
            disabled=has("text_document.code_action.disabled_support"),
            toasts=_announces(capabilities.experimental, "toasts"),
            hint_refresh=has("workspace.inlay_hint.refresh_support"),
            lens_refresh=has("workspace.code_lens.refresh_support"),
            graphs=_announces(capabilities.experimental, "graphs")
            or getattr(capabilities.workspace, "text_document_content", None) is not None,
        )


def _announces(experimental: object, ability: str) -> bool:
    """Return whether a client has an ability of our own clients, such as messages with buttons.

    The value of what it announces may be anything.
    """
    ours = experimental.get(SECTION) if isinstance(experimental, dict) else None
    return isinstance(ours, dict) and ours.get(ability) is True


class Client:
    """Sends notifications and requests to the client; text from models is made safe to show."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self.supports = Supports()

    @property
    def server(self) -> LanguageServer:
        """The pygls server behind this client."""
        return self._server

    def show(
        self,
        kind: types.MessageType,
        text: str,
        *,
        details: str = "",
        buttons: Sequence[Button] = (),
    ) -> None:
        """Show a pop-up message, for what the user has to act on (``window/showMessage``).

        Editors cut long ones.  A client that can show buttons gets the beginning of a long text,
        with a button that shows the whole in the output channel.

        Args:
            kind: How bad it is.
            text: One or more sentences.
            details: More, for the output channel only.
            buttons: Where the user can go from here, besides the details.
        """
        if not self.supports.toasts:
            named = text if text.startswith(NAME) else f"{NAME}: {text}"
            self._server.window_show_message(types.ShowMessageParams(kind, for_editor(named)))
        else:
            short = beginning(text)
            more: list[Button] = ["showDetails"] if details or short != text else []
            toast = {
                "type": kind.value,
                "message": for_editor(short),
                "buttons": [*buttons, *more],
            }
            self._server.protocol.notify(TOAST_METHOD, toast)
            if short != text:
                self.log(kind, text)
        if details:
            self.log(types.MessageType.Info, details)

    def log(self, kind: types.MessageType, text: str) -> None:
        """Write a line to the editor's output channel (``window/logMessage``)."""
        self._server.window_log_message(types.LogMessageParams(kind, for_editor(text)))

    def publish(
        self, uri: str, diagnostics: Sequence[types.Diagnostic], version: int | None
    ) -> None:
        """Push all diagnostics of a file (LSP 3.17, Publish Diagnostics).

        Args:
            uri: The file, by the URI that the client knows it by.
            diagnostics: They replace all earlier ones.
            version: The version of the document, sent if the client supports it.
        """
        self._server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(
                uri, list(diagnostics), version if self.supports.versions else None
            )
        )

    def refresh_hints(self) -> None:
        """Make the client ask again for the hints of all documents, if it supports that.

        ``workspace/inlayHint/refresh``
        """
        if self.supports.hint_refresh:
            self._server.workspace_inlay_hint_refresh(None)

    def status(self, params: dict[str, Any]) -> None:
        """Send the custom notification ``exportLsp/status``."""
        safe = {**params, "message": for_editor(params["message"])}
        self._server.protocol.notify(STATUS_METHOD, safe)

    def verdict(self, uri: str, verdict: dict[str, Any] | None) -> None:
        """Send the custom notification ``$/exportLsp/verdict``."""
        self._server.protocol.notify(VERDICT_METHOD, {"uri": uri, "verdict": verdict})

    def refresh_lenses(self) -> None:
        """Make the client ask again for all code lenses (``workspace/codeLens/refresh``).

        The answer says nothing.  A callback for it would fail if the session ends before (pygls
        2.1.1).
        """
        if self.supports.lens_refresh:
            self._server.workspace_code_lens_refresh(None)

    async def ask(self, question: str, answers: Sequence[str]) -> str | None:
        """Ask the user (``window/showMessageRequest``).

        Returns:
            The chosen answer, None if the question was closed or the client cannot ask.
        """
        params = types.ShowMessageRequestParams(
            types.MessageType.Warning,
            for_editor(f"{NAME}: {question}"),
            [types.MessageActionItem(answer) for answer in answers],
        )
        try:
            chosen = await self._server.window_show_message_request_async(params)
        except JsonRpcException as error:
            _log.warning("the editor cannot ask: %s", error)
            return None
        return chosen.title if chosen is not None else None

    async def propose(
        self, label: str, description: str, edits: Mapping[str, Sequence[types.TextEdit]]
    ) -> None:
        """Have the client apply an edit (``workspace/applyEdit``).

        One that knows annotations shows the edit to the user first, and applies it if they agree.

        Args:
            label: What the edit does.
            description: Where it comes from.
            edits: The edits of files, by URI.
        """
        params = types.ApplyWorkspaceEditParams(self._proposed(label, description, edits), label)
        try:
            await self._server.workspace_apply_edit_async(params)
        except JsonRpcException as error:
            _log.warning("the editor does not apply an edit: %s", error)

    def _proposed(
        self, label: str, description: str, edits: Mapping[str, Sequence[types.TextEdit]]
    ) -> types.WorkspaceEdit:
        if not (self.supports.document_changes and self.supports.annotations):
            return types.WorkspaceEdit({uri: list(each) for uri, each in edits.items()})
        annotation = types.ChangeAnnotation(
            label, needs_confirmation=True, description=for_editor(description)
        )
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(uri),
                    [types.AnnotatedTextEdit(_ANNOTATION, e.range, e.new_text) for e in each],
                )
                for uri, each in edits.items()
            ],
            change_annotations={_ANNOTATION: annotation},
        )

    async def configuration(self, folders: Sequence[str]) -> list[dict[str, Any]]:
        """Request our section of the configuration (``workspace/configuration``).

        Returns:
            The options for each of the folders' URIs; empty ones if the client has no answer.
        """
        empty: list[dict[str, Any]] = [{} for _ in folders]
        if not self.supports.configuration or not folders:
            return empty
        items = [types.ConfigurationItem(scope_uri=uri, section=SECTION) for uri in folders]
        request = asyncio.ensure_future(
            self._server.workspace_configuration_async(types.ConfigurationParams(items))
        )
        # Not wait_for: pygls 2.1.1 fails on an answer to a request that was cancelled.
        await asyncio.wait({request}, timeout=PATIENCE)
        if not request.done() or request.exception() is not None:
            _log.warning("the editor does not answer with its configuration: %s", request)
            return empty
        answers = [value if isinstance(value, dict) else {} for value in request.result()]
        return answers if len(answers) == len(empty) else empty

    async def register(self) -> None:
        """Register for changed settings and changed files (``client/registerCapability``)."""
        wanted = []
        if self.supports.configuration_changes:
            options: Any = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
            wanted.append((types.WORKSPACE_DID_CHANGE_CONFIGURATION, options))
        if self.supports.watching:
            globs = ("**/*.py", "**/pyproject.toml")
            options = types.DidChangeWatchedFilesRegistrationOptions(
                [types.FileSystemWatcher(glob) for glob in globs]
            )
            wanted.append((types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
        if not wanted:
            return
        registrations = [types.Registration(method, method, options) for method, options in wanted]
        try:
            await self._server.client_register_capability_async(
                types.RegistrationParams(registrations)
            )
        except JsonRpcException as error:
            _log.warning("the editor registers no notifications: %s", error)

    def graphs_changed(self, uris: Iterable[str]) -> None:
        """Make the client ask again for the documents of graphs.

        ``$/exportLsp/graphChanged``
        """
        for uri in uris:
            self._server.protocol.notify(GRAPH_METHOD, {"uri": uri})

    async def open_uri(self, uri: str) -> bool:
        """Open a document in the editor (``window/showDocument``); return whether it has."""
        if not self.supports.documents:
            return False
        try:
            params = types.ShowDocumentParams(uri, take_focus=True)
            return (await self._server.window_show_document_async(params)).success
        except JsonRpcException as error:
            _log.warning("the editor does not open %s: %s", uri, error)
            return False

    async def open_file(self, file: Path) -> None:
        """Open a file in the editor, or show its path."""
        if await self.open_uri(file.as_uri()):
            return
        self.show(types.MessageType.Info, f"the text is in {file}.")

    async def apply(self, edit: types.WorkspaceEdit) -> bool:
        """Let the client edit documents (``workspace/applyEdit``); return whether it has."""
        params = types.ApplyWorkspaceEditParams(edit)
        try:
            return (await self._server.workspace_apply_edit_async(params)).applied
        except JsonRpcException as error:
            _log.warning("the editor applies no edits: %s", error)
            return False
