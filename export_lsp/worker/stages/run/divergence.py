"""Finds the first expression whose result differs in the exported program.

Eager mode is recorded function by function and the program node by node, each result under the
user's innermost expression.  The program reproduces an expression of eager mode if it has the same
result there.  The first expression that it does not reproduce is the divergence.  If the program
ran code before it that eager mode did not, the divergence is there: tracing took another branch.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch._ops import OpOverload
from torch.fx import Node
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree as pytree

from export_lsp.protocol import Position
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import locate, node_frames
from export_lsp.worker.stages.run.agreement import agree
from export_lsp.worker.user_code.workspace import Workspace

SAMPLE_SIZE = 1024

# A file and the start of an expression in it.  Python and torch may disagree about the end.
ExpressionStart = tuple[str, Position]


@dataclass(frozen=True)
class Sample:
    """A tensor's shape and a part of its values, enough to recognise the tensor by."""

    shape: tuple[int, ...]
    values: torch.Tensor

    def agrees_with(self, other: Sample) -> bool:
        """Return whether both are equal up to rounding."""
        return self.shape == other.shape and agree(self.values, other.values)

    def equals(self, other: Sample) -> bool:
        """Return whether both are equal bit for bit."""
        return self.shape == other.shape and torch.equal(self.values, other.values)


def _sample(tensor: torch.Tensor) -> Sample | None:
    tensor = tensor.detach()
    if tensor.layout is not torch.strided or tensor.is_quantized:
        return None
    step = max(1, tensor.numel() // SAMPLE_SIZE)
    return Sample(tuple(tensor.shape), tensor.flatten()[::step].clone())


@dataclass
class ResultLog:
    """The tensors that a run computed, in order, each with the user's frames."""

    workspace: Workspace
    results: list[tuple[list[Frame], Sample]] = field(default_factory=list)

    def recording_functions(self) -> TorchFunctionMode:
        """Return a mode that records the result of every torch function called in it."""
        return _RecordingMode(self.workspace, self._record)

    def record_node(self, node: Node, result: Any) -> None:
        """Record the result of a program's node."""
        if isinstance(node.target, OpOverload):
            self._record(node_frames.frames_of_node(node, self.workspace), result)

    def _record(self, frames: list[Frame], result: Any) -> None:
        if not frames:
            return
        for leaf in pytree.tree_leaves(result):
            sample = _sample(leaf) if isinstance(leaf, torch.Tensor) else None
            if sample is not None:
                self.results.append((frames, sample))

    def by_expression(self) -> dict[ExpressionStart, list[Sample]]:
        """Return the results by the expression that computed them."""
        found: dict[ExpressionStart, list[Sample]] = {}
        for frames, sample in self.results:
            found.setdefault(_start(frames), []).append(sample)
        return found


class _RecordingMode(TorchFunctionMode):
    def __init__(self, workspace: Workspace, record: Callable[[list[Frame], Any], None]) -> None:
        super().__init__()
        self._workspace = workspace
        self._record = record

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if isinstance(result, (torch.Tensor, tuple, list)):
            self._record(locate.current_frames(sys._getframe(1), self._workspace), result)
        return result


def _start(frames: list[Frame]) -> ExpressionStart:
    location = frames[-1].location
    return location.file, location.start


@dataclass(frozen=True)
class Divergence:
    """The user's frames at which eager mode and the program begin to differ.

    Attributes:
        frames: The frames, outermost first.
        rounding: True if all results before agree up to rounding, and an index or a comparison
            turns the rounding error into another result.
        traced_only: True if eager mode does not run this code.
    """

    frames: list[Frame]
    rounding: bool = False
    traced_only: bool = False


def first_divergence(eager: ResultLog, program: ResultLog) -> Divergence | None:
    """Return the first result of eager mode that the program does not have at its expression.

    Expressions for which the program computes nothing are skipped.  None if the program has all
    others.
    """
    reproduced = program.by_expression()
    rounded = False
    for frames, sample in eager.results:
        candidates = reproduced.get(_start(frames), [])
        agreeing = [other for other in candidates if sample.agrees_with(other)]
        if candidates and not agreeing:
            if rounded and not sample.values.is_floating_point():
                return Divergence(frames, rounding=True)
            traced_only = _traced_only(eager, program, until=_start(frames))
            return Divergence(traced_only or frames, traced_only=traced_only is not None)
        rounded = rounded or bool(agreeing and not any(map(sample.equals, agreeing)))
    traced_only = _traced_only(eager, program, until=None)
    return Divergence(traced_only, traced_only=True) if traced_only is not None else None


def _traced_only(
    eager: ResultLog, program: ResultLog, *, until: ExpressionStart | None
) -> list[Frame] | None:
    """Return the first frames at which the program computed something and eager mode did not.

    Lines are compared, not expressions: some calls in a line are not torch functions.  The search
    ends at `until`.
    """
    eager_lines = {(file, start.line) for file, start in eager.by_expression()}
    for frames, _ in program.results:
        file, start = _start(frames)
        if (file, start) == until:
            return None
        if (file, start.line) not in eager_lines:
            return frames
    return None
