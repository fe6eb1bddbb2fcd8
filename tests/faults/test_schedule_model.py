"""No result is lost, and none is a ghost: whatever happens, what is shown is what is so."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.faults.schedule_machine import ScheduleMachine

TestSchedule = ScheduleMachine.TestCase
TestSchedule.settings = settings(
    max_examples=300,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
