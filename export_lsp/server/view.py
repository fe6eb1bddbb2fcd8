"""The view of a session that features answer from: problems, documents and capabilities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from lsprotocol import types

from export_lsp.engine.results.anchored import Lines
from export_lsp.engine.results.file_costs import COSTS
from export_lsp.engine.results.file_values import VALUES
from export_lsp.engine.results.owner_result import Offer
from export_lsp.engine.results.store import Results
from export_lsp.findings import Problem
from export_lsp.protocol import Location, Value
from export_lsp.server.current import Current
from export_lsp.server.editor.client import Client, Supports
from export_lsp.server.editor.documents import Document, Documents, path_of
from export_lsp.server.editor.encodings import to_client
from export_lsp.server.file_verdicts import FileVerdicts
from export_lsp.server.folder import Folder, innermost
from export_lsp.server.graphs import Graphs
from export_lsp.server.joined import JoinedCosts, joined_costs, joined_values
from export_lsp.server.problems import Shown, applied_fixes, current_lines, problems_in
from export_lsp.settings.schema import InsightHints


class View:
    """A view of one session.  It is all in memory: nothing here waits, or starts a check.

    A problem that checks of several folders have found is one problem.  The settings of the folder
    that its file is in decide how severe it is.
    """

    def __init__(
        self,
        client: Client,
        documents: Documents,
        folders: Mapping[Path, Folder],
        graphs: Graphs,
    ) -> None:
        self.client = client
        self.graphs = graphs
        self.documents = documents
        self._folders = folders
        self._values = Current(VALUES, joined_values, lambda: self.results, documents)
        self._costs = Current(COSTS, joined_costs, lambda: self.results, documents)
        self.hints_are_hidden = False
        self.verdicts = FileVerdicts(documents, folders)

    @property
    def folders(self) -> list[Folder]:
        """The workspace folders."""
        return list(self._folders.values())

    @property
    def supports(self) -> Supports:
        """The client's capabilities."""
        return self.client.supports

    @property
    def results(self) -> list[Results]:
        """The results of each folder."""
        return [folder.results for folder in self._folders.values()]

    # --- problems ----------------------------------------------------------------------------

    def shown_in(self, file: str) -> list[Shown]:
        """Return the problems of a file, with the findings behind them.

        For a file outside all folders the settings are those of the first folder with a finding
        in it.
        """
        finding = (path for path, each in self._folders.items() if file in each.results.files())
        home = innermost(Path(file), self._folders) or next(finding, None)
        if home is None:
            return []
        settings = self._folders[home].checker.settings
        return problems_in(file, self.results, self.documents, settings)

    def problems_in(self, file: str) -> list[Problem]:
        """Return the problems of a file."""
        return [shown.problem for shown in self.shown_in(file)]

    def problems(self) -> Iterator[Problem]:
        """Iterate over the problems of all files."""
        for file in sorted({file for each in self.results for file in each.files()}):
            yield from self.problems_in(file)

    def is_being_checked(self, owner: Path) -> bool:
        """Return whether a check or a search for fixes of a file goes on, or waits for its turn."""
        return any(owner in each.schedule.busy for each in self._folders.values())

    def has_part_of(self, offer: Offer) -> bool:
        """Return whether any edit of a fix is in the open documents."""
        return applied_fixes(self.documents).has_part_of(offer.anchored)

    def files_shown_with(self, file: str) -> set[str]:
        """Return a file, and those whose problems depend on its text: it may have their fix."""
        return {file}.union(*(each.files_fixed_in(file) for each in self.results))

    def untrusted_hint(self, file: str) -> str | None:
        """Return why an open file is not checked, None unless its folder is not trusted."""
        home = innermost(Path(file), self._folders)
        return self._folders[home].untrusted_hint(Path(file)) if home is not None else None

    # --- values ------------------------------------------------------------------------------

    def values(self, document: Document) -> tuple[Value, ...]:
        """Return the values that traces had in an open document, in the order of their places."""
        return self._values.of(document)

    def costs(self, document: Document) -> JoinedCosts:
        """Return the operators and costs that checks have found in an open document."""
        return self._costs.of(document)

    def insight_hints(self, document: Document) -> InsightHints:
        """Return which of a document's names have hints, by the settings of its folder."""
        home = innermost(document.path, self._folders)
        return self._folders[home].checker.settings.insight_hints if home is not None else "changes"

    # --- files -------------------------------------------------------------------------------

    def document(self, uri: str) -> Document | None:
        """Return an open document, None if there is none with this URI."""
        return self.documents.get(path_of(uri))

    def lines(self, file: str) -> Lines:
        """Return the lines of a file as the client has them."""
        return current_lines(self.documents, file)

    def name(self, file: str) -> str:
        """Return a file's path relative to its workspace folder."""
        home = innermost(Path(file), self._folders)
        return Path(file).relative_to(home).as_posix() if home is not None else file

    def range(self, location: Location) -> types.Range:
        """Return a location's range as the client counts it."""
        lines, encoding = self.lines(location.file), self.documents.encoding
        start, end = (to_client(lines, each, encoding) for each in (location.start, location.end))
        return types.Range(start, end)
