"""What the editor is told of findings: diagnostics, hovers and code actions, of all folders."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lsprotocol import types

from export_lsp.engine.results.store import Results
from export_lsp.findings import Problem
from export_lsp.fixes.ranking import ranked_offers
from export_lsp.server.client import Client
from export_lsp.server.documents import Documents, path_of
from export_lsp.server.features.code_actions import FIX_ALL, Actions, Fixable, touching, wanted
from export_lsp.server.features.code_lenses import lenses
from export_lsp.server.features.diagnostics import (
    current_lines,
    findings_in,
    problems_in,
    to_diagnostic,
)
from export_lsp.server.features.hover import Names, hover_at
from export_lsp.server.folder import Folder


def home_of(file: Path, folders: Iterable[Path]) -> Path | None:
    """The innermost of the folders that a file is in."""
    around = [path for path in folders if file.is_relative_to(path)]
    return max(around, key=lambda path: len(path.parts), default=None)


class Answers:
    """Answers from memory; a problem is one, whichever folders' checks have found it.

    How severe it is says the folder that its file is in.
    """

    def __init__(
        self, client: Client, documents: Documents, folders: Mapping[Path, Folder]
    ) -> None:
        self._client = client
        self._documents = documents
        self._folders = folders

    def diagnostics(self, file: str) -> list[types.Diagnostic]:
        """All diagnostics of a file."""
        found = [self._diagnostic(problem) for problem in self._problems_in(file)]
        home = home_of(Path(file), self._folders)
        return found + (self._folders[home].hints(Path(file)) if home is not None else [])

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        """``textDocument/hover``"""
        document = self._documents.get(path_of(params.text_document.uri))
        if document is None:
            return None
        return hover_at(
            params.position,
            document,
            self._problems(),
            self._documents,
            Names(self._name, lambda file: current_lines(self._documents, file)),
            as_markdown=self._client.supports.markdown,
        )

    async def code_lenses(self, params: types.CodeLensParams) -> list[types.CodeLens]:
        """``textDocument/codeLens``; a long file is parsed beside what else there is to do."""
        document = self._documents.get(path_of(params.text_document.uri))
        if document is None:
            return []
        lines, encoding = list(document.lines), self._documents.encoding
        return await asyncio.to_thread(lenses, document.uri, lines, encoding)

    def code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """``textDocument/codeAction``"""
        document = self._documents.get(path_of(params.text_document.uri))
        if document is None or not self._client.supports.actions:
            return []
        actions = Actions(self._documents, self._client.supports)
        file, only = str(document.path), params.context.only
        found: list[types.CodeAction] = []
        if wanted(types.CodeActionKind.QuickFix.value, only):
            found += actions.quick_fixes(self._fixables(file, params.range))
        if wanted(FIX_ALL, only):
            found += actions.fix_all(whole for each in self._results for whole in each.wholes(file))
        return found

    def resolve(self, action: types.CodeAction) -> types.CodeAction:
        """``codeAction/resolve``: the edits of an action that was sent without them.

        Neovim (0.11) asks for every action that has no command.
        """
        if action.edit is not None:
            return action
        data = action.data if isinstance(action.data, dict) else {}
        offers = (each.offer_of(data.get("offer")) for each in self._results)
        offer = next((each for each in offers if each is not None), None)
        edit = Actions(self._documents, self._client.supports).edit(offer) if offer else None
        if edit is None:
            self._client.show(
                types.MessageType.Info, "The text has changed since this was offered."
            )
        action.edit = edit
        return action

    @property
    def _results(self) -> list[Results]:
        return [folder.results for folder in self._folders.values()]

    def _problems_in(self, file: str) -> list[Problem]:
        """The problems in a file, as its own folder's settings have them; those of a file that is
        in no folder as the settings of the first that has found some."""
        finding = (path for path, each in self._folders.items() if file in each.results.files())
        home = home_of(Path(file), self._folders) or next(finding, None)
        if home is None:
            return []
        settings = self._folders[home].checker.settings
        return problems_in(file, self._results, self._documents, settings)

    def _problems(self) -> Iterator[Problem]:
        """All problems that are shown, in all files."""
        for file in sorted({file for each in self._results for file in each.files()}):
            yield from self._problems_in(file)

    def _fixables(self, file: str, place: types.Range) -> Iterator[Fixable]:
        """The problems at a place, their diagnostics, and what is offered for them."""
        offered = list(findings_in(file, self._results, self._documents))
        if not any(offers for _, offers in offered):
            return
        for problem in self._problems_in(file):
            diagnostic = self._diagnostic(problem)
            if touching(diagnostic.range, place):
                yield problem, diagnostic, ranked_offers(problem, offered)

    def _diagnostic(self, problem: Problem) -> types.Diagnostic:
        return to_diagnostic(
            problem,
            lines=lambda name: current_lines(self._documents, name),
            uri=self._documents.uri_of,
            encoding=self._documents.encoding,
            supports=self._client.supports,
        )

    def _name(self, file: str) -> str:
        """A file's path in its workspace folder."""
        home = home_of(Path(file), self._folders)
        return Path(file).relative_to(home).as_posix() if home is not None else file
