"""No result is lost, and none is a ghost: whatever happens, what is shown is what is so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.injected import sequences_until_found
from tests.faults.reference import Text
from tests.faults.schedule_machine import ScheduleMachine, effort

TestSchedule = ScheduleMachine.TestCase
TestSchedule.settings = effort(300, 30, derandomize=True)


@pytest.fixture
def machine() -> Iterator[ScheduleMachine]:
    """Compares once more when the scenario is over."""
    machine = ScheduleMachine()
    machine.begin(asking=False)
    yield machine
    machine.teardown()


def test_a_module_that_is_made_while_the_run_that_missed_it_goes_on(
    machine: ScheduleMachine,
) -> None:
    machine.delete(name="shared.py")
    machine.open(name="one.py")
    machine.wait(seconds=0.01)
    assert machine.stage.runs
    machine.write_outside(name="shared.py", text=Text(target=False, problem=1))


def test_what_a_closed_file_finds_is_checked_again_when_it_is_to_be_seen(
    machine: ScheduleMachine,
) -> None:
    machine.write_outside(name="shared.py", text=Text(target=False, problem=1))
    machine.open(name="two.py")
    machine.rest()
    machine.close(name="two.py")
    machine.write_outside(name="shared.py", text=Text(target=False, problem=2))
    machine.open(name="shared.py")


@pytest.mark.parametrize(
    "bug",
    [
        "what is remembered is taken whatever the texts are",
        "a file that is saved is taken for the one that was checked",
        "new findings come on top of the old ones",
        "what a deleted file had stays",
    ],
)
def test_it_finds_bugs(bug: str) -> None:
    assert sequences_until_found(bug) is not None
