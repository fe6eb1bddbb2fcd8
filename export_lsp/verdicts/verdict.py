"""The form of all verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from export_lsp.protocol import MODES, Mode

# "exports": in every mode that was asked for, and nothing is left to say.
# "warns": there are warnings.
# "fails": there are errors.
# "ignored": it does not export, and every problem is ignored, off, or less than a warning.
# "unknown": the check did not come to its end.
# "unchecked": there is nothing to check, or it has not been checked.
# "unable": no check can be carried out.
# "checking": a check goes on.
State = Literal[
    "exports", "warns", "fails", "ignored", "unknown", "unchecked", "unable", "checking"
]

# The marks in the texts of some states.
MARKS: dict[State, str] = {"exports": "✓", "warns": "!", "fails": "✗", "unknown": "?"}


@dataclass(frozen=True)
class Detail:
    """A line of a tooltip: its label, and plain text with code in backticks."""

    label: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """A verdict: `text` is one short line.

    `outdated` is set if a file that it rests on has changed since the check.  `sizes` are those
    that the exported program accepts, and the share of it that backends take, "" without any.
    `cost` is the size of the model and the work of running it, "" if unknown.
    """

    state: State
    text: str
    details: tuple[Detail, ...] = ()
    outdated: bool = False
    sizes: str = ""
    cost: str = ""

    @property
    def line(self) -> str:
        """The text, and a word if it is out of date."""
        return f"{self.text} · edited since" if self.outdated else self.text


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 problem", "2 problems"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def modes_phrase(modes: Sequence[Mode]) -> str:
    """Return modes as a phrase: "both modes", "strict mode"."""
    return "both modes" if set(modes) == set(MODES) else f"{modes[0]} mode"
