"""The user's frames of exceptions and of running threads, with the range of their expressions."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from types import FrameType, TracebackType
from typing import Any

from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places.call_sites import COMPREHENSIONS
from export_lsp.worker.places.node_frames import frames_of_node
from export_lsp.worker.places.ranges import expression_at, range_of
from export_lsp.worker.private import dynamo, fx
from export_lsp.worker.user_code import instructions
from export_lsp.worker.user_code.workspace import Workspace

# A frame, the offset of an instruction in its bytecode, and the line (from 1) of that instruction.
FrameEntry = tuple[FrameType, int, int]


def frames_of(error: BaseException, workspace: Workspace) -> list[Frame]:
    """Return the user's frames of an exception, outermost first; empty if there are none.

    torch re-raises some failures as new exceptions.  Of the chain, the exception with the most
    frames of the user's counts, and among several the outermost one.
    """
    best: list[Frame] = []
    for link in chain(error):
        frames = list(_frames(_traceback_entries(link.__traceback__), workspace))
        if not frames:
            frames = _summary_frames(getattr(link, "real_stack", None) or (), workspace)
        if len(frames) > len(best):
            best = frames
    return best


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, then what it was raised from or while handling, and so on."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def frames_of_failed_node(error: BaseException, workspace: Workspace) -> list[Frame]:
    """Return the user's frames behind the graph node that was being processed, outermost first.

    Empty if no exception of the chain has passed through an interpreter of graphs.
    """
    for link in chain(error):
        node = fx.node_of(link.__traceback__)
        if node is not None:
            return frames_of_node(node, workspace)
    return []


def current_frames(frame: FrameType | None, workspace: Workspace) -> list[Frame]:
    """Return the user's frames on the stack of a running thread, outermost first.

    If there are none because a graph is being interpreted, they are those behind its current node.

    Args:
        frame: The innermost frame to consider.
        workspace: The user's files.
    """
    entries = []
    outer = frame
    while outer is not None:
        entries.append((outer, outer.f_lasti, outer.f_lineno))
        outer = outer.f_back
    frames = list(_frames(reversed(entries), workspace))
    node = fx.current_node(frame) if not frames else None
    return frames_of_node(node, workspace) if node is not None else frames


def live_frames(
    frame: FrameType | None, workspace: Workspace
) -> Iterator[tuple[Frame, dict[str, Any]]]:
    """Yield the user's frames on the stack of a running thread with their variables, by name.

    The innermost frame comes first.  A comprehension or a lambda has the variables of the function
    around it as well.
    """
    inner: list[tuple[Frame, dict[str, Any]]] = []
    while frame is not None:
        found = next(_frames([(frame, frame.f_lasti, frame.f_lineno)], workspace), None)
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
    own = list(_frames([(frame, lasti, frame.f_lineno)], workspace))
    return [*current_frames(frame.f_back, workspace), *own]


def _traceback_entries(tb: TracebackType | None) -> Iterator[FrameEntry]:
    while tb is not None:
        yield tb.tb_frame, tb.tb_lasti, tb.tb_lineno
        tb = tb.tb_next


def _frames(entries: Iterable[FrameEntry], workspace: Workspace) -> Iterator[Frame]:
    last = None
    for frame, lasti, line in entries:
        symbolic = dynamo.symbolic_frame(frame)
        if symbolic is not None:
            found = _symbolic_frame(symbolic, workspace)
            if found is not None:
                yield found
            continue
        source = workspace.source(frame.f_code.co_filename)
        if source is not None:
            positions = instructions.positions(frame.f_code, lasti)
            location = range_of(source, positions) or expression_at(source, line or 1)
            # `eager.fallbacks` wraps an expression in a lambda, which is a frame at the same place.
            if location != last or frame.f_code.co_name != "<lambda>":
                yield Frame(location, frame.f_code.co_name)
            last = location


def _symbolic_frame(symbolic: dynamo.SymbolicFrame, workspace: Workspace) -> Frame | None:
    source = workspace.source(symbolic.code.co_filename)
    if source is None:
        return None
    location = range_of(source, symbolic.positions) or expression_at(source, symbolic.line)
    return Frame(location, symbolic.code.co_name)


def _summary_frames(
    summaries: Iterable[traceback.FrameSummary], workspace: Workspace
) -> list[Frame]:
    found = []
    for summary in summaries:
        source = workspace.source(summary.filename)
        if source is None:
            continue
        line = summary.lineno or 1
        column = getattr(summary, "colno", None)
        end_column = getattr(summary, "end_colno", None)
        end_line = getattr(summary, "end_lineno", None)
        location = range_of(source, (line, end_line, column, end_column))
        found.append(Frame(location or expression_at(source, line), summary.name))
    return found
