"""The order in which libraries are checked: by turns, each turn spread over its library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from tests.wild.case import CaseFile

# The fractional parts of its multiples lie evenly in [0, 1), however many they are.
GOLDEN_RATIO = 0.6180339887


def turns(
    waiting: Mapping[str, Sequence[CaseFile]], count: int
) -> Iterator[tuple[str, list[CaseFile]]]:
    """Yield each library's files in this many turns, by turns with the other libraries.

    Each turn has the same share of every library.
    """
    shares = {name: _shares(spread(files), count) for name, files in waiting.items()}
    for turn in range(count):
        for name, parts in shares.items():
            if parts[turn]:
                yield name, parts[turn]


def spread(files: Sequence[CaseFile]) -> list[CaseFile]:
    """Return the files in an order whose beginnings lie evenly in the order given."""
    numbers = sorted(range(len(files)), key=lambda number: number * GOLDEN_RATIO % 1)
    return [files[number] for number in numbers]


def _shares(files: Sequence[CaseFile], count: int) -> list[list[CaseFile]]:
    ends = [round(len(files) * share / count) for share in range(count + 1)]
    return [list(files[start:end]) for start, end in pairwise(ends)]
