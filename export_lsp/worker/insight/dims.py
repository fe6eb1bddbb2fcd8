"""The sizes that an exported program accepts, as facts about dimensions in the user's names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.export import ExportedProgram

from export_lsp.protocol import DimFact, Location
from export_lsp.worker.execution.smaller_inputs import traced_inputs
from export_lsp.worker.insight.accepted_sizes import AcceptedSizes, LateError
from export_lsp.worker.insight.size_names import UNKNOWN, SizeNames
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.private.size_rules import Condition, size_rules


@dataclass(frozen=True)
class Dims:
    """The facts about the dimensions, and the conditions that couple them, in the user's names."""

    facts: tuple[DimFact, ...] = ()
    conditions: tuple[str, ...] = ()


def dims(program: ExportedProgram, names: SizeNames, tracker: SymbolTracker) -> Dims:
    """Return the facts about the dimensions of a program's inputs.

    There are none if some rule of the program cannot be evaluated.

    Args:
        program: The program.
        names: The names of its sizes.
        tracker: Where its trace has added guards.
    """
    inputs = [each for each in traced_inputs(program) if isinstance(each, torch.Tensor)]
    rules = size_rules(program, inputs)
    if rules is None:
        return Dims()
    try:
        search = AcceptedSizes(rules)
        facts = [
            DimFact(text, *fact, because=_because(search.imposing(name), tracker))
            for name, symbol in rules.symbols.items()
            if (text := names.text_of(symbol)) != UNKNOWN
            and (fact := search.fact(name)) is not None
        ]
        texts = [names.condition(each.expression) for each in search.told()]
    except LateError:
        return Dims()
    return Dims(tuple(facts), tuple(dict.fromkeys(filter(None, texts))))


def _because(conditions: Sequence[Condition], tracker: SymbolTracker) -> tuple[Location, ...]:
    """Return the user's expressions that have added guards."""
    wanted = {each.guard for each in conditions}
    places = (guard.stack.innermost for guard in tracker.guards if guard.expression in wanted)
    return tuple(dict.fromkeys(place for place in places if place is not None))
