"""The record of a target's check, from which its outcome follows."""

from __future__ import annotations

import time

from export_lsp.protocol import (
    BackendFact,
    Check,
    Cost,
    Finding,
    LeftOut,
    Mode,
    ModeOutcome,
    Outcome,
)
from export_lsp.stages import TABLE, Stage
from export_lsp.worker.data.learned import Learned
from export_lsp.worker.data.target import Target
from export_lsp.worker.data.traced_program import TracedProgram

NO_MEMORY = "it takes too much memory"


class OutcomeRecord:
    """Records how the check of a target goes, starting now.

    Args:
        target: The target.
        check: The check.
        modes: The modes in which the target is to be exported.

    Attributes:
        dynamic: True if the target declares dynamic shapes.
        learned: The knowledge gained from its export.
        cost: The cost of the model, None if it is not known.
        backends: The answers of the backends about its program.
    """

    def __init__(self, target: Target, check: Check, modes: tuple[Mode, ...]) -> None:
        self._target = target
        self._stages = check.stages
        self._modes: dict[Mode, ModeOutcome] = dict.fromkeys(modes, "unknown")
        self._failed: set[Mode] = set()
        self._limited: set[Mode] = set()
        self._left_out: list[LeftOut] = []
        self._compared = False
        self._differs = False
        self._began = time.perf_counter()
        self.dynamic = False
        self.learned = Learned()
        self.cost: Cost | None = None
        self.backends: list[BackendFact] = []

    def found(self, finding: Finding) -> None:
        """Record a finding, be it reported or not."""
        if finding.limit and TABLE[finding.stage].after_export:
            self.leave_out(finding.stage, NO_MEMORY)
        elif finding.stage == "run":
            self._differs = True
        elif not TABLE[finding.stage].after_export and not finding.silent:
            (self._limited if finding.limit else self._failed).update(finding.modes)

    def exported(self, mode: Mode, program: TracedProgram | None) -> ModeOutcome:
        """Record that the export in a mode has ended, and return how.

        A trace that was resumed past failures has a program all the same; it is torch's own if
        the user's code has hidden the failures from torch.
        """
        if mode in self._failed:
            outcome: ModeOutcome = "fails"
        elif program is not None:
            outcome = "exports"
        else:
            outcome = "unknown" if mode in self._limited else "fails"
        self._modes[mode] = outcome
        return outcome

    def compared(self) -> None:
        """Record that the results of a program were compared with those of eager mode."""
        self._compared = True

    def leave_out(self, stage: Stage, reason: str) -> None:
        """Record that a stage is left out for a program."""
        left_out = LeftOut(stage, reason)
        if left_out not in self._left_out:
            self._left_out.append(left_out)

    def reasons(self, stage: Stage) -> list[str]:
        """Return why a stage is left out, in the order in which it was."""
        return [each.reason for each in self._left_out if each.stage == stage]

    def outcome(self) -> Outcome:
        """Return the outcome of the check, which ends now."""
        return Outcome(
            self._target.name,
            self._target.places.declaration.beginning,
            dict(self._modes),
            self._stages,
            agrees=self._compared and not self._differs and not self.reasons("run"),
            dynamic=self.dynamic,
            left_out=tuple(self._left_out),
            seconds=time.perf_counter() - self._began,
            dims=self.learned.dims,
            conditions=self.learned.conditions,
            cost=self.cost,
            backends=tuple(self.backends),
        )
