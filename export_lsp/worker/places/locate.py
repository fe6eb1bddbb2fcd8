"""The stacks of exceptions and of running threads, as far as they are code of the model.

That are the user's frames, with the range of their expressions, and the innermost one of a library.
"""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any

from export_lsp.protocol import Location
from export_lsp.source import Source
from export_lsp.worker.data.frame import Frame, LibraryFrame, Stack
from export_lsp.worker.places.call_sites import COMPREHENSIONS
from export_lsp.worker.places.node_frames import stack_of_node
from export_lsp.worker.places.ranges import expression_at, range_of
from export_lsp.worker.private import dynamo, fx
from export_lsp.worker.user_code import instructions, libraries
from export_lsp.worker.user_code.instructions import Positions
from export_lsp.worker.user_code.workspace import Workspace

# A frame, the offset of an instruction in its bytecode, and the line (from 1) of that instruction.
FrameEntry = tuple[FrameType, int, int]


def stack_of(error: BaseException, workspace: Workspace) -> Stack:
    """Return the stack that an exception was raised from; empty if it has no code of the model.

    torch re-raises some failures as new exceptions.  Of the chain, the exception with the most
    frames of the user's counts, and among several the outermost one with a library's.
    """
    best = Stack()
    for link in chain(error):
        stack = _stack(_traceback_points(link.__traceback__), workspace)
        if not stack:
            stack = _stack(_summary_points(getattr(link, "real_stack", None) or ()), workspace)
        if _depth(stack) > _depth(best):
            best = stack
    return best


def _depth(stack: Stack) -> tuple[int, bool]:
    return len(stack.frames), stack.library is not None


def frames_of(error: BaseException, workspace: Workspace) -> list[Frame]:
    """Return the user's frames of `stack_of`."""
    return stack_of(error, workspace).frames


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, then what it was raised from or while handling, and so on."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def stack_of_failed_node(error: BaseException, workspace: Workspace) -> Stack:
    """Return the stack behind the graph node that was being processed.

    Empty if no exception of the chain has passed through an interpreter of graphs.
    """
    for link in chain(error):
        node = fx.node_of(link.__traceback__)
        if node is not None:
            return stack_of_node(node, workspace)
    return Stack()


def current_stack(frame: FrameType | None, workspace: Workspace) -> Stack:
    """Return the stack of a running thread.

    If it is empty because a graph is being interpreted, it is the one behind its current node.

    Args:
        frame: The innermost frame to consider.
        workspace: The user's files.
    """
    entries = []
    outer = frame
    while outer is not None:
        entries.append((outer, outer.f_lasti, outer.f_lineno))
        outer = outer.f_back
    stack = _stack(map(_point, reversed(entries)), workspace)
    node = None if stack else fx.current_node(frame)
    return stack_of_node(node, workspace) if node is not None else stack


def current_frames(frame: FrameType | None, workspace: Workspace) -> list[Frame]:
    """Return the user's frames of `current_stack`."""
    return current_stack(frame, workspace).frames


def live_frames(
    frame: FrameType | None, workspace: Workspace
) -> Iterator[tuple[Frame, dict[str, Any]]]:
    """Yield the user's frames on the stack of a running thread with their variables, by name.

    The innermost frame comes first.  A comprehension or a lambda has the variables of the function
    around it as well.
    """
    inner: list[tuple[Frame, dict[str, Any]]] = []
    while frame is not None:
        found = _users_frame(_point((frame, frame.f_lasti, frame.f_lineno)), workspace)
        if found is not None:
            symbolic = dynamo.symbolic_frame(frame) is not None
            variables = dynamo.variables(frame) if symbolic else dict(frame.f_locals)
            for nested, own in inner:
                yield nested, {**variables, **own}
            inner = []
            if found.function in (*COMPREHENSIONS, "<lambda>"):
                inner = [(found, variables)]
            else:
                yield found, variables
        frame = frame.f_back
    yield from inner


def frames_at(frame: FrameType, lasti: int, workspace: Workspace) -> list[Frame]:
    """Return the user's frames up to `frame`, outermost first.

    Args:
        frame: A frame of a running thread.
        lasti: The offset of an instruction that the frame has already passed, taken as its current
            one.
        workspace: The user's files.
    """
    line = instructions.line_of(frame.f_code, lasti) or frame.f_lineno
    own = _users_frame(_point((frame, lasti, line)), workspace)
    outer = current_frames(frame.f_back, workspace)
    return [*outer, own] if own is not None else outer


@dataclass(frozen=True)
class _Point:
    """The position of a frame: its file, function, line (from 1) and position, and its instruction.

    `positions` is called only for frames that count.  `instruction` is a name, "" if unknown.
    """

    file: str
    function: str
    line: int
    positions: Callable[[], Positions | None]
    instruction: Callable[[], str]


def _traceback_points(tb: TracebackType | None) -> Iterator[_Point]:
    while tb is not None:
        yield _point((tb.tb_frame, tb.tb_lasti, tb.tb_lineno))
        tb = tb.tb_next


def _point(entry: FrameEntry) -> _Point:
    """Return the point of a frame, or of the frame that it is Dynamo's interpreter of."""
    frame, lasti, line = entry
    symbolic = dynamo.symbolic_frame(frame)
    code = frame.f_code if symbolic is None else symbolic.code
    if symbolic is not None:
        at = symbolic
        return _Point(
            code.co_filename, code.co_name, at.line, lambda: at.positions, lambda: at.instruction
        )
    return _Point(
        code.co_filename,
        code.co_name,
        line or 1,
        functools.partial(instructions.positions, code, lasti),
        functools.partial(libraries.instruction_name, code, lasti),
    )


def _summary_points(summaries: Iterable[traceback.FrameSummary]) -> Iterator[_Point]:
    for summary in summaries:
        positions = (
            summary.lineno,
            getattr(summary, "end_lineno", None),
            getattr(summary, "colno", None),
            getattr(summary, "end_colno", None),
        )
        yield _Point(
            summary.filename,
            summary.name,
            summary.lineno or 1,
            functools.partial(_given, positions),
            str,
        )


def _given(positions: Positions) -> Positions:
    return positions


def _stack(points: Iterable[_Point], workspace: Workspace) -> Stack:
    """Return the stack of points that are given from the outermost to the innermost."""
    frames: list[Frame] = []
    below: list[_Point] = []
    for point in points:
        found = _users_frame(point, workspace)
        if found is None:
            below.append(point)
            continue
        below.clear()
        # `eager.fallbacks` wraps an expression in a lambda, which is a frame at the same place.
        if found.function != "<lambda>" or not frames or found.location != frames[-1].location:
            frames.append(found)
    library = next(filter(None, map(_library_frame, reversed(below))), None)
    return Stack(frames, library)


def _users_frame(point: _Point, workspace: Workspace) -> Frame | None:
    source = workspace.source(point.file)
    return Frame(_located(source, point), point.function) if source is not None else None


def _library_frame(point: _Point) -> LibraryFrame | None:
    """Return the frame of a library at a point; None for any other code.

    torch's modules are thin functions around its operators, which users know: a frame of torch's
    counts only where its Python code decides something.
    """
    package = libraries.package_of(point.file)
    if not package or (package == "torch" and not libraries.decides(point.instruction())):
        return None
    source = libraries.source(point.file)
    if source is None:
        return None
    return LibraryFrame(_located(source, point), point.function, package)


def _located(source: Source, point: _Point) -> Location:
    return range_of(source, point.positions()) or expression_at(source, point.line)
