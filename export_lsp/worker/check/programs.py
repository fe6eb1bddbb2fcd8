"""The exported programs of a target, and the stages that examine them."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator

from export_lsp.protocol import Check, Finding, Mode
from export_lsp.worker.check.reference import Reference
from export_lsp.worker.check.reporter import Reporter
from export_lsp.worker.data.traced_program import ProgramOptions, TracedProgram
from export_lsp.worker.remedies import from_syntax
from export_lsp.worker.stages import program_stages
from export_lsp.worker.targets.declaration import Declaration

# A line of a file, from 0, in one mode.
ModeLine = tuple[Mode, str, int]


class Programs:
    """The exported programs of a target, that of non-strict mode first.

    The stages after the export examine the first program.  If they find something, they examine
    the other mode's as well, so that a finding names every mode it applies to.  A finding at a
    line that a failed trace has already been reported for is left out.
    """

    def __init__(
        self,
        declaration: Declaration,
        check: Check,
        reporter: Reporter,
        reference: Reference | None,
    ) -> None:
        self.declaration = declaration
        self._target = declaration.target.name
        self._check = check
        self._reporter = reporter
        self._reference = reference
        self._programs: list[TracedProgram] = []
        self._reported: set[ModeLine] = set()
        self._left_out: list[str] = []
        self._compared = False
        self._started_at = self._exported_at = time.process_time()

    @property
    def is_trial(self) -> bool:
        return self._reference is not None

    def report(self, finding: Finding) -> None:
        """Report a finding of the export, if its stage was asked for."""
        if finding.stage in self._check.stages:
            self._reported.update(_lines(finding))
            self._reporter.finding(from_syntax.extended(finding, self.declaration.workspace))

    def add(self, exported: TracedProgram) -> None:
        """Add the program of one mode."""
        self._programs.append(exported)
        self._exported_at = time.process_time()
        self._programs.sort(key=lambda each: each.mode != "non-strict")

    def compare(self) -> None:
        """Compare the results; further calls do nothing.

        A trial is compared with the model before its edits, and a program with eager mode, which is
        the stage `run`.
        """
        if self._compared:
            return
        self._compared = True
        if self._reference is not None:
            for finding in self._reference.findings(self.declaration, self._left_out.append):
                self._reporter.finding(finding)
        if self._programs and "run" in self._check.stages:
            self._examine(comparing=True)
            self._reporter.compared(self._target, "; ".join(dict.fromkeys(self._left_out)))

    def finish(self) -> None:
        """Carry out the stages after the export other than `run`."""
        if self._programs:
            self._examine(comparing=False)

    @property
    def _export_seconds(self) -> float:
        return self._exported_at - self._started_at

    def _examine(self, *, comparing: bool) -> None:
        options = ProgramOptions(
            self._check.opset, self._log, self._left_out.append, self._export_seconds
        )
        with warnings.catch_warnings():
            # The model's warnings were shown in the export; torch's are for callers of its API.
            warnings.simplefilter("ignore")
            for name, stage in program_stages.selected(self._check.stages):
                if (name == "run") is not comparing:
                    continue
                for exported in self._programs:
                    self._reporter.stage(self._target, name, exported.mode)
                    found = list(stage.check(exported, self.declaration, options))
                    self._report_new(found)
                    if all(finding.limit for finding in found):
                        break

    def _report_new(self, found: list[Finding]) -> None:
        for finding in found:
            if next(_lines(finding)) not in self._reported:
                self._reporter.finding(from_syntax.extended(finding, self.declaration.workspace))

    def _log(self, text: str) -> None:
        self._reporter.log("info", f"{self._target}: {text}")


def _lines(finding: Finding) -> Iterator[ModeLine]:
    """Yield the lines of a finding in each of its modes: its own first, then the related ones."""
    for location in (finding.location, *(related.location for related in finding.related)):
        for mode in finding.modes:
            yield mode, location.file, location.start.line
