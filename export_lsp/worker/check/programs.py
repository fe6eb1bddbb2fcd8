"""What tracing has given for a target, and what is found in it by the stages that follow."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from export_lsp.protocol import Check, Finding, Mode
from export_lsp.worker.check.reference import Reference
from export_lsp.worker.check.reporter import Reporter
from export_lsp.worker.data.traced_program import ProgramOptions, TracedProgram
from export_lsp.worker.remedies import from_syntax
from export_lsp.worker.stages import program_stages
from export_lsp.worker.targets.declaration import Declaration

# A line, as one mode meets it.
Place = tuple[Mode, str, int]


class Programs:
    """The exported programs of a target, by non-strict mode first.

    The stages after tracing look at the first.  What is wrong with it is looked for in the other
    mode's as well, so that findings name the modes that they are about.
    """

    def __init__(
        self, declaration: Declaration, check: Check, reporter: Reporter, trial: Reference | None
    ) -> None:
        self.declaration = declaration
        self._target = declaration.target.name
        self._check = check
        self._reporter = reporter
        self._trial = trial
        self._programs: list[TracedProgram] = []
        self._reported: set[Place] = set()
        self._left_out: list[str] = []
        self._compared = False

    def report(self, finding: Finding) -> None:
        """Report a finding of tracing: its lines in its modes have their cause there."""
        if finding.stage in self._check.stages:
            self._reported.update(_places(finding))
            self._reporter.finding(from_syntax.extended(finding, self.declaration.workspace))

    def add(self, exported: TracedProgram) -> None:
        """Take in what one mode has given."""
        self._programs.append(exported)
        self._programs.sort(key=lambda each: each.mode != "non-strict")

    def compare(self) -> None:
        """Compare the results, once: those of a trial with what there was before its edits, those
        of a program with eager's."""
        if self._compared:
            return
        self._compared = True
        if self._trial is not None:
            for finding in self._trial.findings(self.declaration, self._left_out.append):
                self._reporter.finding(finding)
        if self._programs and "run" in self._check.stages:
            self._look(comparing=True)
            self._reporter.compared(self._target, "; ".join(dict.fromkeys(self._left_out)))

    def finish(self) -> None:
        """Carry out the stages that are left."""
        if self._programs:
            self._look(comparing=False)

    def _look(self, *, comparing: bool) -> None:
        options = ProgramOptions(self._check.opset, self._log, self._left_out.append)
        with warnings.catch_warnings():
            # The model's own have been shown, and torch's speak to who calls these stages.
            warnings.simplefilter("ignore")
            for name, stage in program_stages.selected(self._check.stages):
                if (name == "run") is not comparing:
                    continue
                for exported in self._programs:
                    self._reporter.stage(self._target, name, exported.mode)
                    found = list(stage.check(exported, self.declaration, options))
                    for finding in found:
                        if next(_places(finding)) not in self._reported:
                            workspace = self.declaration.workspace
                            self._reporter.finding(from_syntax.extended(finding, workspace))
                    if not found:
                        break

    def _log(self, text: str) -> None:
        self._reporter.log("info", f"{self._target}: {text}")


def _places(finding: Finding) -> Iterator[Place]:
    """The lines that a finding is about: its own and those of the way to it."""
    for location in (finding.location, *(related.location for related in finding.related)):
        for mode in finding.modes:
            yield mode, location.file, location.start.line
