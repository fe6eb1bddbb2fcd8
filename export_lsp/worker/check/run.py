"""One check: load the file, find its targets, walk each through the stages."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace

from export_lsp.protocol import Check, Finished
from export_lsp.stages import TABLE
from export_lsp.wire import write_all
from export_lsp.worker.check import reference
from export_lsp.worker.check.programs import Programs
from export_lsp.worker.check.reference import Reference
from export_lsp.worker.check.reporter import Emit, Reporter, discard_event
from export_lsp.worker.check.snapshot.body_diff import NotResumableError
from export_lsp.worker.check.snapshot.model_snapshot import Snapshot
from export_lsp.worker.check.start import (
    CheckedFile,
    has_fake_parameters,
    load_targets,
    prepare_process,
    request_real_build,
    selected_targets,
    track_file,
)
from export_lsp.worker.data.target import Built, Target
from export_lsp.worker.graph.module_calls import CallRecorder
from export_lsp.worker.stages import build, export, lower
from export_lsp.worker.system import limits
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.user_code import replaced_functions

STDOUT = 1


def run_check(check: Check, emit: Emit, snapshot: Snapshot | None = None) -> int:
    """Carry out a check, from a snapshot if there is one; the exit status of its process."""
    started = time.perf_counter()
    reporter = Reporter(check, emit)
    try:
        trial = _reference(check, snapshot) if check.texts else None
        checked = _load_or_resume(check, snapshot, reporter)
    except NotResumableError as error:
        reporter.declined(str(error))
        return 0
    try:
        _check_file(check, checked, reporter, trial)
        reporter.imported(checked.imports)
    except BaseException:
        if not _tell_replaced(checked, reporter):
            raise
        reporter.log(
            "info", f"failed with functions of Python's replaced: {traceback.format_exc()}"
        )
    finally:
        reporter.files(checked.workspace.digests)
    emit(Finished(check.run, time.perf_counter() - started, limits.peak_memory()))
    return 0


def _tell_replaced(checked: CheckedFile, reporter: Reporter) -> bool:
    """Whether the user's code has replaced what the check needs, which is told."""
    finding = replaced_functions.explain(
        replaced_functions.restore(), *reporter.entered, checked.workspace
    )
    if finding is not None:
        reporter.finding(finding)
    return finding is not None


def _load_or_resume(check: Check, snapshot: Snapshot | None, reporter: Reporter) -> CheckedFile:
    if snapshot is not None:
        changes = snapshot.changes(check)
        write_all(STDOUT, snapshot.printed)
        reporter.log("debug", "goes on from the model that was made before")
        return snapshot.resume(check, changes)
    prepare_process(check)
    return track_file(check)


def _reference(check: Check, snapshot: Snapshot | None) -> Reference:
    """What the model of a trial does without the edits, where those may change that."""
    if not check.rewritten:
        return Reference()
    unedited = replace(check, texts={})
    changes = snapshot.changes(unedited) if snapshot is not None else []

    def targets() -> Iterator[tuple[str, Built]]:
        if snapshot is not None:
            checked = snapshot.resume(unedited, changes)
        else:
            prepare_process(unedited)
            checked = track_file(unedited)
            reporter = Reporter(unedited, discard_event)
            load_targets(unedited, checked, reporter)
        for target in checked.targets:
            with contextlib.suppress(build.BuildFailedError):
                yield target.name, checked.build(target, unedited)

    return reference.take_reference(targets)


def _check_file(
    check: Check, checked: CheckedFile, reporter: Reporter, trial: Reference | None
) -> None:
    workspace = checked.workspace
    if checked.built:
        reporter.stage("", "load")
    else:
        load_targets(check, checked, reporter)
        if not checked.targets:
            _tell_replaced(checked, reporter)  # it may be why none was found
    reporter.files(workspace.digests)  # now: what is known of a run that crashes is what it said
    reporter.targets([target.name for target in checked.targets])
    for target in selected_targets(checked.targets, check):
        reporter.target(target.name, target.places.declaration)
        limits.limit_cpu(check.cpu_limit)
        if not _check_target(target, check, checked, reporter, trial):
            break
        reporter.files(workspace.digests)


def _check_target(
    target: Target,
    check: Check,
    checked: CheckedFile,
    reporter: Reporter,
    trial: Reference | None,
) -> bool:
    """Walk a target through the stages; False if the whole check has to start again."""
    workspace = checked.workspace
    reporter.stage(target.name, "build")
    was_made = target.name in checked.built
    try:
        built = checked.build(target, check)
    except build.BuildFailedError as failed:
        if request_real_build(failed, check, reporter):
            return False
        reporter.finding(build.explain(failed, target, workspace))
        return True
    if not was_made:
        # Now as well as in the end: a run that is killed by the next save has had its use then.
        # A script was left in the midst of its functions: nothing goes on from there.
        reporter.imported(checked.imports, built="" if checked.script else target.name)

    programs = Programs(Declaration(target, built, workspace), check, reporter, trial)
    exports = any(TABLE[stage].needs_export for stage in check.stages)
    modes = target.modes or check.modes if exports else ()
    if target.name in check.questions and modes:
        programs.declaration.in_eager.start()
    complete = False
    calls = CallRecorder(built.model, workspace)
    for mode in modes:
        reporter.stage(target.name, "capture", mode)
        fakes = has_fake_parameters(check)
        try:
            outcome = export.export(
                programs.declaration, mode, programs.report, calls, fakes=fakes, alone=complete
            )
        except lower.FakeConstantError as error:
            reporter.needs_real(error)
            return False
        complete = outcome.complete
        if mode == "non-strict":
            reporter.traced(target.name, calls.recorded())
        if outcome.exported is not None:
            programs.add(outcome.exported)
            if complete and trial is not None:
                programs.compare()  # now: a fix need not wait for the other mode
    programs.compare()
    programs.finish()
    return True
