"""Run many random sequences of edits, saves and crashes, and compare the shown findings.

Once nothing is running, the editor must show what fresh checks find.  ``--teeth`` plants bugs, one
at a time, and prints how many sequences find each.

Usage: ``python -m tests.faults.schedule [--examples N] [--steps N] [--seed N]`` or
``--teeth``.
"""

from __future__ import annotations

import argparse
import time

from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.planted_bugs import BUGS, ENOUGH, sequences_until_found
from tests.faults.schedule_machine import ScheduleMachine, effort


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=5000)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--teeth", action="store_true", help="count the sequences that find planted bugs"
    )
    options = parser.parse_args()
    if options.teeth:
        _look_for_bugs(options.seed)
        return
    chosen = effort(options.examples, options.steps, database=None)
    started = time.monotonic()
    run_state_machine_as_test(seed(options.seed)(ScheduleMachine), settings=chosen)
    steps = ", ".join(f"{count} {action}" for action, count in ScheduleMachine.counts.most_common())
    print(f"{options.examples} sequences in {time.monotonic() - started:.0f} s: {steps}")


def _look_for_bugs(number: int) -> None:
    found = {bug: sequences_until_found(bug, number) for bug in BUGS}
    for bug, count in found.items():
        print(f"{bug}: " + (f"found by sequence {count}" if count else f"not in {ENOUGH}"))
    if None in found.values():
        raise SystemExit(1)


if __name__ == "__main__":
    main()
