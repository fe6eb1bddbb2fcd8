"""Ranges in the user's files, from what torch and Python keep.

That is: frames, code positions, recorded stacks, graph nodes, and text.
"""

from __future__ import annotations

import ast
import traceback
from collections.abc import Iterable, Iterator
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from export_lsp.protocol import Location, Related
from export_lsp.source import Source
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.private import dynamo, fx
from export_lsp.worker.user_code import instructions
from export_lsp.worker.user_code.instructions import Positions
from export_lsp.worker.user_code.workspace import Workspace

if TYPE_CHECKING:
    from torch.fx import Node


def frames_of(error: BaseException, workspace: Workspace) -> list[Frame]:
    """The user's frames of an exception, outermost first.

    torch re-raises some failures as new exceptions: of the chain, the one that saw most of the
    user's frames is used, and the last one of those.
    """
    best: list[Frame] = []
    for link in chain(error):
        frames = list(_of_python(_traceback_frames(link.__traceback__), workspace))
        if not frames:
            frames = _of_summaries(getattr(link, "real_stack", None) or (), workspace)
        if len(frames) > len(best):
            best = frames
    return best


def chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it was raised from or while handling, outermost first."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def node_frames(error: BaseException, workspace: Workspace) -> list[Frame]:
    """The user's frames behind the graph node that was being worked on, outermost first."""
    for link in chain(error):
        node = fx.node_of(link.__traceback__)
        if node is not None:
            return frames_of_node(node, workspace)
    return []


def frames_of_node(node: Node, workspace: Workspace) -> list[Frame]:
    """The user's frames that made a graph node, outermost first."""
    return _of_text(fx.stack_of(node), workspace)


def text_frames(text: str, workspace: Workspace) -> list[Frame]:
    """The user's frames of a stack that torch wrote into a message, outermost first."""
    return _of_text(fx.stack_in(text), workspace)


def _of_text(lines: list[fx.StackLine], workspace: Workspace) -> list[Frame]:
    found = []
    for line in lines:
        source = workspace.source(line.file)
        if source is not None:
            location = (
                source.expression_marked(
                    line.line, line.marked, column=line.column, operator=line.operator
                )
                if line.marked
                else None
            )
            found.append(Frame(location or expression_at(source, line.line), line.function))
    return found


def current_frames(frame: FrameType | None, workspace: Workspace) -> list[Frame]:
    """The user's frames on the stack of a running thread, outermost first.

    Where a graph is interpreted it is the stack that made the node at hand.
    """
    stack = []
    outer = frame
    while outer is not None:
        stack.append((outer, outer.f_lasti, outer.f_lineno))
        outer = outer.f_back
    frames = list(_of_python(reversed(stack), workspace))
    node = fx.current_node(frame) if not frames else None
    return _of_text(fx.stack_of(node), workspace) if node is not None else frames


def live_frames(
    frame: FrameType | None, workspace: Workspace
) -> Iterator[tuple[Frame, dict[str, Any]]]:
    """The user's frames on the stack of a running thread with their local variables, innermost
    first.  A comprehension or a lambda has those of the function around it as well."""
    inner: list[tuple[Frame, dict[str, Any]]] = []
    while frame is not None:
        found = next(_of_python([(frame, frame.f_lasti, frame.f_lineno)], workspace), None)
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
    """The user's frames up to one of a running thread, at an instruction that it has passed."""
    own = list(_of_python([(frame, lasti, frame.f_lineno)], workspace))
    return [*current_frames(frame.f_back, workspace), *own]


def _traceback_frames(tb: TracebackType | None) -> Iterator[tuple[FrameType, int, int]]:
    while tb is not None:
        yield tb.tb_frame, tb.tb_lasti, tb.tb_lineno
        tb = tb.tb_next


def _of_python(
    stack: Iterable[tuple[FrameType, int, int]], workspace: Workspace
) -> Iterator[Frame]:
    last = None
    for frame, lasti, line in stack:
        symbolic = dynamo.symbolic_frame(frame)
        if symbolic is not None:
            source = workspace.source(symbolic.code.co_filename)
            if source is not None:
                location = _range(source, symbolic.positions) or expression_at(
                    source, symbolic.line
                )
                yield Frame(location, symbolic.code.co_name)
            continue
        source = workspace.source(frame.f_code.co_filename)
        if source is not None:
            location = _range(source, instructions.positions(frame.f_code, lasti)) or expression_at(
                source, line or 1
            )
            # A place that a trace goes past is evaluated in a lambda of ours (`eager.fallbacks`).
            if location != last or frame.f_code.co_name != "<lambda>":
                yield Frame(location, frame.f_code.co_name)
            last = location


def _range(source: Source, positions: Positions | None) -> Location | None:
    if positions is None:
        return None
    line, end_line, column, end_column = positions
    if line is None or column is None or end_column is None:
        return None
    if end_line is None:
        return _ending_at(source, line, column, end_column)
    location = source.range(line, column, end_line, end_column)
    # CPython 3.11 gives the test of `if f(x):` and the call of `for … in` the whole statement, and
    # that of `a if f(x) else b` the whole expression.
    tested = source.statement_at(location) or source.expression_at(location)
    if isinstance(tested, (ast.stmt, ast.IfExp)):
        return source.location_of(head_of(tested))
    return source.with_negation(location)


def _ending_at(source: Source, line: int, column: int, end_column: int) -> Location:
    """The expression that starts here; Dynamo's stacks keep its last column, not its last line."""
    for node in source.nodes:
        if (node.lineno, node.col_offset, node.end_col_offset) == (line, column, end_column):
            return source.location_of(head_of(node) if isinstance(node, ast.stmt) else node)
    return source.range(line, column, line, max(end_column, column + 1))


def _of_summaries(summaries: Iterable[traceback.FrameSummary], workspace: Workspace) -> list[Frame]:
    found = []
    for summary in summaries:
        source = workspace.source(summary.filename)
        if source is None:
            continue
        line = summary.lineno or 1
        column = getattr(summary, "colno", None)
        end_column = getattr(summary, "end_colno", None)
        end_line = getattr(summary, "end_lineno", None)
        location = _range(source, (line, end_line, column, end_column))
        found.append(Frame(location or expression_at(source, line), summary.name))
    return found


def expression_at(source: Source, line: int) -> Location:
    """The expression that most likely did what happened at a line, where no columns are kept.

    Of the statement that starts or spans the line: a condition, a returned or assigned value, an
    iterated collection; else the statement, else the line.
    """
    around = [
        node
        for node in source.nodes
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    if not around:
        return source.line_location(line)
    return source.location_of(head_of(max(around, key=lambda node: node.lineno)))


def head_of(statement: ast.stmt | ast.IfExp) -> ast.expr | ast.stmt:
    """The expression a statement evaluates first; a compound statement's header, never its body."""
    if isinstance(statement, (ast.If, ast.While, ast.Assert, ast.IfExp)):
        return statement.test
    if isinstance(statement, (ast.For, ast.AsyncFor)):
        return statement.iter
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return statement.items[0].context_expr
    if isinstance(statement, (ast.Return, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr)):
        return statement.value or statement
    return statement


CALLERS = {"<module>": "called while the file is imported", "<lambda>": "called from a lambda"}
COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


def callers(frames: list[Frame]) -> tuple[Related, ...]:
    """All frames but the innermost, innermost first, as the way to it."""
    return tuple(
        Related(frame.location, _called_from(frame.function)) for frame in reversed(frames[:-1])
    )


def _called_from(function: str) -> str:
    if function in COMPREHENSIONS:
        return "called from a comprehension"
    return CALLERS.get(function, f"called from `{function}`")
