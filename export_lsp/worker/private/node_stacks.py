"""Exact positions in the Python stacks that a trace keeps on graph nodes.

Non-strict tracing keeps the frames named ``forward`` only, without columns.  Dynamo keeps columns
but not the end line, so that its carets run on to the end of the line; in torch 2.9 it keeps lines
only.  While `exact_stacks` is
active, both keep full positions, and the former also keeps every frame of the user's and the
innermost one of a library.  In torch's texts, `as_plain` puts back the stacks that torch would have
written.

Seen in torch 2.9 to 2.13 (``torch.fx.proxy.CapturedTraceback``,
``torch.fx.proxy.TracerBase._filter_traceback_frames``, Dynamo's
``InstructionTranslatorBase.frame_summary``).  Without them findings about nodes are located at the
main expression of the line.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import itertools
import linecache
import re
import sys
import traceback
from collections.abc import Callable, Collection, Iterator
from types import CodeType, FrameType
from typing import Any, ClassVar
from unittest import mock

import torch._dynamo.symbolic_convert
import torch.fx.proxy

from export_lsp.worker.user_code import libraries

Contains = Callable[[str], bool]

# By the text of an exact stack, the one that torch would have kept.
_stacks: dict[str, traceback.StackSummary] = {}
# By the identity of a code object, which is kept, and the offset of an instruction.
_summaries: dict[int, tuple[CodeType, dict[int, _ExactFrame]]] = {}
# By file, line and function, the exact frames of Dynamo's with those that it would have kept.
_frames: dict[tuple[str, int | None, str], list[tuple[Any, Any]]] = {}

HEADER = re.compile(r'File "(?P<file>.+)", line (?P<line>\d+), in (?P<function>.+)')


@contextlib.contextmanager
def exact_stacks(contains: Contains) -> Iterator[None]:
    """Context manager in which nodes keep the frames in all files that `contains` accepts."""
    tracer: Any = torch.fx.proxy.TracerBase
    translator: Any = getattr(torch._dynamo.symbolic_convert, "InstructionTranslatorBase", None)
    with contextlib.ExitStack() as stack:
        if hasattr(torch.fx.proxy, "CapturedTraceback"):
            stack.enter_context(
                mock.patch.object(torch.fx.proxy, "CapturedTraceback", _SharedFrames)
            )
        if hasattr(tracer, "_filter_traceback_frames"):
            keep = _keeping_frames(tracer._filter_traceback_frames, contains)
            stack.enter_context(mock.patch.object(tracer, "_filter_traceback_frames", keep))
        if hasattr(translator, "frame_summary"):
            summarize = _with_end_line(translator.frame_summary)
            stack.enter_context(mock.patch.object(translator, "frame_summary", summarize))
        yield


class _SharedFrames:
    """torch's ``CapturedTraceback``, as far as tracers use it, with frames that stacks share.

    torch makes a new `traceback.FrameSummary` for each of some hundred frames on the stack of each
    node, which is a tenth of the time of a trace.
    """

    _known: ClassVar[dict[tuple[str, int, str], traceback.FrameSummary]] = {}

    @classmethod
    def extract(cls) -> _SharedFrames:
        return cls()

    def summary(self) -> traceback.StackSummary:
        stack = traceback.StackSummary()
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            code = frame.f_code
            key = code.co_filename, frame.f_lineno, code.co_name
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = traceback.FrameSummary(*key)
            stack.append(known)
            frame = frame.f_back
        stack.reverse()
        return stack


class _ExactFrame(traceback.FrameSummary):
    """A frame of an exact stack.  Many nodes share it, so that its text is made once."""

    @functools.cached_property
    def text(self) -> str:
        """The frame as Python 3.11 writes it, with carets even under a whole line.

        Later versions write each line of an expression, and count carets in terminal cells.
        """
        lines = [f'  File "{self.filename}", line {self.lineno}, in {self.name}']
        code = linecache.getline(self.filename, self.lineno or 0).rstrip()
        if code.strip():
            lines.append(f"    {code.strip()}")
            lines += self._carets(code)
        return "\n".join([*lines, ""])

    def _carets(self, code: str) -> Iterator[str]:
        first, last = getattr(self, "colno", None), getattr(self, "end_colno", None)
        if first is None or last is None:
            return
        encoded = code.encode("utf-8", "surrogatepass")
        start = len(encoded[:first].decode("utf-8", "replace"))
        whole = getattr(self, "end_lineno", None) not in (None, self.lineno)
        end = len(code) if whole else len(encoded[:last].decode("utf-8", "replace"))
        indentation = len(code) - len(code.lstrip())
        if indentation <= start < end:
            yield f"    {' ' * (start - indentation)}{'^' * (end - start)}"


class _ExactStack(traceback.StackSummary):
    """The exact stack of a node; formatting it notes what torch would have kept."""

    plain: traceback.StackSummary

    def format_frame_summary(self, frame_summary: _ExactFrame, **kwargs: Any) -> str:
        return frame_summary.text

    def format(self, **kwargs: Any) -> list[str]:
        lines = super().format(**kwargs)
        _stacks["".join(lines).strip()] = self.plain
        return lines


def _keeping_frames(original: Callable[..., Any], contains: Contains) -> Callable[..., Any]:
    def keep(self: Any, summary: traceback.StackSummary) -> Any:
        plain = original(self, summary)
        kept = {(frame.filename, frame.lineno, frame.name) for frame in plain}
        frames = list(_kept_frames(sys._getframe(1), contains, kept))
        if not frames:
            return plain
        exact = _ExactStack(frames[::-1])
        exact.plain = plain
        return exact

    return keep


def _kept_frames(
    frame: FrameType | None, contains: Contains, kept: Collection[tuple[str, int | None, str]]
) -> Iterator[traceback.FrameSummary]:
    """Yield the frames that count, innermost first.

    That are those that torch keeps, so that its stack follows from the exact one, those in the
    accepted files, and the frame of a library if that is inside of all accepted ones.
    """
    innermost = True
    while frame is not None:
        code = frame.f_code
        accepted = contains(code.co_filename)
        library = innermost and libraries.package_of(code.co_filename) not in ("", "torch")
        innermost = innermost and not accepted and not library
        if accepted or library or (code.co_filename, frame.f_lineno, code.co_name) in kept:
            yield _summary(frame)
        frame = frame.f_back


def _summary(frame: FrameType) -> traceback.FrameSummary:
    code, lasti = frame.f_code, frame.f_lasti
    summaries = _summaries.setdefault(id(code), (code, {}))[1]
    if lasti not in summaries:
        summaries[lasti] = _summary_at(code, lasti, frame.f_lineno)
    return summaries[lasti]


def _summary_at(code: CodeType, lasti: int, line: int) -> _ExactFrame:
    columns: dict[str, int | None] = {}
    if hasattr(code, "co_positions"):  # Python 3.11
        positions = next(itertools.islice(code.co_positions(), lasti // 2, None))
        line = positions[0] or line
        columns = dict(zip(("end_lineno", "colno", "end_colno"), positions[1:], strict=True))
    make: Any = _ExactFrame
    return make(code.co_filename, line, code.co_name, lookup_line=False, **columns)


def _with_end_line(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def summarize(self: Any) -> Any:
        plain = original(self)
        positions = getattr(getattr(self, "current_instruction", None), "positions", None)
        # In Python 3.10 there are no columns.
        if positions is None or positions.col_offset is None:
            return plain
        exact = copy.copy(plain)
        exact.end_lineno = positions.end_lineno
        exact.colno, exact.end_colno = positions.col_offset, positions.end_col_offset
        pairs = _frames.setdefault((exact.filename, exact.lineno, exact.name), [])
        if all(exact != known or exact.colno != known.colno for known, _ in pairs):
            pairs.append((exact, plain))
        return exact

    return summarize


def as_plain(text: str, *, strict: bool) -> str:
    """Return a text of torch's with the stacks that it would have without `exact_stacks`.

    `strict` says that it is about an export in strict mode, whose stacks are Dynamo's.
    """
    if not strict:
        for exact_stack in [known for known in _stacks if known in text]:
            plain_stack = "".join(_stacks[exact_stack].format()).strip()
            text = _replaced(text, exact_stack, plain_stack)
        return text
    for match in HEADER.finditer(text):
        key = match["file"], int(match["line"]), match["function"]
        for exact, plain in _frames.get(key, ()):
            text = _replaced(text, _entry(exact), _entry(plain))
    return text


def _entry(frame: traceback.FrameSummary) -> str:
    return "".join(traceback.StackSummary.from_list([frame]).format()).strip()


def _replaced(text: str, exact: str, plain: str) -> str:
    """Replace whole lines of a text, the first of which may be indented."""
    return re.sub(rf"{re.escape(exact)}(?=\n|\Z)", lambda match: plain, text)
