"""`check`: conditions for ``torch._check`` that answer a data-dependent guard.

- ``live_terms`` finds names for the sizes and numbers in a frame's local variables.
- ``new_names`` proposes names for expressions whose sizes no variable has.
- ``conditions`` writes the guard as Python conditions in these names.
- ``other_side`` tells if the code takes inputs for which the conditions do not hold.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from export_lsp.protocol import Location, Remedy
from export_lsp.source import Source
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import comparisons
from export_lsp.worker.places.symbol_origins import Origin
from export_lsp.worker.private.symbolic_shapes import Number, Question
from export_lsp.worker.remedies.checks import live_terms, other_side
from export_lsp.worker.remedies.checks.conditions import conditions
from export_lsp.worker.remedies.checks.new_names import NewName, new_names
from export_lsp.worker.user_code import libraries
from export_lsp.worker.user_code.workspace import Workspace

GROUP = "the check"
# Not the number of a dimension, as in `x.shape[0]` and `x.size(0)`.
NUMBER = re.compile(r"(?<![\w.\[(])\d+")


def remedies(
    question: Question,
    answer: Number | None,
    frames: Iterable[tuple[Frame, dict[str, Any]]],
    origins: Mapping[str, Origin],
    workspace: Workspace,
    guard: Location | None = None,
) -> tuple[Remedy, ...]:
    """Return the checks that let a trace pass a guard.

    Args:
        question: The guard.
        answer: Its value on the example inputs, with which the checks agree.  If it is None, there
            are checks for both answers.
        frames: The user's frames on the stack with their local variables, innermost first.
        origins: Where the guard's unbacked symbols were made, by symbol.
        workspace: The user's files.
        guard: The code of the user's or of a library that asks for the answer.

    Returns:
        The checks for the innermost frame that has names for all symbols of the guard, be it by
        naming an expression in its statement.
    """
    if not question.is_truth:
        return ()
    answers = (True, False) if answer is None else (bool(answer),)
    for frame, variables in frames:
        source = workspace.source(frame.location.file)
        if source is None:
            continue
        terms = live_terms.terms(variables, source.excerpt(frame.location))
        added = [
            name
            for name in new_names(_symbols(question), origins, frame, source, variables)
            if not any(name.symbol in expression.free_symbols for expression, _ in terms)
        ]
        terms += [(name.symbol, name.text) for name in added]
        found = tuple(
            Remedy(
                "check",
                frame.location,
                "\n".join(stated),
                tuple(name.replacement for name in added if _uses(stated, name)),
                f"{GROUP} {side}",
                data=_data(guard or frame.location, side, workspace),
            )
            for side in answers
            for stated in _with_own_comparison(
                conditions(question.expression, side, terms), source, frame.location, side, added
            )
        )
        if found:
            return found
    return ()


def _data(guard: Location, side: bool, workspace: Workspace) -> dict[str, str]:
    source = workspace.source(guard.file)
    if source is None and libraries.package_of(guard.file):
        source = libraries.source(guard.file)
    taken = source is not None and other_side.is_taken(source, guard, side)
    return {"others": "taken"} if taken else {}


def _uses(stated: Iterable[str], name: NewName) -> bool:
    word = re.compile(rf"\b{name.replacement.text}\b")
    return any(word.search(condition) for condition in stated)


def _symbols(question: Question) -> list[Any]:
    return sorted(question.expression.free_symbols, key=str)


def _with_own_comparison(
    stated: list[list[str]],
    source: Source,
    location: Location,
    side: bool,
    added: Sequence[NewName],
) -> list[list[str]]:
    """Put the user's own comparison first, if it has names where the guard has plain numbers.

    For `n <= self.limit` the guard is `n <= 8`.  Code that makes a size out of data would make
    another one in a check: there it has its new name, unless torch knows the size again.
    """
    compared = comparisons.comparison(source, location)
    if not stated or compared is None or len(compared.ops) != 1 or len(stated[0]) > 1:
        return stated
    own = comparisons.comparison_text(compared, holds=side)
    has_names = NUMBER.findall(" ".join(stated[0])) != NUMBER.findall(own)
    if not has_names:
        return stated
    named = own
    for name in added:
        maker = ast.unparse(ast.parse(source.excerpt(name.replacement.location), mode="eval"))
        named = named.replace(maker, name.replacement.text)
    ways = [own] if named == own or all(map(_is_known_again, _makers(source, added))) else []
    ways += [named] if named != own else []
    return [*([way] for way in ways), *stated]


def _makers(source: Source, added: Iterable[NewName]) -> Iterator[ast.expr | None]:
    return (source.expression_at(name.replacement.location) for name in added)


def _is_known_again(maker: ast.expr | None) -> bool:
    """Return whether torch gives a selection the same size when it is made again.

    It remembers the size with the tensor that selects, which must not be made again itself.
    """
    if isinstance(maker, ast.Subscript):
        selects: ast.expr = maker.slice
    elif isinstance(maker, ast.Call) and isinstance(maker.func, ast.Attribute):
        selects = maker.args[0] if maker.args else maker.func.value
    else:
        return False
    return isinstance(selects, (ast.Name, ast.Attribute))
