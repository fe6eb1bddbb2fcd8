"""Adds the widest dynamic shapes to a target on request, once the user has confirmed the edit."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from export_lsp.engine.checker import Checker
from export_lsp.engine.declaring.widest_shapes import Widest, widest_shapes
from export_lsp.engine.runs import run_numbers
from export_lsp.fixes.dynamic_shapes import declare_shapes
from export_lsp.server.editor.client import Client
from export_lsp.server.editor.documents import Documents
from export_lsp.server.editor.text_edits import is_saved, text_edits
from export_lsp.server.searches import Searches
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
        self._searches = Searches[Widest](client, "Looking for dynamic shapes of")

    async def offer(self, file: Path, target: str) -> None:
        """Find the widest shapes of a target, and propose the edit that declares them."""
        if file in self._searches:
            return
        if not is_saved(self._documents, file):
            self._tell(f"Save {file.name} first: it is exported as it is on disk.")
            return
        check = self._checker.resolved.check(self._folder, file, next(run_numbers))
        work = widest_shapes(self._checker.carry_out, check, target)
        found = await self._searches.run(file, work)
        if found is None:
            return
        suggested = found.suggested.get(target)
        if suggested is None or not suggested.text:
            self._tell(f"No dynamic shapes for {target}: {_reason(found, target)}.")
            return
        source = Source(str(file), "", "".join(self._documents.lines_on_disk(str(file))))
        edits = declare_shapes(source, target, found.declarations[target], suggested.text)
        if edits is None:
            self._tell(f"{target} has no place for them: dynamic_shapes={suggested.text}")
            return
        modes = " and ".join(suggested.modes)
        description = "; ".join(filter(None, [f"exports in {modes} mode", suggested.note]))
        await self._client.propose(LABEL, description, text_edits(self._documents, edits))

    def _tell(self, text: str) -> None:
        self._client.show(types.MessageType.Info, text)


def _reason(found: Widest, target: str) -> str:
    """Return why a target has no dynamic shapes, as a clause."""
    suggested = found.suggested.get(target)
    if suggested is not None:
        return suggested.note
    return found.refusal.title if found.refusal is not None else "it was not built"
