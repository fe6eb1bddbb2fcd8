"""Run the model and its exported program on the example inputs and compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import torch
from torch.fx import Node

from export_lsp.protocol import Finding, Location
from export_lsp.worker import graph, locate, values
from export_lsp.worker.declaration import Declaration
from export_lsp.worker.exported import Exported
from export_lsp.worker.failure import USER_ERRORS, Failure, memory_finding, reason
from export_lsp.worker.names import Symbols
from export_lsp.worker.private import errors
from export_lsp.worker.returned import returned
from export_lsp.worker.stages.capture import eager
from export_lsp.worker.stages.capture.sentences import shortened
from export_lsp.worker.stages.numerics import fake_kernels
from export_lsp.worker.stages.numerics.close import all_close, close, difference
from export_lsp.worker.stages.numerics.narrow import Parting, Recording, parting
from export_lsp.worker.stages.numerics.runs import Outcome, Runs, UnknownStateError, exporting
from export_lsp.worker.torch_text import without_symbols

Log = Callable[[str], None]

NO_VALUES = (
    "`run` is left out: the parameters are too large to be given values, or on a device that is"
    " not there"
)
NO_STATE = "`run` is left out: the program has state without values"
NOT_ITSELF = "`run` is left out: two eager runs with the same seed differ"
AS_MEANT = "`run` is left out: the model is meant to do something else while it is exported"
ROUNDING = "`run` is left out: a difference by rounding is enlarged by an index or comparison"
ADVICE = (
    "tracing took something that changes from call to call for a constant, or another way through"
    " the code; make what varies an input, a buffer or a torch operation"
)


def check(exported: Exported, declaration: Declaration, log: Log) -> Iterator[Finding]:
    built, program = declaration.built, exported.program
    if graph.lacks_data(program):
        log(NO_STATE)
        return
    if not values.fit(built.model, (built.args, built.kwargs or {})):
        log(NO_VALUES)
        return
    run = _Run(exported, declaration)
    try:
        eagerly = run.runs.eager()
    except USER_ERRORS as error:
        yield from run.fails_in_eager(error, log)
        return
    lies: list[tuple[Node, str]] = []

    def seen(node: Node, result: Any) -> None:
        told = fake_kernels.lie(node, result)
        if told is not None:
            lies.append((node, told))

    try:
        exportedly = run.runs.program(seen)
    except UnknownStateError:
        log(NO_STATE)
        return
    except USER_ERRORS as error:
        yield from run.lying(lies) or run.fails(error)
        return
    if lies:
        yield from run.lying(lies)
    elif not _same(eagerly, exportedly):
        yield from run.differs(eagerly, exportedly, log)


def _same(eagerly: Outcome, exportedly: Outcome) -> bool:
    return all_close(eagerly.outputs, exportedly.outputs) and not _changed(eagerly, exportedly)


def _changed(eagerly: Outcome, exportedly: Outcome) -> list[str]:
    """The buffers that the two leave different."""
    common = eagerly.buffers.keys() & exportedly.buffers.keys()
    return sorted(n for n in common if not close(eagerly.buffers[n], exportedly.buffers[n]))


class _Run:
    """One model and its program, and the findings about them."""

    def __init__(self, exported: Exported, declaration: Declaration) -> None:
        self.runs = Runs(declaration.built, exported.program)
        self._exported = exported
        self._declaration = declaration
        self._workspace = declaration.workspace

    def _failure(self, error: BaseException, frames: list[locate.Frame]) -> Failure:
        workspace = self._workspace
        target = self._declaration.target
        return Failure(
            error, "run", self._exported.mode, target, workspace, Symbols(workspace), frames
        )

    @property
    def _returned(self) -> Location | None:
        return returned(self._workspace, self._declaration.built)

    def fails_in_eager(self, error: BaseException, log: Log) -> list[Finding]:
        """Export needs no values, so what fails on them has not been said.

        What fails on values that are made up may work on the model's own.
        """
        failure = self._failure(error, locate.frames_of(error, self._workspace))
        memory = memory_finding(failure)
        if memory is not None:
            return [memory]
        made_up = self.runs.values_are_made_up and not isinstance(error, IndexError)
        if made_up or not failure.frames or errors.wants_cuda(failure.text):
            log(f"`run` is left out: the model fails in eager with values made up: {error!r}")
            return []
        return [eager.forward_error(failure, error)]

    def lying(self, lies: list[tuple[Node, str]]) -> list[Finding]:
        found: dict[Any, Finding] = {}
        for node, told in lies:
            frames = locate.frames_of_node(node, self._workspace)
            failure = self._failure(Exception(f"{node.target}: {told}"), frames)
            name = str(getattr(node.target, "namespace", "")) + "::" + _short(node)
            finding = failure.finding(
                "numerics-mismatch",
                f"`{name}` {told}; the exported program relies on the fake kernel, so correct"
                " what is registered with `torch.library.register_fake`",
            )
            found.setdefault((finding.location, name), finding)
        return list(found.values())

    def fails(self, error: BaseException) -> list[Finding]:
        failure = self._failure(error, locate.node_frames(error, self._workspace))
        memory = memory_finding(failure)
        if memory is not None:
            return [memory]
        why = without_symbols(reason(error))
        if failure.frames:
            message = (
                f"`{shortened(failure.expression)}` runs in eager and fails in the exported"
                f" program, on the example inputs: {why}"
            )
        else:
            message = f"The model runs on the example inputs and its exported program fails: {why}"
        place = None if failure.frames else self._returned
        return [failure.finding("numerics-mismatch", message, location=place)]

    def differs(self, eagerly: Outcome, exportedly: Outcome, log: Log) -> list[Finding]:
        """The finding for another result, if it is the export that makes the difference."""
        functions, nodes = Recording(self._workspace), Recording(self._workspace)
        again = self.runs.eager(functions.eager())
        if not _same(eagerly, again):
            log(NOT_ITSELF)
            return []
        if self._meant(exportedly):
            log(AS_MEANT)
            return []
        self.runs.program(nodes.node)
        place = parting(functions, nodes)
        if place is not None and place.rounding:
            log(ROUNDING)
            return []
        return [self._different(eagerly, exportedly, place)]

    def _meant(self, exportedly: Outcome) -> bool:
        """Whether the model does what the program does when it is told that it is exported."""
        try:
            return _same(self.runs.eager(exporting()), exportedly)
        except USER_ERRORS:
            return False

    def _different(self, eagerly: Outcome, exportedly: Outcome, place: Parting | None) -> Finding:
        what = _difference(eagerly, exportedly)
        failure = self._failure(Exception(what), place.frames if place is not None else [])
        if place is not None:
            return failure.finding("numerics-mismatch", self._told(failure, place))
        buffers = _changed(eagerly, exportedly)
        if buffers:
            frames = self._last_use(buffers[0])
            return replace(failure, frames=frames).finding(
                "numerics-mismatch",
                f"A call leaves other values in the buffer `{buffers[0]}` in eager than in the"
                " exported program; change the buffer in place (`copy_`)",
                location=None if frames else self._returned,
            )
        return failure.finding(
            "numerics-mismatch",
            f"The exported program gives {what}, on the example inputs: {ADVICE}",
            location=self._returned,
        )

    def _told(self, failure: Failure, place: Parting) -> str:
        expression = shortened(failure.expression)
        if place.astray:
            return (
                f"Export traced `{expression}`, and eager does not come here with the example"
                " inputs, so their results differ; a condition before it has another answer while"
                " export traces (an `except`, a test of a type or of a Python value)"
            )
        if self._draws(failure.location):
            return (
                f"`{expression}` draws other random numbers in the exported program than in eager,"
                " since a seed that is set in `forward` is not exported; hand the random numbers in"
            )
        return (
            f"`{expression}` gives other values in the exported program than in eager, on the"
            f" example inputs: {ADVICE}"
        )

    def _draws(self, location: Location) -> bool:
        """Whether the program draws random numbers at a place."""
        for node, operator in graph.operators(self._exported.program):
            if torch.Tag.nondeterministic_seeded in operator.tags:
                frames = locate.frames_of_node(node, self._workspace)
                if frames and frames[-1].location == location:
                    return True
        return False

    def _last_use(self, buffer: str) -> list[locate.Frame]:
        program = self._exported.program
        names = program.graph_signature.inputs_to_buffers
        for node in program.graph.nodes:
            if node.op == "placeholder" and names.get(node.name) == buffer:
                for user in reversed(list(node.users)):
                    frames = locate.frames_of_node(user, self._workspace)
                    if frames:
                        return frames
        return []


def _difference(eagerly: Outcome, exportedly: Outcome) -> str:
    ours, theirs = eagerly.outputs, exportedly.outputs
    if len(ours) != len(theirs):
        return f"{len(theirs)} outputs where eager gives {len(ours)}"
    for one, other, index in zip(ours, theirs, count(), strict=False):
        if not close(one, other):
            which = f"output {index}: " if len(ours) > 1 else ""
            return which + difference(one, other)
    return "other buffers than eager"


def _short(node: Node) -> str:
    return str(getattr(node.target, "_opname", getattr(node.target, "__name__", node.target)))
