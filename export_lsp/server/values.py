"""The values that a file shows: those of all traces, at their current places."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from export_lsp.engine.results.file_values import VALUES, FileValues
from export_lsp.engine.results.line_remapping import LineRemappings
from export_lsp.engine.results.owner_result import Reported
from export_lsp.engine.results.store import Results
from export_lsp.protocol import Value
from export_lsp.server.editor.documents import Document, Documents

# No further type is added to a text of this length: the place is in the traces of many targets.
LONGEST = 200


class CurrentValues:
    """The values of open documents; they are found anew when a document or a result has changed.

    `results` returns the results of all workspace folders.
    """

    def __init__(self, results: Callable[[], Sequence[Results]], documents: Documents) -> None:
        self._results = results
        self._documents = documents
        self._known: dict[Path, _Known] = {}

    def of(self, document: Document) -> tuple[Value, ...]:
        """Return the values of a document, each place once, in the order of their places."""
        reported = tuple(self._reported(str(document.path)))
        known = self._known.get(document.path)
        if known is None or not known.rests_on(document, reported):
            self._drop_closed()
            known = _Known(document, document.version, reported, self._moved(reported, document))
            self._known[document.path] = known
        return known.values

    def _reported(self, file: str) -> Iterator[Reported[FileValues]]:
        for each in self._results():
            for _, result in each.items():
                yield from (found for found in result.of(VALUES) if found.value.file == file)

    def _moved(
        self, reported: Sequence[Reported[FileValues]], document: Document
    ) -> tuple[Value, ...]:
        remappings = LineRemappings(lambda _: document.lines)
        found: dict[object, Value] = {}
        for each in reported:
            now = each.anchored.now(remappings)
            for value in now.value.values if now is not None else ():
                place = value.location, value.name
                found[place] = _joined(found[place], value) if place in found else value
        return tuple(sorted(found.values(), key=lambda value: value.location.start))

    def _drop_closed(self) -> None:
        for path in [path for path in self._known if self._documents.get(path) is None]:
            del self._known[path]


@dataclass(frozen=True)
class _Known:
    """The values of a document of some version, found from these reported ones."""

    document: Document
    version: int
    reported: tuple[Reported[FileValues], ...]
    values: tuple[Value, ...]

    def rests_on(self, document: Document, reported: tuple[Reported[FileValues], ...]) -> bool:
        """Return whether these are the same objects; to compare their contents takes longer."""
        return (
            self.document is document
            and self.version == document.version
            and len(self.reported) == len(reported)
            and all(map(operator.is_, self.reported, reported))
        )


def _joined(one: Value, other: Value) -> Value:
    """Return the value of one place in the traces of two targets."""
    calls = max(one.calls, other.calls)
    if f"|{other.text}|" in f"|{one.text}|" or len(one.text) > LONGEST:
        return replace(one, calls=calls)
    return replace(one, text=f"{one.text}|{other.text}", calls=calls)
