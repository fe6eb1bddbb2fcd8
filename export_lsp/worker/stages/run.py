"""Run the model and its exported program on the example inputs and compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from torch.fx import Node

from export_lsp.protocol import Finding
from export_lsp.worker.data.traced_program import ProgramOptions, TracedProgram
from export_lsp.worker.execution import values
from export_lsp.worker.graph import program_graph
from export_lsp.worker.private import errors
from export_lsp.worker.stages.numerics import fake_kernels
from export_lsp.worker.stages.numerics.explain import Explanations
from export_lsp.worker.stages.numerics.narrow import Recording, parting
from export_lsp.worker.stages.numerics.runs import (
    Outcome,
    Runs,
    UnknownStateError,
    exporting,
    same,
)
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.exception_text import USER_ERRORS, text_of

LeaveOut = Callable[[str], None]

NOT_FAITHFUL = "what was found while tracing makes the program differ from eager"
NO_VALUES = "the parameters are too large to be given values, or on a device that is not there"
NO_STATE = "the program has state without values"
MADE_UP = "the model fails in eager with values made up:"
NOT_ITSELF = "two eager runs with the same seed differ"
AS_MEANT = "the model is meant to do something else while it is exported"
ROUNDING = "a difference by rounding is enlarged by an index or comparison"


def check(
    exported: TracedProgram, declaration: Declaration, options: ProgramOptions
) -> Iterator[Finding]:
    """Run the program and the model in eager on the example inputs, and yield the differences.

    `options.leave_out` gets the reason if they are not compared.
    """
    leave_out = options.leave_out
    built, program = declaration.built, exported.program
    if not exported.faithful:
        leave_out(NOT_FAITHFUL)
        return
    if program_graph.lacks_data(program):
        leave_out(NO_STATE)
        return
    if not values.can_have_values(built.model, (built.args, built.kwargs or {})):
        leave_out(NO_VALUES)
        return
    runs = Runs(built, program)
    explain = Explanations(exported, declaration)
    try:
        eagerly = runs.eager()
    except USER_ERRORS as error:
        # Export needs no values, so what fails on them has not been said.  What fails on values
        # that are made up may work on the model's own.
        if (runs.values_are_made_up and not isinstance(error, IndexError)) or errors.wants_cuda(
            text_of(error)
        ):
            leave_out(f"{MADE_UP} {error!r}")
        else:
            yield from explain.eager_failure(error)
        return
    lies: list[tuple[Node, str]] = []

    def seen(node: Node, result: Any) -> None:
        told = fake_kernels.lie(node, result)
        if told is not None:
            lies.append((node, told))

    try:
        exportedly = runs.program(seen)
    except UnknownStateError:
        leave_out(NO_STATE)
        return
    except USER_ERRORS as error:
        yield from explain.lies(lies) or explain.program_failure(error)
        return
    if lies:
        yield from explain.lies(lies)
    elif not same(eagerly, exportedly):
        yield from _different(runs, eagerly, exportedly, declaration, explain, leave_out)


def _different(
    runs: Runs,
    eagerly: Outcome,
    exportedly: Outcome,
    declaration: Declaration,
    explain: Explanations,
    leave_out: LeaveOut,
) -> Iterator[Finding]:
    """The finding for another result, if it is the export that makes the difference."""
    functions, nodes = Recording(declaration.workspace), Recording(declaration.workspace)
    try:
        itself = same(eagerly, runs.eager(functions.eager()))
    except USER_ERRORS:
        itself = False
    if not itself:
        leave_out(NOT_ITSELF)
        return
    if _meant(runs, exportedly):
        leave_out(AS_MEANT)
        return
    runs.program(nodes.node)
    place = parting(functions, nodes)
    if place is not None and place.rounding:
        leave_out(ROUNDING)
        return
    yield explain.difference(eagerly, exportedly, place)


def _meant(runs: Runs, exportedly: Outcome) -> bool:
    """Whether the model does what the program does when it is told that it is exported."""
    try:
        return same(runs.eager(exporting()), exportedly)
    except USER_ERRORS:
        return False
