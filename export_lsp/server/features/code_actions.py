"""Code actions: the offered fixes, as edits of the current documents (LSP 3.17, Code Action).

After the fixes of a problem comes the action that ignores it.

A fix whose text has changed since it was proved is left out: its edits would land in the wrong
place, and its proof no longer holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lsprotocol import types

from export_lsp import ignores
from export_lsp.engine.results.line_remapping import LineRemappings
from export_lsp.engine.results.owner_result import Offer
from export_lsp.fixes.ranking import ranked_offers
from export_lsp.protocol import Location, Position
from export_lsp.safe_text import for_editor
from export_lsp.server.features.diagnostics import diagnostic
from export_lsp.server.view import View

IGNORE = f"{types.CodeActionKind.QuickFix.value}.ignore"
FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.exportLsp"
OPTIONS = types.CodeActionOptions(
    code_action_kinds=[types.CodeActionKind.QuickFix.value, FIX_ALL], resolve_provider=True
)

# From this many characters of new text on, a fix's edits are sent when its action is chosen.
LARGE = 2000


def code_actions(view: View, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Return the actions offered in a range, and the fix of all problems of the file.

    ``textDocument/codeAction``
    """
    document = view.document(params.text_document.uri)
    if document is None or not view.supports.actions:
        return []
    file, only = str(document.path), params.context.only
    found: list[types.CodeAction] = []
    if is_wanted(types.CodeActionKind.QuickFix.value, only):
        found += _quick_fixes(view, file, params.range)
    if is_wanted(IGNORE, only):
        found += _ignoring(view, file, params.range)
    if is_wanted(FIX_ALL, only):
        found += _fix_all(view, file)
    return found


def resolve(view: View, action: types.CodeAction) -> types.CodeAction:
    """Add the edits of an action that was sent without them.

    ``codeAction/resolve``.  Neovim (0.11) resolves every action that has no command.
    """
    if action.edit is not None:
        return action
    data = action.data if isinstance(action.data, dict) else {}
    offers = (each.offer_of(data.get("offer")) for each in view.results)
    offer = next((each for each in offers if each is not None), None)
    action.edit = _workspace_edit(view, offer) if offer is not None else None
    if action.edit is None:
        view.client.show(types.MessageType.Info, "The text has changed since this was offered.")
    return action


def _quick_fixes(view: View, file: str, place: types.Range) -> Iterator[types.CodeAction]:
    """An action for each fix of the problems that a range touches."""
    offered = list(view.findings_in(file))
    if not any(offers for _, offers in offered):
        return
    for problem in view.problems_in(file):
        shown = diagnostic(view, problem)
        if not touch(shown.range, place):
            continue
        offers = ranked_offers(problem, offered)
        best = offers[0] if offers and offers[0].fix.is_safe else None
        for offer in offers:
            action = _action(view, offer, types.CodeActionKind.QuickFix.value)
            if action is not None:
                action.diagnostics = [shown]
                action.is_preferred = True if offer is best else None
                yield action


def _ignoring(view: View, file: str, place: types.Range) -> Iterator[types.CodeAction]:
    """An action for each problem that a range touches, which adds a comment that ignores it."""
    for problem in view.problems_in(file):
        shown = diagnostic(view, problem)
        if problem.rule == ignores.RULE or not touch(shown.range, place):
            continue
        found = ignores.insertion(problem.rule, problem.location, view.lines(file))
        if found is not None:
            where = Position(found.line, found.column)
            edit = types.TextEdit(view.range(Location(file, where, where)), found.text)
            yield types.CodeAction(
                f"Ignore `{problem.rule}` in this line",
                kind=IGNORE,
                diagnostics=[shown],
                edit=_as_workspace_edit(view, {file: [edit]}),
            )


def _fix_all(view: View, file: str) -> Iterator[types.CodeAction]:
    """One action that fixes all problems of a file's owner, if there is such a fix."""
    for results in view.results:
        for offer in results.fix_alls(file):
            if offer.fix.is_safe and not view.has_part_of(offer):
                action = _action(view, offer, FIX_ALL)
                if action is not None:
                    yield action
                    return


def _action(view: View, offer: Offer, kind: str) -> types.CodeAction | None:
    edit = _workspace_edit(view, offer)
    if edit is None:
        return None
    action = types.CodeAction(for_editor(offer.fix.title), kind=kind)
    is_large = sum(len(edit.text) for edit in offer.fix.edits) >= LARGE
    if is_large and view.supports.resolving:
        action.data = {"offer": offer.number}
    else:
        action.edit = edit
    return action


def _workspace_edit(view: View, offer: Offer) -> types.WorkspaceEdit | None:
    """The edits of a fix in the current texts; None if they no longer fit."""
    now = offer.anchored.now(LineRemappings(view.lines))
    if now is None:
        return None
    by_file: dict[str, list[types.TextEdit]] = {}
    for edit in now.value.edits:
        text_edit = types.TextEdit(view.range(edit.location), edit.text)
        by_file.setdefault(edit.location.file, []).append(text_edit)
    return _as_workspace_edit(view, by_file)


def _as_workspace_edit(
    view: View, by_file: Mapping[str, Sequence[types.TextEdit]]
) -> types.WorkspaceEdit:
    uri_of = view.documents.uri_of
    if not view.supports.document_changes:
        return types.WorkspaceEdit({uri_of(file): list(edits) for file, edits in by_file.items()})
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(uri_of(file), _version(view, file)),
                list(edits),
            )
            for file, edits in by_file.items()
        ]
    )


def _version(view: View, file: str) -> int | None:
    document = view.documents.get(Path(file))
    return document.version if document is not None else None


def touch(one: types.Range, other: types.Range) -> bool:
    """Return whether two ranges overlap or meet at an end."""
    return _key(one.start) <= _key(other.end) and _key(other.start) <= _key(one.end)


def _key(position: types.Position) -> tuple[int, int]:
    return position.line, position.character


def is_wanted(kind: str, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Return whether a client that asks for some kinds wants actions of one kind.

    Kinds form a hierarchy: "source" includes "source.fixAll.exportLsp".  A client that names no
    kinds shows the light bulb, which offers no source actions.
    """
    if not only:
        return not kind.startswith("source")
    asked = [str(getattr(each, "value", each)) for each in only]
    return any(kind == each or kind.startswith(f"{each}.") or not each for each in asked)
