"""Exact places in the stacks that tracing notes on graph nodes.

Non-strict tracing keeps the frames named ``forward``, by line.  Within `exact` it keeps every frame
of the user's with its columns, in the form of a traceback with carets.

Seen in torch 2.13 (``torch.fx.proxy.TracerBase._filter_traceback_frames``).  Where the method is
missing, findings about nodes of non-strict programs name the line's own expression.
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

import torch.fx.proxy


@contextlib.contextmanager
def exact(contains: Callable[[str], bool]) -> Iterator[None]:
    """Within, nodes are noted with all frames of the files that `contains` accepts."""
    tracer: Any = torch.fx.proxy.TracerBase
    filtered = getattr(tracer, "_filter_traceback_frames", None)
    if filtered is None:
        yield
        return

    def keep(self: Any, summary: traceback.StackSummary) -> traceback.StackSummary:
        frames = list(_frames(sys._getframe(1), contains))
        if not frames:
            return filtered(self, summary)
        return traceback.StackSummary.from_list(frames[::-1])

    tracer._filter_traceback_frames = keep
    try:
        yield
    finally:
        tracer._filter_traceback_frames = filtered


def _frames(
    frame: FrameType | None, contains: Callable[[str], bool]
) -> Iterator[traceback.FrameSummary]:
    """The accepted frames, innermost first."""
    while frame is not None:
        code = frame.f_code
        if contains(code.co_filename):
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
