"""A trial: a check of the files with a candidate's edits, and the findings it reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from export_lsp.protocol import Compared, Finding, Found, RuleCode, RunEvent
from export_lsp.stages import TABLE

# Rules of findings that end a check early, whatever the model.
FAULTS: tuple[RuleCode, ...] = ("worker-crash", "internal-error", "out-of-memory")

# Rules of findings that may mean that an edit has changed the results of the model.
WRONG_RESULTS: tuple[RuleCode, ...] = ("forward-error", "numerics-mismatch")


@dataclass(frozen=True)
class Trial:
    """The outcome of a trial, or as much of it as has been reported.

    `compared` has an entry for each target whose exported program was compared with eager mode, or
    the reason why it was not; the reason is "" if it was.  `refuses` is set if a target refuses
    inputs that it took before the edits, `both_sides` has the targets whose results were compared
    on both sides of the guard.  `endless` is set for a trial that was ended because it took far
    longer than the check without the edits.
    """

    findings: tuple[Finding, ...] = ()
    compared: Mapping[str, str] = field(default_factory=dict)
    refuses: bool = False
    both_sides: frozenset[str] = frozenset()
    endless: bool = False

    def with_event(self, event: RunEvent) -> Trial:
        """Return the trial with one more event taken in."""
        if isinstance(event, Found) and not event.early:
            return replace(self, findings=(*self.findings, event.finding))
        if isinstance(event, Compared):
            return replace(
                self,
                compared={**self.compared, event.target: event.left_out},
                refuses=self.refuses or event.refuses,
                both_sides=self.both_sides | ({event.target} if event.both_sides else set()),
            )
        return self

    @property
    def exceeded_limit(self) -> bool:
        """True if the check had too little time, or too little memory to examine the program."""
        return any(
            finding.rule == "timeout" or (finding.limit and TABLE[finding.stage].after_export)
            for finding in self.findings
        )

    @property
    def incomplete(self) -> bool:
        """True if the check did not reach its end."""
        return self.endless or any(finding.rule in FAULTS for finding in self.findings)

    @property
    def exports(self) -> bool:
        """True if no finding keeps a target from being exported."""
        return not any(_prevents_export(finding) for finding in self.findings)

    @property
    def agrees(self) -> bool:
        """True if the targets export and no finding says that the results differ."""
        return self.exports and not any(finding.rule in WRONG_RESULTS for finding in self.findings)


def _prevents_export(finding: Finding) -> bool:
    return not finding.silent and not TABLE[finding.stage].after_export
