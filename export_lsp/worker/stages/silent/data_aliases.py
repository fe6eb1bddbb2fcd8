"""`unregistered-state`: ``tensor.data``, which export does not connect with its tensor.

Non-strict export raises (see `private.data_reads`).  It drops an assignment.  Strict export
succeeds with a constant that has no values, so that in-place changes are lost and the program
cannot be run (torch 2.13).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from types import FrameType

from torch.export import ExportedProgram
from torch.fx import Node

from export_lsp.protocol import Finding, Location
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.graph import program_graph
from export_lsp.worker.places import locate, node_frames
from export_lsp.worker.private import data_reads
from export_lsp.worker.stages import lower
from export_lsp.worker.stages.silent.detector import ObservedExport
from export_lsp.worker.text.sentences import Words

ALIAS = Words(
    "Untraced `.data`",
    "Export does not trace it: it becomes a constant without values, and changes of it are lost.",
    "Use the tensor itself, or its `.detach()`.",
)


class DataAliases:
    """Finds the user's uses of ``.data`` in an export."""

    def __init__(self, export: ObservedExport) -> None:
        self._export = export
        self._workspace = export.declaration.workspace
        self._accesses: dict[Location, list[Frame]] = {}
        self._assigned: set[Location] = set()

    def observing(self) -> AbstractContextManager[None]:
        # Dynamo inlines the property instead of calling it.
        if self._export.mode == "strict":
            return nullcontext()
        return data_reads.watch_data_reads(self._note)

    def _note(self, frame: FrameType, is_assignment: bool) -> None:
        if not self._workspace.contains(frame.f_code.co_filename):
            return
        frames = locate.current_frames(frame, self._workspace)
        if frames:
            self._accesses.setdefault(frames[-1].location, frames)
            if is_assignment:
                self._assigned.add(frames[-1].location)

    def explain_failure(self, error: BaseException) -> Iterable[Finding]:
        """Return a finding for each use, if torch refused a constant without values."""
        if not lower.is_fake_constant(error):
            return []
        return [
            replace(self._finding(frames), stage="lower", silent=False)
            for frames in self._accesses.values()
        ]

    def findings(self, program: ExportedProgram | None) -> Iterator[Finding]:
        for location in self._assigned if program is not None else ():
            yield self._finding(self._accesses[location])
        if program is None or self._export.mode != "strict":
            return
        seen: set[Location] = set()
        for node in _uses_of_lost_constants(program):
            frames = node_frames.frames_of_node(node, self._workspace)
            alias = self._alias_at(frames[-1].location) if frames else None
            if alias is not None and alias not in seen:
                seen.add(alias)
                yield self._finding([*frames[:-1], Frame(alias, frames[-1].function)])

    def _finding(self, frames: list[Frame]) -> Finding:
        alias = self._alias_at(frames[-1].location)
        if alias is not None:
            frames = [*frames[:-1], Frame(alias, frames[-1].function)]
        return self._export.finding("unregistered-state", "capture", ALIAS, frames)

    def _alias_at(self, location: Location) -> Location | None:
        """Return the place of the first ``….data`` in the statement at a location."""
        source = self._workspace.source(location.file)
        if source is None:
            return None
        around = next(iter(source.enclosing(location)), None)
        if around is None:
            return None
        for node in ast.walk(around):
            if isinstance(node, ast.Attribute) and node.attr == "data":
                return source.location_of(node)
        return None


def _uses_of_lost_constants(program: ExportedProgram) -> Iterator[Node]:
    lost = program_graph.lost_constants(program)
    for node in program.graph.nodes:
        if node.op == "placeholder" and node.name in lost:
            yield from node.users
