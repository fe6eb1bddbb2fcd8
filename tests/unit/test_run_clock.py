"""The clock of a run: its processor time while it computes, the time on the wall while it waits."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from export_lsp.engine.runs.run_clock import RunClock

LIMIT = 100.0


def clock_after(*steps: tuple[float, float | None]) -> RunClock:
    """The clock of a run after steps of seconds on the wall and of processor time."""
    clock = RunClock(LIMIT, 0.0, 0.0)
    now = used = 0.0
    for passed, computed in steps:
        now, used = now + passed, used + (computed or 0.0)
        clock.read(now, None if computed is None else used)
    return clock


@pytest.mark.parametrize(
    ("steps", "counted"),
    [
        ([(5, 5)], 5),
        ([(5, 2)], 2),  # computes on a busy machine
        ([(5, 0.05)], 5),  # polls
        ([(5, 0)], 5),  # sleeps
        ([(5, None)], 5),  # its processor time is not known
        ([(5, None), (5, 2)], 10),  # two readings make a difference
        ([(5, 15)], 5),  # computes in several processes
        ([(5, 5), (5, -3)], 10),  # a child that has computed is no longer its own
        ([(50, 20), (30, 0)], 50),
    ],
)
def test_the_time_that_counts(steps: Sequence[tuple[float, float | None]], counted: float) -> None:
    assert clock_after(*steps).counted == counted


@pytest.mark.parametrize(
    ("steps", "is_over", "was_starved"),
    [
        ([(99, 99)], False, False),
        ([(100, 100)], True, False),
        ([(300, 99)], False, False),
        ([(499, 50)], False, False),
        ([(500, 50)], True, True),
        ([(600, 100)], True, False),
        ([(50, 20), (80, 0)], True, False),
    ],
)
def test_the_end(
    steps: Sequence[tuple[float, float | None]], is_over: bool, was_starved: bool
) -> None:
    clock = clock_after(*steps)
    assert (clock.is_over, clock.was_starved) == (is_over, was_starved)


def test_readings_are_closer_together_near_the_end() -> None:
    assert clock_after((50, 50)).next_reading == 50 + LIMIT / 20
    assert clock_after((98, 98)).next_reading == 98 + 2
    assert clock_after((200, 99.9)).next_reading == 200 + LIMIT / 200
