"""The findings of a comparison with eager."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch._ops import OpOverload
from torch.fx import Node

from export_lsp.protocol import Finding, Location
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.data.traced_program import TracedProgram
from export_lsp.worker.graph import program_graph
from export_lsp.worker.places import locate, node_frames
from export_lsp.worker.places.failure import Failure, memory_finding, reason
from export_lsp.worker.places.return_site import return_expression
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.stages.capture import forward_error
from export_lsp.worker.stages.numerics.narrow import Parting
from export_lsp.worker.stages.numerics.runs import Outcome, changed, told_difference
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.sentences import shortened
from export_lsp.worker.text.torch_text import without_symbols

ADVICE = (
    "tracing took something that changes from call to call for a constant, or another way through"
    " the code; make what varies an input, a buffer or a torch operation"
)


class Explanations:
    """What is to be said of one program and the model that it was exported from."""

    def __init__(self, exported: TracedProgram, declaration: Declaration) -> None:
        self._exported = exported
        self._declaration = declaration
        self._workspace = declaration.workspace

    def _failure(self, error: BaseException, frames: list[Frame]) -> Failure:
        workspace = self._workspace
        target = self._declaration.target
        return Failure(
            error, "run", self._exported.mode, target, workspace, SymbolTracker(workspace), frames
        )

    @property
    def _returned(self) -> Location | None:
        return return_expression(self._workspace, self._declaration.built)

    def eager_failure(self, error: BaseException) -> list[Finding]:
        """The model exports and fails on its example inputs.

        Only at an operator of the program: export has called ``forward`` before, and other code may
        not stand a second call in one process.
        """
        failure = self._failure(error, locate.frames_of(error, self._workspace))
        memory = memory_finding(failure)
        if memory is not None:
            return [memory]
        if not failure.frames or not list(self._operators(failure.location)):
            return []
        return [forward_error.explain_eager(failure, error)]

    def program_failure(self, error: BaseException) -> list[Finding]:
        """The model runs and its program does not."""
        failure = self._failure(error, locate.frames_of_failed_node(error, self._workspace))
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

    def lies(self, lies: list[tuple[Node, str]]) -> list[Finding]:
        """Fake kernels that say something else than the real ones do, once an expression."""
        found: dict[tuple[Location, str], Finding] = {}
        for node, told in lies:
            assert isinstance(node.target, OpOverload)
            name = node.target.name().split(".")[0]
            frames = node_frames.frames_of_node(node, self._workspace)
            finding = self._failure(Exception(f"{name}: {told}"), frames).finding(
                "numerics-mismatch",
                f"`{name}` {told}; the exported program relies on the fake kernel, so correct"
                " what is registered with `torch.library.register_fake`",
            )
            found.setdefault((finding.location, name), finding)
        return list(found.values())

    def difference(self, eagerly: Outcome, exportedly: Outcome, place: Parting | None) -> Finding:
        """Both run and give something else, from `place` on if that is known."""
        what = told_difference(eagerly, exportedly)
        failure = self._failure(Exception(what), place.frames if place is not None else [])
        if place is not None:
            return failure.finding("numerics-mismatch", self._at(failure, place))
        buffers = changed(eagerly, exportedly)
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

    def _at(self, failure: Failure, place: Parting) -> str:
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
        seeded = torch.Tag.nondeterministic_seeded
        return any(seeded in operator.tags for operator in self._operators(location))

    def _operators(self, location: Location) -> Iterator[OpOverload]:
        """The operators of the program that a place in the user's code has become."""
        for node, operator in program_graph.operators(self._exported.program):
            frames = node_frames.frames_of_node(node, self._workspace)
            if frames and frames[-1].location == location:
                yield operator

    def _last_use(self, buffer: str) -> list[Frame]:
        program = self._exported.program
        names = program.graph_signature.inputs_to_buffers
        for node in program.graph.nodes:
            if node.op == "placeholder" and names.get(node.name) == buffer:
                for user in reversed(list(node.users)):
                    frames = node_frames.frames_of_node(user, self._workspace)
                    if frames:
                        return frames
        return []
