"""After any sequence of events, the editor shows what fresh checks find, nothing less or more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.oracle import Text
from tests.faults.planted_bugs import sequences_until_found
from tests.faults.schedule_machine import ScheduleMachine, effort

TestSchedule = ScheduleMachine.TestCase
TestSchedule.settings = effort(300, 30, derandomize=True)


@pytest.fixture
def machine() -> Iterator[ScheduleMachine]:
    """Return a machine that compares once more after the test."""
    machine = ScheduleMachine()
    machine.begin(asking=False)
    yield machine
    machine.teardown()


def test_a_missing_module_is_created_during_the_run_that_missed_it(
    machine: ScheduleMachine,
) -> None:
    machine.delete(name="shared.py")
    machine.open(name="one.py")
    machine.wait(seconds=0.01)
    assert machine.harness.runs
    machine.write_outside(name="shared.py", text=Text(target=False, problem=1))


def test_a_module_is_deleted_while_a_result_is_recalled(machine: ScheduleMachine) -> None:
    machine.start_again(mode="one")
    machine.open(name="one.py")
    machine.rest()
    machine.start_again(mode="one")
    machine.delete(name="shared.py")
    machine.rest()


def test_a_closed_file_is_checked_again_when_its_findings_become_visible(
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
        "a remembered result is used for any text",
        "what a check has looked at is taken for unchanged",
        pytest.param("files that were asked for are not looked at again", marks=pytest.mark.long),
        "the environment is not part of a question",
        "a saved file counts as the one checked before",
        "new findings are added to the old ones",
        "a deleted file keeps its findings",
    ],
)
def test_a_planted_bug_is_found(bug: str) -> None:
    assert sequences_until_found(bug) is not None
