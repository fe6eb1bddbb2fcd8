"""`check`: conditions over live variables that answer a data-dependent guard."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from export_lsp.protocol import Remedy
from export_lsp.worker.locate import Frame
from export_lsp.worker.private.symbolic_shapes import Number, Question
from export_lsp.worker.remedies import live
from export_lsp.worker.remedies.conditions import conditions
from export_lsp.worker.workspace import Workspace

GROUP = "the check"


def remedies(
    question: Question,
    answer: Number | None,
    frames: Iterable[tuple[Frame, dict[str, Any]]],
    workspace: Workspace,
) -> tuple[Remedy, ...]:
    """Checks of what the example says; both sides where it says nothing.

    They are for the innermost of the user's frames, with its local variables, that has names for
    all that the guard is about.
    """
    if not question.is_truth:
        return ()
    sides = (True, False) if answer is None else (bool(answer),)
    for frame, variables in frames:
        source = workspace.source(frame.location.file)
        near = source.excerpt(frame.location) if source is not None else ""
        terms = live.terms(variables, near)
        found = tuple(
            Remedy("check", frame.location, "\n".join(stated), group=f"{GROUP} {side}")
            for side in sides
            for stated in conditions(question.expression, side, terms)
        )
        if found:
            return found
    return ()
