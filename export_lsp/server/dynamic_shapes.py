"""Adds the widest dynamic shapes to a target on request, once the user has confirmed the edit."""

from __future__ import annotations

import asyncio
from pathlib import Path

from lsprotocol import types

from export_lsp.engine.checker import Checker
from export_lsp.engine.declaring.widest_shapes import Widest, widest_shapes
from export_lsp.engine.hosts import UnusableInterpreterError
from export_lsp.engine.interpreters import InterpreterError
from export_lsp.engine.runs import run_numbers
from export_lsp.fixes.dynamic_shapes import declare_shapes
from export_lsp.server.editor.client import Client
from export_lsp.server.editor.documents import Documents
from export_lsp.server.editor.progress import ProgressBars
from export_lsp.server.editor.text_edits import is_saved, text_edits
from export_lsp.source import Source

# The label of the edit, by which an editor's plugin knows it.
LABEL = "Add dynamic shapes"


class DynamicShapes:
    """Finds dynamic shapes for the targets in files of one folder.

    Args:
        folder: The folder.
        checker: Carries out the exports.
        client: Shows the progress and the edit.
        documents: The open documents.
    """

    def __init__(
        self, folder: Path, checker: Checker, client: Client, documents: Documents
    ) -> None:
        self._folder = folder
        self._checker = checker
        self._client = client
        self._documents = documents
        self._searching: dict[Path, asyncio.Task[Widest]] = {}
        self._progress = ProgressBars(client, self._cancel)

    async def offer(self, file: Path, target: str) -> None:
        """Find the widest shapes of a target, and propose the edit that declares them."""
        if file in self._searching:
            return
        if not is_saved(self._documents, file):
            self._tell(f"Save {file.name} first: it is exported as it is on disk.")
            return
        found = await self._found(file, target)
        suggested = found.suggested.get(target) if found is not None else None
        if found is None:
            return
        if suggested is None or not suggested.text:
            refusal = found.refusal.title if found.refusal is not None else ""
            why = suggested.note if suggested is not None else refusal
            self._tell(f"No dynamic shapes for {target}: {why or 'it was not built'}.")
            return
        source = Source(str(file), "", "".join(self._documents.lines_on_disk(str(file))))
        edits = declare_shapes(source, target, found.declarations[target], suggested.text)
        if edits is None:
            self._tell(f"{target} has no place for them: dynamic_shapes={suggested.text}")
            return
        modes = " and ".join(suggested.modes)
        description = "; ".join(filter(None, [f"exports in {modes} mode", suggested.note]))
        await self._client.propose(LABEL, description, text_edits(self._documents, edits))

    async def _found(self, file: Path, target: str) -> Widest | None:
        """Export with sizes that vary; None if the user has cancelled that."""
        checker = self._checker
        check = checker.resolved.check(self._folder, file, next(run_numbers))
        self._progress.started(file, "Looking for dynamic shapes of")
        work = widest_shapes(checker.carry_out, check, target)
        task = self._searching[file] = asyncio.ensure_future(work)
        try:
            return await task
        except asyncio.CancelledError:
            return None
        except (InterpreterError, UnusableInterpreterError) as error:
            self._client.show(types.MessageType.Error, str(error))
            return None
        finally:
            del self._searching[file]
            self._progress.ended(file, None)

    def _cancel(self, file: Path) -> None:
        if file in self._searching:
            self._searching[file].cancel()

    def _tell(self, text: str) -> None:
        self._client.show(types.MessageType.Info, text)
