"""The call sites that lead to a failure, as related locations of a finding."""

from __future__ import annotations

from export_lsp.protocol import Related
from export_lsp.worker.data.frame import Frame

MESSAGES = {"<module>": "called while the file is imported", "<lambda>": "called from a lambda"}
COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


def related_callers(frames: list[Frame]) -> tuple[Related, ...]:
    """Return all frames but the innermost as related locations, the innermost caller first.

    `frames` are ordered from the outermost to the innermost.
    """
    return tuple(
        Related(frame.location, _message(frame.function)) for frame in reversed(frames[:-1])
    )


def _message(function: str) -> str:
    if function in COMPREHENSIONS:
        return "called from a comprehension"
    return MESSAGES.get(function, f"called from `{function}`")
