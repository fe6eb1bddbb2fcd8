"""The lines of a user's file that torch names in exceptions and reports, read generously.

A line counts as named by an exception if it is

- the last frame in the file of the traceback of the exception or of one it was raised from,
- the last frame in the file of Dynamo's ``real_stack``, or
- in the exception's text, the last frame in the file of a stack ("User Stack", "from user code"),
  or a ``# model.py:12 in forward`` (after "Caused by").

``draft_export`` also names, for each failure of its report, the last frame in the file of both
stacks.  Lines are 0-based.
"""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Frame = tuple[str, int | None]

_FRAME = re.compile(
    r'^[ \t]*File "(?P<file>[^"\n]+)", line (?P<line>\d+), in .+'
    r"(?:\n(?![ \t]*File )[ \t]+\S.*){0,2}",
    re.M,
)
_REMARK = re.compile(r"# (?P<file>\S+?):(?P<line>\d+) in ")


def of_exception(error: BaseException, file: str) -> set[int]:
    """Return the lines that an exception names."""
    lines: set[int] = set()
    for link in _chain(error):
        summary = traceback.extract_tb(link.__traceback__)
        for stack in (summary, getattr(link, "real_stack", None) or ()):
            lines |= _last_in(file, ((frame.filename, frame.lineno) for frame in stack))
        lines |= of_text(str(link), file)
    return lines


def of_text(text: str, file: str) -> set[int]:
    """Return the lines that a message names: the last frame of each stack, and all remarks."""
    lines: set[int] = set()
    for stack in _stacks(text):
        lines |= _last_in(file, stack)
    for remark in _REMARK.finditer(text):
        # torch shortens paths here: to their last parts, or to the file's name.
        if remark["file"].endswith(os.path.basename(file)):
            lines.add(int(remark["line"]) - 1)
    return lines


def of_report(report: Any, file: str, names: Mapping[int, str]) -> set[int]:
    """Return the lines that a report of ``draft_export`` names; `names` maps numbers to files."""
    lines: set[int] = set()
    for failure in report.failures:
        for key in ("user_stack", "stack"):
            stack = failure.data.get(key) or ()
            frames = ((names.get(frame["filename"], ""), frame["line"]) for frame in stack)
            lines |= _last_in(file, frames)
    return lines


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and the others that its printed traceback includes."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _stacks(text: str) -> Iterator[list[Frame]]:
    """Yield the stacks in a text: frames with only blanks between them."""
    stack: list[Frame] = []
    end = 0
    for match in _FRAME.finditer(text):
        if stack and text[end : match.start()].strip():
            yield stack
            stack = []
        stack.append((match["file"], int(match["line"])))
        end = match.end()
    yield stack


def _last_in(file: str, stack: Iterable[Frame]) -> set[int]:
    lines = [line - 1 for name, line in stack if line and _same(name, file)]
    return set(lines[-1:])


def _same(name: str, file: str) -> bool:
    return os.path.realpath(name) == os.path.realpath(file)
