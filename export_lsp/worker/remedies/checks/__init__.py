"""`check`: conditions over live variables that answer a data-dependent guard."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from typing import Any

from export_lsp.protocol import Location, Remedy
from export_lsp.source import Source
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import comparisons
from export_lsp.worker.places.symbol_origins import Origin
from export_lsp.worker.private.symbolic_shapes import Number, Question
from export_lsp.worker.remedies.checks import live_terms, new_names
from export_lsp.worker.remedies.checks.conditions import conditions
from export_lsp.worker.user_code.workspace import Workspace

GROUP = "the check"
NUMBER = re.compile(r"(?<![\w.\[])\d+")


def remedies(
    question: Question,
    answer: Number | None,
    frames: Iterable[tuple[Frame, dict[str, Any]]],
    origins: Mapping[str, Origin],
    workspace: Workspace,
) -> tuple[Remedy, ...]:
    """Checks of what the example says; both sides where it says nothing.

    They are for the innermost of the user's frames, with its local variables, that has names for
    all that the guard is about, or whose statement makes what has none.
    """
    if not question.is_truth:
        return ()
    sides = (True, False) if answer is None else (bool(answer),)
    for frame, variables in frames:
        source = workspace.source(frame.location.file)
        if source is None:
            continue
        terms = live_terms.terms(variables, source.excerpt(frame.location))
        new = [
            each
            for each in new_names.new_names(_symbols(question), origins, frame, source, variables)
            if not any(each.symbol in term.free_symbols for term, _ in terms)
        ]
        terms += [(each.symbol, each.text) for each in new]
        found = tuple(
            Remedy(
                "check",
                frame.location,
                "\n".join(stated),
                tuple(each.replacement for each in new if each.text in "\n".join(stated)),
                f"{GROUP} {side}",
            )
            for side in sides
            for stated in _ways(
                conditions(question.expression, side, terms), source, frame.location, side
            )
        )
        if found:
            return found
    return ()


def _symbols(question: Question) -> list[Any]:
    return sorted(question.expression.free_symbols, key=str)


def _ways(
    stated: list[list[str]], source: Source, location: Location, side: bool
) -> list[list[str]]:
    """Before the conditions that a guard makes the user's own comparison, if that has names for
    numbers which are but numbers in the guard: `n <= self.limit`."""
    compared = comparisons.comparison(source, location)
    if not stated or compared is None or len(compared.ops) != 1:
        return stated
    own = comparisons.comparison_text(compared, holds=side)
    calls = (node for node in ast.walk(ast.parse(own)) if isinstance(node, ast.Call))
    named = NUMBER.findall(" ".join(stated[0])) != NUMBER.findall(own)
    if len(stated[0]) > 1 or any(calls) or not named:
        return stated
    return [[own], *stated]
