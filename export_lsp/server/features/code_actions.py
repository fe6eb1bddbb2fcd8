"""Code actions: the fixes that were offered, as edits of the documents as they are now.

Everything is answered from memory.  A fix whose text has changed since it was proved is dropped:
its edits would land in the wrong place, and its proof says nothing any more.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types

from export_lsp.engine.results.line_remapping import LineRemappings
from export_lsp.engine.results.owner_result import Offer
from export_lsp.findings import Problem
from export_lsp.plain import uncommanding
from export_lsp.server.client import Supports
from export_lsp.server.documents import Documents
from export_lsp.server.encodings import to_client
from export_lsp.server.features.diagnostics import current_lines

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.exportLsp"
KINDS = (types.CodeActionKind.QuickFix.value, FIX_ALL)

# From so many characters of new text on, edits are made when an action is chosen.
LARGE = 2000

# A problem, its diagnostic as it was published, and what is offered for it, the likeliest first.
Fixable = tuple[Problem, types.Diagnostic, Sequence[Offer]]


@dataclass(frozen=True)
class Actions:
    """Makes actions for a client."""

    documents: Documents
    supports: Supports

    def quick_fixes(self, fixables: Iterable[Fixable]) -> Iterator[types.CodeAction]:
        """An action for each fix of the problems."""
        for _, diagnostic, offers in fixables:
            best = offers[0] if offers and offers[0].fix.proof != "unverified" else None
            for offer in offers:
                action = self._action(offer, types.CodeActionKind.QuickFix.value)
                if action is not None:
                    action.diagnostics = [diagnostic]
                    action.is_preferred = True if offer is best else None
                    yield action

    def fix_all(self, wholes: Iterable[Offer]) -> Iterator[types.CodeAction]:
        """One action for all that is wrong in a file."""
        for offer in wholes:
            if offer.fix.proof != "unverified":
                action = self._action(offer, FIX_ALL)
                if action is not None:
                    yield action
                    return

    def _action(self, offer: Offer, kind: str) -> types.CodeAction | None:
        edit = self.edit(offer)
        if edit is None:
            return None
        action = types.CodeAction(uncommanding(offer.fix.title), kind=kind)
        large = sum(len(edit.text) for edit in offer.fix.edits) >= LARGE
        if large and self.supports.resolving:
            action.data = {"offer": offer.number}
        else:
            action.edit = edit
        return action

    def edit(self, offer: Offer) -> types.WorkspaceEdit | None:
        """The edits of a fix in the texts as they are now; None if they do not fit those."""
        by_file: dict[str, list[types.TextEdit]] = {}
        lines = functools.partial(current_lines, self.documents)
        now = offer.anchored.now(LineRemappings(lines))
        if now is None:
            return None
        for edit in now.value.edits:
            file = edit.location.file
            start, end = (
                to_client(now.texts[file], position, self.documents.encoding)
                for position in (edit.location.start, edit.location.end)
            )
            by_file.setdefault(file, []).append(types.TextEdit(types.Range(start, end), edit.text))
        uri = self.documents.uri_of
        if not self.supports.document_changes:
            return types.WorkspaceEdit({uri(file): edits for file, edits in by_file.items()})
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(uri(file), self._version(file)),
                    list(edits),
                )
                for file, edits in by_file.items()
            ]
        )

    def _version(self, file: str) -> int | None:
        document = self.documents.get(Path(file))
        return document.version if document is not None else None


def touching(one: types.Range, other: types.Range) -> bool:
    """Whether two ranges have a place in common, be it an end."""
    return _key(one.start) <= _key(other.end) and _key(other.start) <= _key(one.end)


def _key(position: types.Position) -> tuple[int, int]:
    return position.line, position.character


def wanted(kind: str, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Whether a client that asks for some kinds ("source") wants one ("source.fixAll.exportLsp").

    Without a list it is the light bulb that asks, which has no use for `source` actions.
    """
    if not only:
        return not kind.startswith("source")
    asked = [str(getattr(each, "value", each)) for each in only]
    return any(kind == each or kind.startswith(f"{each}.") or not each for each in asked)
