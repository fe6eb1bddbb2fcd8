"""One check: load the file, find its targets, take each one through the stages."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace

from export_lsp.protocol import Check, Finished, Mode
from export_lsp.stages import TABLE
from export_lsp.wire import write_all
from export_lsp.worker.check import preloading
from export_lsp.worker.check.checked_file import (
    CheckedFile,
    load_targets,
    selected_targets,
    track_file,
)
from export_lsp.worker.check.outcome_record import OutcomeRecord
from export_lsp.worker.check.process_setup import prepare_process
from export_lsp.worker.check.programs import Programs
from export_lsp.worker.check.rebuild import (
    as_reported,
    is_due_to_build,
    request_rebuild,
    too_large_for_values,
)
from export_lsp.worker.check.reference import Reference, take_reference
from export_lsp.worker.check.reporter import Emit, Reporter, discard_event
from export_lsp.worker.check.snapshot.errors import NotResumableError
from export_lsp.worker.check.snapshot.model_snapshot import Snapshot
from export_lsp.worker.data.target import Target
from export_lsp.worker.graph.module_calls import CallRecorder
from export_lsp.worker.insight.widest.suggest import suggest
from export_lsp.worker.stages import build, export
from export_lsp.worker.system import limits, memory_use, temporary_files
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.user_code import observing, replaced_functions

STDOUT = 1


def run_check(check: Check, emit: Emit, snapshot: Snapshot | None = None) -> int:
    """Carry out a check in this process.

    With a snapshot the check resumes after the build of its first target, or is declined if the
    files differ from the snapshot's in more than bodies of functions.  It is declined as well if
    libraries that were imported ahead may differ from those that it imports.  A process carries out
    one check, and a snapshot serves one.

    Returns:
        The exit status of the process.

    Raises:
        BaseException: what the worker's own code raises; failures of user code become findings.
    """
    started = time.perf_counter()
    reporter = Reporter(check, emit)
    if snapshot is None and (reason := preloading.reason_to_decline(check)) is not None:
        reporter.declined(reason)
        return 0
    try:
        reference = _reference(check, snapshot) if check.texts else None
        checked = _load_or_resume(check, snapshot, reporter)
    except NotResumableError as error:
        reporter.declined(str(error))
        return 0
    try:
        _check_file(check, checked, reporter, reference)
        reporter.imported(checked.imports)
    except BaseException:
        if not _report_replaced_functions(checked, reporter):
            raise
        reporter.log(
            "info",
            f"failed after the user's code replaced functions of Python: {traceback.format_exc()}",
        )
    finally:
        reporter.files(checked.workspace, complete=True)
    emit(Finished(check.run, time.perf_counter() - started, memory_use.peak_memory()))
    return 0


def _report_replaced_functions(checked: CheckedFile, reporter: Reporter) -> bool:
    """Restore Python's own functions; report, and return True, if the user's code replaced any."""
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
        reporter.log("debug", "resumes from a snapshot of the model")
        temporary_files.use_own_directory()
        return snapshot.resume(check, changes)
    prepare_process(check)
    return track_file(check)


def _reference(check: Check, snapshot: Snapshot | None) -> Reference:
    """Return the results of the model on disk, if a trial has to be compared with them."""
    if not check.rewritten and not check.varied:
        return Reference()
    unedited = replace(check, texts={})
    changes = snapshot.changes(unedited) if snapshot is not None else []

    def built_targets() -> Iterator[Declaration]:
        if snapshot is not None:
            checked = snapshot.resume(unedited, changes)
        else:
            prepare_process(unedited)
            checked = track_file(unedited)
            load_targets(unedited, checked, Reporter(unedited, discard_event))
        for target in selected_targets(checked.targets, check):
            with contextlib.suppress(build.BuildFailedError):
                yield Declaration(target, checked.build(target, unedited), checked.workspace)

    return take_reference(
        built_targets, needed=check.rewritten, varied=check.varied, guard=check.guard
    )


def _check_file(
    check: Check, checked: CheckedFile, reporter: Reporter, reference: Reference | None
) -> None:
    workspace = checked.workspace
    if checked.built:
        reporter.stage("", "load")
    else:
        load_targets(check, checked, reporter)
        if not checked.targets:
            _report_replaced_functions(checked, reporter)  # they may be the reason
    reporter.files(workspace)  # already now: the run may crash later
    reporter.targets([target.name for target in checked.targets])
    for target in selected_targets(checked.targets, check):
        modes = _modes(target, check)
        reporter.target(target.name, target.places.declaration, modes)
        record = OutcomeRecord(target, check, modes)
        limits.limit_cpu(check.cpu_limit)
        if not _check_target(target, check, checked, reporter, reference, record):
            break
        reporter.target_ended(record.outcome())
        reporter.files(workspace)


def _modes(target: Target, check: Check) -> tuple[Mode, ...]:
    """Return the modes in which a target is exported."""
    exports = any(TABLE[stage].needs_export for stage in check.stages)
    return target.modes or check.modes if exports else ()


def _check_target(
    target: Target,
    check: Check,
    checked: CheckedFile,
    reporter: Reporter,
    reference: Reference | None,
    record: OutcomeRecord,
) -> bool:
    """Take a target through the stages; return False if it is checked again with another build."""
    workspace = checked.workspace
    reporter.stage(target.name, "build")
    from_snapshot = target.name in checked.built
    try:
        built = checked.build(target, check)
    except build.BuildFailedError as failed:
        if request_rebuild(failed, check, reporter):
            return False
        reporter.finding(as_reported(build.explain(failed, target, workspace), check, workspace))
        return True
    if not from_snapshot:
        # Already now, for the host to make a snapshot of: the next save may kill this run.  A
        # script is left in the middle of its functions, so that no snapshot can be made of it.
        reporter.imported(checked.imports, built="" if checked.script else target.name)
    record.dynamic = bool(built.dynamic_shapes)
    declaration = Declaration(target, built, workspace)
    modes = _modes(target, check)
    if check.suggests_shapes:
        reporter.stage(target.name, "capture")
        reporter.shapes_suggested(target.name, suggest(declaration, modes))
        return True
    programs = Programs(declaration, check, reporter, reference, record)
    if target.name in check.questions and modes:
        programs.declaration.in_eager.start()
    if not _export_modes(modes, programs, check, reporter, record):
        return False
    programs.compare()
    programs.finish()
    return True


def _export_modes(
    modes: tuple[Mode, ...],
    programs: Programs,
    check: Check,
    reporter: Reporter,
    record: OutcomeRecord,
) -> bool:
    """Export in each mode; return False if the target is checked again with another build."""
    declaration = programs.declaration
    target = declaration.target.name
    complete = False
    calls = CallRecorder(declaration.built.model, declaration.workspace)
    learning: Mode = "non-strict" if "non-strict" in modes else "strict"
    for mode in modes:
        reporter.stage(target, "capture", mode)
        as_python = observing.without_wrappers() if mode == "strict" else contextlib.nullcontext()
        try:
            with as_python:
                outcome = export.export(
                    declaration,
                    mode,
                    programs.report,
                    calls,
                    due_to_build=lambda error: is_due_to_build(error, check),
                    alone=complete,
                    insight_wanted=not check.texts and mode == learning,
                )
        except export.BuildMattersError as error:
            if request_rebuild(error, check, reporter):
                return False
            reporter.finding(too_large_for_values(error, mode, declaration))
            reporter.mode_ended(target, mode, "unknown")
            continue
        complete = outcome.complete
        reporter.mode_ended(target, mode, record.exported(mode, outcome.program))
        if mode == "non-strict":
            reporter.traced(target, calls.recorded())
        if mode == learning:
            reporter.insight(target, outcome.learned.values)
            record.learned = outcome.learned
        if outcome.program is not None:
            programs.add(outcome.program)
            if complete and programs.is_trial:
                programs.compare()  # already now: a fix need not wait for the other mode
    return True
