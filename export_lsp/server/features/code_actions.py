"""Code actions: the offered fixes, as edits of the current documents (LSP 3.17, Code Action).

After the fixes of a problem, or the reason why there is none, come the actions that explain its
rule, show torch's own text, ignore it, and set its severity.

A fix whose text has changed since it was proved is left out: its edits would land in the wrong
place, and its proof no longer holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsprotocol import types

from export_lsp.engine.results.owner_result import Offer
from export_lsp.findings import Problem
from export_lsp.fixes.ranking import ranked_offers
from export_lsp.safe_text import for_editor
from export_lsp.server.features import dynamic_shapes_action
from export_lsp.server.features.diagnostics import diagnostic
from export_lsp.server.features.example_inputs_action import adding
from export_lsp.server.features.problem_actions import (
    absent_fix,
    detail,
    explanation,
    ignoring,
    severity,
)
from export_lsp.server.features.workspace_edits import edit_of
from export_lsp.server.problems import Shown
from export_lsp.server.view import View

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.exportLsp"
OPTIONS = types.CodeActionOptions(
    code_action_kinds=[types.CodeActionKind.QuickFix.value, dynamic_shapes_action.KIND, FIX_ALL],
    resolve_provider=True,
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
    found = [
        *_of_problems(view, file, params.range),
        *dynamic_shapes_action.adding(view, document, params.range),
        *_fix_all(view, file),
    ]
    return [each for each in found if is_wanted(str(each.kind), only)]


def resolve(view: View, action: types.CodeAction) -> types.CodeAction:
    """Add the edits of an action that was sent without them.

    ``codeAction/resolve``.  Editors resolve others as well: Neovim (0.11) those without a command,
    VS Code those without edits.
    """
    data = action.data if isinstance(action.data, dict) else {}
    if action.edit is not None or "offer" not in data:
        return action
    offers = (each.offer_of(data.get("offer")) for each in view.results)
    offer = next((each for each in offers if each is not None), None)
    action.edit = edit_of(view, offer) if offer is not None else None
    if action.edit is None:
        view.client.show(types.MessageType.Info, "The text has changed since this was offered.")
    return action


def _of_problems(view: View, file: str, place: types.Range) -> Iterator[types.CodeAction]:
    """The actions of the problems that a range touches: all fixes, and then the others."""
    touched = [
        (shown, made)
        for shown in view.shown_in(file)
        if touch((made := diagnostic(view, shown)).range, place)
    ]
    for shown, made in touched:
        for action in _fixes(view, shown):
            action.diagnostics = [made]
            yield action
    of_rules: set[str] = set()
    for shown, made in touched:
        for action in _others(view, shown.problem):
            # One for each problem, but only one for each rule.
            if action.edit is not None or action.title not in of_rules:
                of_rules.add(action.title)
                action.diagnostics = [made]
                yield action


def _fixes(view: View, shown: Shown) -> Iterator[types.CodeAction]:
    """The fixes of a problem that can be applied, or else why there is none."""
    offers = ranked_offers(shown.problem, [source.offered for source in shown.sources])
    best = offers[0] if offers and offers[0].fix.is_safe else None
    has_fix = False
    for offer in offers:
        action = _action(view, offer, types.CodeActionKind.QuickFix.value)
        if action is not None:
            action.is_preferred = True if offer is best else None
            has_fix = True
            yield action
    if not has_fix and (absent := absent_fix(view, shown)) is not None:
        yield absent


def _others(view: View, problem: Problem) -> Iterator[types.CodeAction]:
    yield from adding(view, problem)
    yield explanation(problem)
    yield from detail(view, problem)
    yield from ignoring(view, problem)
    yield severity(view, problem)


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
    edit = edit_of(view, offer)
    if edit is None:
        return None
    action = types.CodeAction(for_editor(offer.fix.title), kind=kind)
    is_large = sum(len(edit.text) for edit in offer.fix.edits) >= LARGE
    if is_large and view.supports.resolving:
        action.data = {"offer": offer.number}
    else:
        action.edit = edit
    return action


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
