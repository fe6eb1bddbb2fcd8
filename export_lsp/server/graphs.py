"""The documents of graphs: written on request, by a check of their own.

A document stays as it was written until the editor asks for it again.  The places that its lines
come from are moved through later edits.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from export_lsp.engine.hosts import UnusableInterpreterError
from export_lsp.engine.interpreters import InterpreterError
from export_lsp.engine.results.anchored import Lines, Move
from export_lsp.engine.results.line_remapping import LineRemappings
from export_lsp.engine.runs import run_numbers
from export_lsp.engine.scheduling.slots import Need, Slots, Urgency
from export_lsp.protocol import Graph, GraphLevel, GraphLine, Location, Outcome, TargetEnded
from export_lsp.safe_text import for_editor
from export_lsp.server.editor.documents import Documents
from export_lsp.server.folder import Folder, innermost
from export_lsp.server.graph_uris import GraphName
from export_lsp.stages import STAGES, TABLE, Stage
from export_lsp.verdicts.graphs import graph_document

# At most so many documents are kept, those that were asked for last.
KEPT = 16
# The stages that the graph of a level needs after the export.
_STAGES: dict[GraphLevel, tuple[Stage, ...]] = {"export": (), "core": ("decompose",)}


@dataclass(frozen=True)
class GraphDocument:
    """A document: its lines, and the texts that their places refer to, by file."""

    name: GraphName
    lines: tuple[GraphLine, ...]
    texts: Mapping[str, Lines]

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(f"{for_editor(line.text)}\n" for line in self.lines)


class Graphs:
    """Writes the documents of a session, and knows those that it has written.

    Args:
        folders: The workspace folders.
        documents: The open documents.
        slots: The right to runs.
    """

    def __init__(self, folders: Mapping[Path, Folder], documents: Documents, slots: Slots) -> None:
        self._folders = folders
        self._documents = documents
        self._slots = slots
        self._known: OrderedDict[GraphName, GraphDocument] = OrderedDict()

    async def written(self, name: GraphName) -> GraphDocument:
        """Return the document of a graph, from the files as they are on disk.

        A document without a graph says why there is none.
        """
        lines = await self._lines(name)
        files = {each.location.file for each in lines if each.location is not None}
        texts = {file: self._documents.lines_on_disk(file) for file in files}
        document = GraphDocument(name, lines, texts)
        self._known[name] = document
        self._known.move_to_end(name)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return document

    def place_of(self, name: GraphName, line: int) -> Location | None:
        """Return where a line of a document comes from, None if that is not known any more."""
        document = self._known.get(name)
        if document is None or not 0 <= line < len(document.lines):
            return None
        place = document.lines[line].location
        return self._move(document).range(place) if place is not None else None

    def lines_around(self, place: Location) -> Iterator[tuple[GraphName, int]]:
        """Yield the lines of all documents that come from an expression around a place."""
        for name, document in self._known.items():
            move = self._move(document)
            for number, line in enumerate(document.lines):
                origin = move.range(line.location) if line.location is not None else None
                if origin is not None and _covers(origin, place):
                    yield name, number

    def of(self, file: Path) -> list[GraphName]:
        """Return the documents of a file's targets."""
        return [name for name in self._known if name.file == file]

    def closed(self, name: GraphName) -> None:
        """Forget a document that the editor has closed."""
        self._known.pop(name, None)

    def _move(self, document: GraphDocument) -> Move:
        return Move(document.texts, LineRemappings(self._open_lines))

    def _open_lines(self, file: str) -> Lines | None:
        document = self._documents.get(Path(file))
        return document.lines if document is not None else None

    async def _lines(self, name: GraphName) -> tuple[GraphLine, ...]:
        home = innermost(name.file, self._folders)
        folder = self._folders[home] if home is not None else None
        if folder is None or not folder.trust.granted:
            return _sentence(f"{name.file.name} is in no folder that is trusted.")
        label = folder.results.label(name.file, name.target)
        try:
            found = await self._run(folder, name)
        except (InterpreterError, UnusableInterpreterError) as error:
            return _sentence(str(error))
        if found is None:
            return _sentence(f"{label} does not export: its problems are shown in the code.")
        return graph_document(label, *found)

    async def _run(self, folder: Folder, name: GraphName) -> tuple[Graph, Outcome] | None:
        check = folder.selection.check_for(name.file)
        if check is None:
            return None
        after = _STAGES[name.level]
        stages = tuple(each for each in STAGES if each in after or not TABLE[each].after_export)
        check = replace(
            check, run=next(run_numbers), stages=stages, only=(name.target,), graph=name.level
        )
        graph, outcome = None, None
        async with (
            self._slots.taken(Need(Urgency.SHOWN)),
            aclosing(folder.checker.carry_out(check)) as events,
        ):
            async for event in events:
                if isinstance(event, Graph) and event.target == name.target:
                    graph = event
                elif isinstance(event, TargetEnded) and event.outcome.target == name.target:
                    outcome = event.outcome
        return (graph, outcome) if graph is not None and outcome is not None else None


def _sentence(text: str) -> tuple[GraphLine, ...]:
    return (GraphLine(f"# {text}"),)


def _covers(outer: Location, inner: Location) -> bool:
    return outer.file == inner.file and outer.start <= inner.start and inner.end <= outer.end
