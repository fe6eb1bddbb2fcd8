"""The exported programs of a target, and the stages that examine them."""

from __future__ import annotations

import functools
import time
import typing
import warnings
from collections.abc import Iterator
from dataclasses import replace

from torch.export import ExportedProgram

from export_lsp.protocol import ON_REQUEST, Check, Finding, GraphLevel, Mode, RuleCode
from export_lsp.stages import Stage
from export_lsp.worker.backends import survey
from export_lsp.worker.check.edited_model import EditedModel
from export_lsp.worker.check.outcome_record import OutcomeRecord
from export_lsp.worker.check.reference import Reference
from export_lsp.worker.check.reporter import Reporter
from export_lsp.worker.data.traced_program import ProgramOptions, TracedProgram
from export_lsp.worker.graph.equal_graphs import equal_graphs
from export_lsp.worker.insight.costs import costs
from export_lsp.worker.insight.graph_origins import Origins
from export_lsp.worker.insight.graph_text import graph_lines
from export_lsp.worker.insight.operators import operators
from export_lsp.worker.remedies import from_syntax
from export_lsp.worker.stages import program_stages
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.exception_text import USER_ERRORS, text_of

# A line of a file, from 0, in one mode.
ModeLine = tuple[Mode, str, int]


class Programs:
    """The exported programs of a target, that of non-strict mode first.

    The stages after the export examine the first program.  They examine the other mode's as well
    if its graph differs, or if they find something, so that a finding names every mode it applies
    to.  A finding at a line that a failed trace, or the stage `run`, has already been reported for
    is left out.
    """

    def __init__(
        self,
        declaration: Declaration,
        check: Check,
        reporter: Reporter,
        reference: Reference | None,
        record: OutcomeRecord,
    ) -> None:
        self.declaration = declaration
        self._target = declaration.target.name
        self._check = check
        self._reporter = reporter
        self._record = record
        self._programs: list[TracedProgram] = []
        self._reported: dict[ModeLine, Finding] = {}
        self._edited = (
            EditedModel(declaration, reference, functools.partial(record.leave_out, "run"))
            if reference is not None
            else None
        )
        # Whether a stage found nothing in the program of a mode.
        self._silent: dict[tuple[Stage, Mode], bool] = {}
        self._decomposed: dict[Mode, ExportedProgram] = {}
        self._started_at = self._exported_at = time.process_time()

    @property
    def is_trial(self) -> bool:
        return self._edited is not None

    def report(self, finding: Finding) -> None:
        """Report a finding of the export, if its stage was asked for."""
        self._record.found(finding)
        if finding.stage in self._check.stages:
            for line in _lines(finding):
                self._reported.setdefault(line, finding)
            self._reporter.finding(from_syntax.extended(finding, self.declaration.workspace))

    def add(self, exported: TracedProgram) -> None:
        """Add the program of one mode."""
        self._programs.append(exported)
        self._exported_at = time.process_time()
        self._programs.sort(key=lambda each: each.mode != "non-strict")

    def compare(self) -> None:
        """Compare the results of the programs that have not been compared yet.

        A trial is compared with the model before its edits, and a program with eager mode, which is
        the stage `run`.
        """
        if self._edited is not None:
            for finding in self._edited.eager_findings():
                self._reporter.finding(finding)
        if "run" in self._check.stages and self._examine(comparing=True):
            self._record.compared()
            self._report_compared()

    def _report_compared(self) -> None:
        refuses = both_sides = False
        left_out = self._record.reasons("run")
        if self._edited is not None:
            for exported in self._programs:
                if ("run", exported.mode) in self._silent and not left_out:
                    for finding in self._edited.program_findings(exported):
                        self._reporter.finding(finding)
            refuses, both_sides = self._edited.refuses, self._edited.both_sides
        reasons = "; ".join(self._record.reasons("run"))
        self._reporter.compared(self._target, reasons, refuses, both_sides)

    def finish(self) -> None:
        """Carry out the stages after the export other than `run`, and report the costs."""
        self._examine(comparing=False)
        if self._programs and not self._programs[0].altered and not self.is_trial:
            self._report_costs(self._programs[0])
            if self._check.graph is not None:
                self._report_graph(self._programs[0], self._check.graph)
        self._convert()

    def _report_costs(self, exported: TracedProgram) -> None:
        built, workspace = self.declaration.built, self.declaration.workspace
        decomposed = self._decomposed.get(exported.mode)
        try:
            found = costs(
                built.model, exported.program, decomposed, self._record.learned, workspace
            )
        except USER_ERRORS as error:
            # Code of the model's own tensors runs when their sizes are read.
            self._log(f"costs are left out: {text_of(error)}")
            return
        self._record.cost = found.total
        listed = operators(exported.program, decomposed, workspace)
        self._reporter.costs(self._target, listed, found.modules, found.classes)

    def _report_graph(self, exported: TracedProgram, level: GraphLevel) -> None:
        built, workspace = self.declaration.built, self.declaration.workspace
        program = exported.program if level == "export" else self._decomposed.get(exported.mode)
        if program is not None:
            origins = Origins(exported.program, built.model, workspace)
            lines = graph_lines(program, origins, self._record.learned)
            self._reporter.graph(self._target, level, lines)

    def _convert(self) -> None:
        """Convert a program for each backend: that of non-strict mode, as torch's exporters do.

        Trials leave it out, but for those that are about it.
        """
        target = self.declaration.target
        asked = self._check.backends
        own = target.backends if target.backends is not None else asked
        names = [name for name in own if name in asked or name not in ON_REQUEST]
        wanted = not self.is_trial or "backends" in self._check.stages
        if not names or not wanted or not self._programs:
            return
        setting = self._check.backends_location
        for name in names:
            self._reporter.stage(self._target, "backends")
            exported = self._programs[0]
            answer = survey.ask(name, exported, self.declaration, setting, self._export_seconds)
            if answer.left_out:
                self._leave_out("backends", f"`{name}`: {answer.left_out}")
            if answer.fact is not None:
                self._record.backends.append(answer.fact)
            for finding in answer.findings:
                self._reporter.finding(from_syntax.extended(finding, self.declaration.workspace))

    @property
    def _export_seconds(self) -> float:
        return self._exported_at - self._started_at

    def _examine(self, *, comparing: bool) -> bool:
        """Examine the programs with `run`, or with the other stages; return whether any was."""
        before = len(self._silent)
        with warnings.catch_warnings():
            # The model's warnings were shown in the export; torch's are for callers of its API.
            warnings.simplefilter("ignore")
            for name, stage in program_stages.selected(self._check.stages):
                if (name == "run") is not comparing:
                    continue
                for exported in self._programs:
                    if self._is_covered(name, exported):
                        continue
                    options = ProgramOptions(
                        self._check.opset,
                        self._log,
                        functools.partial(self._leave_out, name),
                        self._export_seconds,
                        functools.partial(self._decomposed.setdefault, exported.mode),
                    )
                    self._reporter.stage(self._target, name, exported.mode)
                    found = list(stage.check(exported, self.declaration, options))
                    self._silent[name, exported.mode] = all(each.limit for each in found)
                    self._report_new(found, first=exported is self._programs[0])
        return len(self._silent) > before

    def _is_covered(self, stage: Stage, exported: TracedProgram) -> bool:
        """Return whether a stage need not examine a program.

        It has done so, or it found nothing in the other mode's program and this one is the same.  A
        program that torch does not make by itself (`altered`) counts as the same.
        """
        if (stage, exported.mode) in self._silent:
            return True
        silent = any(none for (name, _), none in self._silent.items() if name == stage)
        return silent and (exported.altered or self._are_equal)

    @functools.cached_property
    def _are_equal(self) -> bool:
        one, other = self._programs
        return equal_graphs(one.program, other.program)

    def _report_new(self, found: list[Finding], *, first: bool) -> None:
        for finding in found:
            self._record.found(finding)
            line = next(_lines(finding))
            if line in self._reported:
                continue
            known = None if first else self._told_otherwise(finding.rule, line)
            if known is not None:
                # At one place they are one problem, with the modes of both.
                finding = replace(finding, location=known.location, library=known.library)
            self._reporter.finding(from_syntax.extended(finding, self.declaration.workspace))
            if finding.stage == "run" or known is not None:
                self._reported[line] = finding

    def _told_otherwise(self, rule: RuleCode, line: ModeLine) -> Finding | None:
        """Return the finding of another rule for a line, in either mode; None without one.

        One cause may break the two programs in different ways.
        """
        found = (self._reported.get((mode, *line[1:])) for mode in typing.get_args(Mode))
        return next((each for each in found if each is not None and each.rule != rule), None)

    def _leave_out(self, stage: Stage, reason: str) -> None:
        self._record.leave_out(stage, reason)
        self._log(f"`{stage}` is left out: {reason}")

    def _log(self, text: str) -> None:
        self._reporter.log("info", f"{self._target}: {text}")


def _lines(finding: Finding) -> Iterator[ModeLine]:
    """Yield the lines of a finding in each of its modes: its own first, then the related ones."""
    for location in (finding.location, *(related.location for related in finding.related)):
        for mode in finding.modes:
            yield mode, location.file, location.start.line
