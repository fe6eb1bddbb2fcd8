"""One check: load the file, find its targets, walk each through the stages."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Container, Iterator
from dataclasses import replace
from types import ModuleType

import torch

from export_lsp.protocol import (
    Check,
    Compared,
    Finding,
    Finished,
    Found,
    Imported,
    Loaded,
    Location,
    Log,
    Mode,
    NeedsReal,
    RunEvent,
    Stage,
    StageEntered,
    TargetsFound,
    TargetStarted,
)
from export_lsp.worker import data_files, device, limits, reference, seeds
from export_lsp.worker.declaration import Declaration
from export_lsp.worker.exported import Exported
from export_lsp.worker.failure import USER_ERRORS
from export_lsp.worker.imports import Imports
from export_lsp.worker.packages import project_roots
from export_lsp.worker.private import dynamo, fake_build
from export_lsp.worker.reference import Reference
from export_lsp.worker.remedies import by_place
from export_lsp.worker.stages import after, build, export, load, lower, no_target
from export_lsp.worker.targets import Built, Target, declares_any, discover
from export_lsp.worker.workspace import Workspace, watch_imports

# What needs an export: it goes through the first five, the rest work on what it gave.
EXPORTING: set[Stage] = {
    "inputs",
    "capture",
    "lower",
    "guards",
    "verify",
    "run",
    "save",
    "decompose",
}

# A line, as one mode meets it.
Place = tuple[Mode, str, int]

Emit = Callable[[RunEvent], None]


class Reporter:
    """Says what one run has to say."""

    def __init__(self, check: Check, emit: Emit) -> None:
        self._check = check
        self._emit = emit

    def targets(self, names: list[str]) -> None:
        self._emit(TargetsFound(self._check.run, tuple(names)))

    def target(self, name: str, declaration: Location) -> None:
        self._emit(TargetStarted(self._check.run, name, declaration))

    def stage(self, target: str, stage: Stage, mode: Mode | None = None) -> None:
        self._emit(StageEntered(self._check.run, target, stage, mode))

    def finding(self, finding: Finding) -> None:
        self._emit(Found(self._check.run, finding))

    def compared(self, target: str, left_out: str) -> None:
        if left_out:
            self.log("info", f"{target}: `run` is left out: {left_out}")
        self._emit(Compared(self._check.run, target, left_out))

    def log(self, level: str, text: str) -> None:
        self._emit(Log(self._check.run, level, text))

    def needs_real(self, error: BaseException) -> None:
        text = "".join(traceback.format_exception(error))
        self.log("info", f"built with real parameters, since fake ones fail: {text}")
        self._emit(NeedsReal(self._check.run, str(error)))

    def imported(self, imports: Imports) -> None:
        if not self._check.texts:
            said = imports.modules(), imports.statements()
            self._emit(Imported(self._check.run, *said))

    def files(self, digests: dict[str, str]) -> None:
        self._emit(Loaded(self._check.run, digests))


def run_check(check: Check, emit: Emit) -> int:
    """Carry out a check; the exit status of its process."""
    started = time.perf_counter()
    workspace = Workspace(check.folder, texts=check.texts)
    reporter = Reporter(check, emit)
    try:
        _prepare(check)
        trial = _reference(check) if check.texts else None
        watch_imports(workspace)
        imports = Imports(workspace)
        _check_file(check, workspace, reporter, trial)
        reporter.imported(imports)
    finally:
        reporter.files(workspace.digests)
    emit(Finished(check.run, time.perf_counter() - started, limits.peak_memory()))
    return 0


def _prepare(check: Check) -> None:
    """Make this process look like the one that runs the user's script."""
    os.chdir(check.folder)
    os.environ.update(check.environment)
    sys.argv = [check.file]
    sys.path[:0] = [*check.extra_paths, *project_roots(check.file, check.folder)]
    sys.modules["__main__"] = _script(check.file)
    # A fork's thread pool is made anew by whoever asks first; two of autograd's threads asking at
    # once abort the process (seen in torch 2.13, CUDA build).
    torch.set_num_threads(1)
    limits.limit_memory(check.memory_limit)
    limits.forbid_core_dumps()
    dynamo.keep_tracebacks()
    device.choose(check.device, check.gpu_memory_fraction)


def _script(file: str) -> ModuleType:
    """The module that is run, as libraries look for it; ours is not to be found there."""
    module = ModuleType("__main__")
    module.__file__ = file
    return module


def _reference(check: Check) -> Reference:
    """What the model of a trial does without the edits, where those may change that."""
    if not check.rewritten:
        return Reference()
    unedited = replace(check, texts={})

    def targets() -> Iterator[tuple[str, Built]]:
        workspace = Workspace(check.folder)
        watch_imports(workspace)
        for target in _load(unedited, workspace, Reporter(unedited, lambda event: None)):
            with contextlib.suppress(build.BuildFailedError):
                yield target.name, build.build(target, unedited)

    return reference.reference(targets)


def _check_file(
    check: Check, workspace: Workspace, reporter: Reporter, trial: Reference | None
) -> None:
    targets = _load(check, workspace, reporter)
    reporter.files(workspace.digests)  # now: what is known of a run that crashes is what it said
    reporter.targets([target.name for target in targets])
    for target in targets:
        if target.name in check.skip or (check.only and target.name not in check.only):
            continue
        reporter.target(target.name, target.places.declaration)
        if not _check_target(target, check, workspace, reporter, trial):
            return
        reporter.files(workspace.digests)


def _load(check: Check, workspace: Workspace, reporter: Reporter) -> list[Target]:
    """The targets of the file; none, with a finding, where it declares none or does not import.

    A file that declares no target is not run: it may be a training script.
    """
    try:
        source = workspace.read(check.file)
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        reporter.finding(load.explain(error, check.file, workspace))
        return []
    if source.tree is not None and not check.targets and not declares_any(source):
        reporter.files(workspace.digests)  # what may help is an edit of what was read
        for hint in no_target.explain(source):
            reporter.finding(hint)
        return []
    reporter.stage("", "load")
    explain = load.explain
    seeds.sow(seeds.FILE)
    try:
        with device.making(check.build), data_files.noted(workspace):
            module = load.import_file(check.file)
            explain = load.explain_declaration
            return discover(module, source, check.targets)
    except USER_ERRORS as error:
        if not _ask_for_real(error, check, reporter):
            reporter.finding(explain(error, check.file, workspace))
        return []


def _check_target(
    target: Target,
    check: Check,
    workspace: Workspace,
    reporter: Reporter,
    trial: Reference | None,
) -> bool:
    """Walk a target through the stages; False if the whole check has to start again."""
    reporter.stage(target.name, "build")
    try:
        with data_files.noted(workspace):
            built = build.build(target, check)
    except build.BuildFailedError as failed:
        if _ask_for_real(failed, check, reporter):
            return False
        reporter.finding(build.explain(failed, target, workspace))
        return True

    told: set[Place] = set()

    def report(finding: Finding) -> None:
        if finding.stage in check.stages:
            told.update(_places(finding))
            reporter.finding(by_place.added(finding, workspace))

    declaration = Declaration(target, built, workspace)
    wanted = target.modes or check.modes if EXPORTING.intersection(check.stages) else ()
    complete = False
    programs: list[Exported] = []
    for mode in wanted:
        reporter.stage(target.name, "capture", mode)
        fakes = _may_be_fake(check)
        try:
            outcome = export.export(declaration, mode, report, fakes=fakes, alone=complete)
        except lower.FakeConstantError as error:
            reporter.needs_real(error)
            return False
        complete = outcome.complete
        if outcome.exported is not None:
            programs.append(outcome.exported)
    left_out: list[str] = []
    if trial is not None:
        for finding in trial.findings(declaration, left_out.append):
            reporter.finding(finding)
    if programs:
        _check_programs(programs, declaration, check, reporter, told, left_out)
    return True


def _places(finding: Finding) -> Iterator[Place]:
    """The lines that a finding is about: its own and those of the way to it."""
    for location in (finding.location, *(related.location for related in finding.related)):
        for mode in finding.modes:
            yield mode, location.file, location.start.line


def _check_programs(
    programs: list[Exported],
    declaration: Declaration,
    check: Check,
    reporter: Reporter,
    told: Container[Place],
    left_out: list[str],
) -> None:
    """The stages after tracing, on non-strict mode's program if there is one.

    What is wrong with it is looked for in the other mode's as well, so that findings name the modes
    that they are about.  A line that was `told` of in a mode has its cause before these stages.
    """
    target = declaration.target.name
    programs = sorted(programs, key=lambda exported: exported.mode != "non-strict")

    def log(text: str) -> None:
        reporter.log("info", f"{target}: {text}")

    with warnings.catch_warnings():
        # The model's own have been shown, and torch's speak to who calls these stages.
        warnings.simplefilter("ignore")
        for stage, findings in after.checks(check, log, left_out.append):
            for exported in programs:
                reporter.stage(target, stage, exported.mode)
                found = list(findings(exported, declaration))
                for finding in found:
                    if next(_places(finding)) not in told:
                        reporter.finding(by_place.added(finding, declaration.workspace))
                if not found:
                    break
            if stage == "run":
                reporter.compared(target, "; ".join(dict.fromkeys(left_out)))


def _ask_for_real(error: BaseException, check: Check, reporter: Reporter) -> bool:
    """Whether the failure may be our fake parameters' fault; if so the check is run again."""
    if not _may_be_fake(check):
        return False
    reporter.needs_real(error)
    return True


def _may_be_fake(check: Check) -> bool:
    return check.build != "real" and fake_build.any_made()
