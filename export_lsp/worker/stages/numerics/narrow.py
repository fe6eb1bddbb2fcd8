"""The first expression whose result is another one in the exported program.

Eager is recorded function by function and the program node by node, each result under the user's
innermost expression.  An expression of eager's is reproduced if the program has the same result
there; the first that is not is where the two part ways.  If the program came through a place
before it that eager never saw, it is there that they do: tracing took another way.
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
from export_lsp.worker.stages.numerics.close import close
from export_lsp.worker.user_code.workspace import Workspace

SAMPLE = 1024

# A file and where an expression starts in it: ends may be told a little differently.
Place = tuple[str, Position]


@dataclass(frozen=True)
class Sample:
    """As much of a tensor as is needed to know it again."""

    shape: tuple[int, ...]
    values: torch.Tensor

    def is_like(self, other: Sample) -> bool:
        return self.shape == other.shape and close(self.values, other.values)

    def equals(self, other: Sample) -> bool:
        return self.shape == other.shape and torch.equal(self.values, other.values)


def _sample(tensor: torch.Tensor) -> Sample | None:
    tensor = tensor.detach()
    if tensor.layout is not torch.strided or tensor.is_quantized:
        return None
    step = max(1, tensor.numel() // SAMPLE)
    return Sample(tuple(tensor.shape), tensor.flatten()[::step].clone())


@dataclass
class Recording:
    """Results in the order in which they were computed, with the user's frames."""

    workspace: Workspace
    results: list[tuple[list[Frame], Sample]] = field(default_factory=list)

    def eager(self) -> TorchFunctionMode:
        """Within, every torch function is noted."""
        return _Functions(self.workspace, self._note)

    def node(self, node: Node, result: Any) -> None:
        if isinstance(node.target, OpOverload):
            self._note(node_frames.frames_of_node(node, self.workspace), result)

    def _note(self, frames: list[Frame], result: Any) -> None:
        if not frames:
            return
        for leaf in pytree.tree_leaves(result):
            sample = _sample(leaf) if isinstance(leaf, torch.Tensor) else None
            if sample is not None:
                self.results.append((frames, sample))

    def by_place(self) -> dict[Place, list[Sample]]:
        found: dict[Place, list[Sample]] = {}
        for frames, sample in self.results:
            found.setdefault(_place(frames), []).append(sample)
        return found


class _Functions(TorchFunctionMode):
    def __init__(self, workspace: Workspace, note: Callable[[list[Frame], Any], None]) -> None:
        super().__init__()
        self._workspace = workspace
        self._note = note

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if isinstance(result, (torch.Tensor, tuple, list)):
            self._note(locate.current_frames(sys._getframe(1), self._workspace), result)
        return result


def _place(frames: list[Frame]) -> Place:
    location = frames[-1].location
    return location.file, location.start


@dataclass(frozen=True)
class Parting:
    """Where eager and the program part ways.

    `rounding` says that what came before was the same but for rounding, which a comparison or an
    index turns into something else altogether, `astray` that eager never comes here.
    """

    frames: list[Frame]
    rounding: bool = False
    astray: bool = False


def parting(eager: Recording, program: Recording) -> Parting | None:
    """The first result of eager's that the program does not have at its place; None if it has all.

    Places of which the program computes nothing are passed over.
    """
    there = program.by_place()
    rounded = False
    for frames, sample in eager.results:
        others = there.get(_place(frames), [])
        alike = [other for other in others if sample.is_like(other)]
        if others and not alike:
            if rounded and not sample.values.is_floating_point():
                return Parting(frames, rounding=True)
            astray = _astray(eager, program, _place(frames))
            return Parting(astray or frames, astray=astray is not None)
        rounded = rounded or bool(alike and not any(map(sample.equals, alike)))
    astray = _astray(eager, program, None)
    return Parting(astray, astray=True) if astray is not None else None


def _astray(eager: Recording, program: Recording, end: Place | None) -> list[Frame] | None:
    """Where the program first computed something that eager did not, before it came to `end`.

    That is, on a line that eager did not come to: not all that it calls there is a function of
    torch's.
    """
    seen = {(file, start.line) for file, start in eager.by_place()}
    for frames, _ in program.results:
        file, start = _place(frames)
        if (file, start) == end:
            return None
        if (file, start.line) not in seen:
            return frames
    return None
