"""The values that checks have reported about open documents, at their current places."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from export_lsp.engine.results.anchored import Kind
from export_lsp.engine.results.line_remapping import LineRemappings
from export_lsp.engine.results.owner_result import Reported
from export_lsp.engine.results.store import Results
from export_lsp.server.editor.documents import Document, Documents


class AboutFile(Protocol):
    """A value about one file."""

    @property
    def file(self) -> str: ...


T = TypeVar("T", bound=AboutFile)
J = TypeVar("J")


class Current(Generic[T, J]):
    """The knowledge about open documents, found anew when a document or a result has changed.

    Args:
        kind: The kind of the reported values, each of which is about one file.
        joined: Joins the values of one file that different targets have.
        results: Returns the results of all workspace folders.
        documents: The open documents.
    """

    def __init__(
        self,
        kind: Kind[T],
        joined: Callable[[Iterable[T]], J],
        results: Callable[[], Sequence[Results]],
        documents: Documents,
    ) -> None:
        self._kind = kind
        self._joined = joined
        self._results = results
        self._documents = documents
        self._known: dict[Path, _Known[T, J]] = {}

    def of(self, document: Document) -> J:
        """Return the knowledge about a document."""
        reported = tuple(self._reported(str(document.path)))
        known = self._known.get(document.path)
        if known is None or not known.rests_on(document, reported):
            self._drop_closed()
            found = self._joined(self._moved(reported, document))
            known = _Known(document, document.version, reported, found)
            self._known[document.path] = known
        return known.found

    def _reported(self, file: str) -> Iterator[Reported[T]]:
        for each in self._results():
            for _, result in each.items():
                yield from (found for found in result.of(self._kind) if found.value.file == file)

    def _moved(self, reported: Sequence[Reported[T]], document: Document) -> Iterator[T]:
        remappings = LineRemappings(lambda _: document.lines)
        for each in reported:
            now = each.anchored.now(remappings)
            if now is not None:
                yield now.value

    def _drop_closed(self) -> None:
        for path in [path for path in self._known if self._documents.get(path) is None]:
            del self._known[path]


@dataclass(frozen=True)
class _Known(Generic[T, J]):
    """The knowledge about a document of some version, found from these reported values."""

    document: Document
    version: int
    reported: tuple[Reported[T], ...]
    found: J

    def rests_on(self, document: Document, reported: tuple[Reported[Any], ...]) -> bool:
        """Return whether these are the same objects; to compare their contents takes longer."""
        return (
            self.document is document
            and self.version == document.version
            and len(self.reported) == len(reported)
            and all(map(operator.is_, self.reported, reported))
        )
