"""Measurements after each save of a soak, and the growth of each."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

# The relative difference between beginning and end that counts as constant.
TOLERANCE = 0.1
# Additional descriptors and processes that count as constant: one process may be starting or ending
# at the moment of the measurement.
PIPES, PROCESSES = 4, 1
_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 50


@dataclass(frozen=True)
class Sample:
    """Resident memory in MB, open descriptors and processes after a save.

    `host` is the host's process id; 0 if there is none.
    """

    host: int
    server_memory: float
    host_memory: float
    server_descriptors: int
    host_descriptors: int
    processes: int


@dataclass(frozen=True)
class Curve:
    """A measurement over all saves, or over those since the last host started.

    Counts go up and down with the model hosts, so their maximum is compared, with a `slack`.
    Memory has no slack; its medians are compared.
    """

    name: str
    values: tuple[float, ...]
    slack: int | None = None

    @property
    def early(self) -> float:
        """The median of the second tenth; the first is the warm-up."""
        return statistics.median(self._tenth(1))

    @property
    def middle(self) -> float:
        return statistics.median(self._tenth(5))

    @property
    def late(self) -> float:
        return statistics.median(self._tenth(9))

    @property
    def growth(self) -> float:
        return self.late / self.early - 1

    @property
    def flat(self) -> bool:
        """True if the end is like the beginning; for counts, if it is not above it."""
        if self.slack is not None:
            highest = max(self.values[: (len(self.values) + 1) // 2])
            return max(self._tenth(9)) <= highest + self.slack
        return abs(self.growth) <= TOLERANCE

    @property
    def line(self) -> str:
        """The curve as a line of text whose bars start at zero."""
        count = min(_WIDTH, len(self.values))
        parts = [
            self.values[len(self.values) * i // count : len(self.values) * (i + 1) // count]
            for i in range(count)
        ]
        top = max(self.values) or 1
        return "".join(
            _BARS[round(statistics.median(part) / top * (len(_BARS) - 1))] for part in parts
        )

    def _tenth(self, number: int) -> Sequence[float]:
        size = max(1, len(self.values) // 10)
        start = len(self.values) - size if number == 9 else size * number
        return self.values[start : start + size] or self.values


def curves(samples: Sequence[Sample]) -> list[Curve]:
    """Return the curves that have to be flat; those of a host are for the last host."""
    last = next(sample.host for sample in reversed(samples) if sample.host)
    of_host = [sample for sample in samples if sample.host == last]
    measures: list[tuple[str, Sequence[Sample], Callable[[Sample], float], int | None]] = [
        ("server: MB", samples, lambda sample: sample.server_memory, None),
        ("server: descriptors", samples, lambda sample: sample.server_descriptors, PIPES),
        ("host: MB", of_host, lambda sample: sample.host_memory, None),
        ("host: descriptors", of_host, lambda sample: sample.host_descriptors, PIPES),
        ("processes", of_host, lambda sample: sample.processes, PROCESSES),
    ]
    return [Curve(name, tuple(map(value, part)), slack) for name, part, value, slack in measures]


def report(found: Sequence[Curve]) -> Table:
    table = Table(title="Memory, descriptors and processes over the saves (from zero)")
    table.add_column("")
    for column in ("saves", "2nd tenth", "6th", "last", "growth", "highest"):
        table.add_column(column, justify="right")
    table.add_column("curve", no_wrap=True)
    for curve in found:
        table.add_row(
            curve.name,
            str(len(curve.values)),
            f"{curve.early:.1f}",
            f"{curve.middle:.1f}",
            f"{curve.late:.1f}",
            f"{curve.growth:+.1%}",
            f"{max(curve.values):.1f}",
            curve.line,
        )
    return table


def draw(found: Sequence[Curve], file: Path) -> None:
    """Write a picture with a panel for each curve; it needs matplotlib."""
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(found), figsize=(4 * len(found), 3))
    for panel, curve in zip(panels, found, strict=True):
        panel.plot(curve.values, linewidth=0.8)
        panel.set(xlabel="saves", title=curve.name, ylim=(0, None))
    figure.tight_layout()
    figure.savefig(file)
