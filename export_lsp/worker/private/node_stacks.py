"""Exact positions in the Python stacks that a trace keeps on graph nodes.

Non-strict tracing keeps the frames named ``forward`` only, without columns.  Dynamo keeps columns
but not the end line, so that its carets run on to the end of the line.  While `exact_stacks` is
active, both keep every frame of the user's with its full position.

Seen in torch 2.13 (``torch.fx.proxy.TracerBase._filter_traceback_frames``, Dynamo's
``InstructionTranslatorBase.frame_summary``).  Without them findings about nodes are located at the
main expression of the line.
"""

from __future__ import annotations

import contextlib
import itertools
import linecache
import sys
import traceback
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any
from unittest import mock

import torch._dynamo.symbolic_convert
import torch.fx.proxy

Contains = Callable[[str], bool]


@contextlib.contextmanager
def exact_stacks(contains: Contains) -> Iterator[None]:
    """Context manager in which nodes keep the frames in all files that `contains` accepts."""
    tracer: Any = torch.fx.proxy.TracerBase
    translator: Any = getattr(torch._dynamo.symbolic_convert, "InstructionTranslatorBase", None)
    with contextlib.ExitStack() as stack:
        if hasattr(tracer, "_filter_traceback_frames"):
            keep = _keeping_frames(tracer._filter_traceback_frames, contains)
            stack.enter_context(mock.patch.object(tracer, "_filter_traceback_frames", keep))
        if hasattr(translator, "frame_summary"):
            summarize = _with_end_line(translator.frame_summary)
            stack.enter_context(mock.patch.object(translator, "frame_summary", summarize))
        yield


def _keeping_frames(original: Callable[..., Any], contains: Contains) -> Callable[..., Any]:
    def keep(self: Any, summary: traceback.StackSummary) -> Any:
        frames = list(_frames(sys._getframe(1), contains))
        if not frames:
            return original(self, summary)
        return traceback.StackSummary.from_list(frames[::-1])

    return keep


def _frames(frame: FrameType | None, contains: Contains) -> Iterator[traceback.FrameSummary]:
    """Yield the frames in the accepted files, innermost first."""
    while frame is not None:
        if contains(frame.f_code.co_filename):
            yield _summary(frame)
        frame = frame.f_back


def _summary(frame: FrameType) -> traceback.FrameSummary:
    code = frame.f_code
    line, columns = frame.f_lineno, {}
    if hasattr(code, "co_positions"):  # Python 3.11
        positions = next(itertools.islice(code.co_positions(), frame.f_lasti // 2, None))
        line = positions[0] or line
        columns = dict(zip(("end_lineno", "colno", "end_colno"), positions[1:], strict=True))
    text = linecache.getline(code.co_filename, line)
    make: Any = traceback.FrameSummary
    return make(code.co_filename, line, code.co_name, line=text, **columns)


def _with_end_line(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def summarize(self: Any) -> Any:
        summary = original(self)
        positions = getattr(getattr(self, "current_instruction", None), "positions", None)
        # In Python 3.10 there are no columns.
        if positions is not None and getattr(summary, "colno", None) is not None:
            summary.end_lineno = positions.end_lineno
        return summary

    return summarize
