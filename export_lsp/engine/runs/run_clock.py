"""The clock that a run's time limit is measured with: it slows down on a busy machine."""

from __future__ import annotations

# The time between two readings, as a part of the limit, and the shortest such time.
INTERVAL = 1 / 20
SHORTEST = 1 / 200

# A run that uses less than this part of a processor is not computing: it sleeps, or waits for a
# lock or the network.  On a machine with 50 busy processes for each core a run still gets as much.
COMPUTING = 0.02

# The clock never runs slower than this, so that every run ends, however busy the machine is.
SLOWEST = 1 / 5


class RunClock:
    """Measures the time of a run that counts against its limit.

    While the run computes, that is its processor time: on a busy machine it gets little, which is
    not the model's fault.  While it waits, that is the time on the wall, as it is where the
    processor time is not known.

    Args:
        limit: The seconds that the run may take.
        now: The time on the wall, in seconds.
        used: The seconds of processor time that the run has used so far, None if not known.

    Attributes:
        counted: The seconds that count against the limit, as of the last reading.
    """

    def __init__(self, limit: float, now: float, used: float | None) -> None:
        self._limit = limit
        self._start = self._now = now
        self._used = used
        self.counted = 0.0

    def read(self, now: float, used: float | None) -> None:
        """Advance to the time `now`, at which the run has used `used` seconds of processor time."""
        passed = now - self._now
        computed = None if used is None or self._used is None else used - self._used
        if computed is None or computed < COMPUTING * passed:
            self.counted += passed
        else:
            self.counted += min(computed, passed)  # its processes may compute in parallel
        self._now, self._used = now, used

    @property
    def is_over(self) -> bool:
        """True if the run has taken its time."""
        return self.counted >= self._limit or self.was_starved

    @property
    def was_starved(self) -> bool:
        """True if the run has got too little processor time for too long to be waited for."""
        return self.counted < self._limit <= SLOWEST * (self._now - self._start)

    @property
    def next_reading(self) -> float:
        """The time on the wall at which to read the clock again."""
        left = self._limit - self.counted
        return self._now + min(self._limit * INTERVAL, max(self._limit * SHORTEST, left))
