"""The findings of one export, each rule reported once for an expression."""

from __future__ import annotations

from dataclasses import replace

from export_lsp.protocol import Finding, Location, RuleCode
from export_lsp.worker.places import syntax_context
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.stages.export.explain import explain
from export_lsp.worker.stages.export.fork_sides import ForkSides, Report
from export_lsp.worker.targets.declaration import Declaration

# Appended to the explanation if the user's code catches torch's exception.
HIDDEN = "The `except` around it hides this, and export goes on with the `except` branch."


class NewFindings:
    """Reports findings, but no rule twice for an expression: loops and rounds repeat failures.

    Args:
        declaration: the target's.
        report: called with each new finding.
        alone: marks every finding as one of this mode alone, see `Finding.alone`.
    """

    def __init__(self, declaration: Declaration, report: Report, *, alone: bool) -> None:
        self._declaration = declaration
        self._alone = alone
        self._sides = ForkSides(report)
        self._reported: set[tuple[RuleCode, Location]] = set()

    @property
    def sides_taken(self) -> bool:
        """True if a question had no answer and the trace follows one side of it."""
        return self._sides.taken

    def choose_side(self) -> bool | None:
        """Choose a side of a question that has no answer, and report the other side's findings.

        Returns None after too many such questions.
        """
        return self._sides.choose(self.report)

    def report_failure(self, failure: Failure) -> None:
        """Explain a failure and report its findings."""
        hidden = failure.mode == "non-strict" and syntax_context.is_caught(
            failure.error, failure.stack.frames, failure.workspace
        )
        for finding in explain(failure, self._declaration):
            marked = replace(finding, alone=self._alone, silent=finding.silent or hidden)
            explanation = f"{finding.explanation} {HIDDEN}"
            self.report(replace(marked, explanation=explanation) if hidden else marked)

    def report(self, finding: Finding) -> None:
        """Report a finding unless its rule was reported for the same expression."""
        key = (finding.rule, finding.blamed)
        if key not in self._reported:
            self._reported.add(key)
            self._sides.report(finding)

    def exit_if_forked(self) -> None:
        """Exit if this process was forked to follow one side; to be called after each round."""
        self._sides.exit_if_forked()
