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
from export_lsp.worker.check.reporter import Emit, Reporter, unheard
from export_lsp.worker.check.snapshot.body_diff import OtherwiseError
from export_lsp.worker.check.snapshot.model_snapshot import Snapshot
from export_lsp.worker.check.start import (
    Begun,
    ask_for_real,
    begin,
    load_targets,
    may_be_fake,
    prepare,
    wanted,
)
from export_lsp.worker.data.target import Built, Target
from export_lsp.worker.graph.module_calls import Calls
from export_lsp.worker.stages import build, export, lower
from export_lsp.worker.system import limits
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.user_code import replaced

STDOUT = 1


def run_check(check: Check, emit: Emit, snapshot: Snapshot | None = None) -> int:
    """Carry out a check, from a snapshot if there is one; the exit status of its process."""
    started = time.perf_counter()
    reporter = Reporter(check, emit)
    try:
        trial = _reference(check, snapshot) if check.texts else None
        begun = _begun(check, snapshot, reporter)
    except OtherwiseError as error:
        reporter.declined(str(error))
        return 0
    try:
        _check_file(check, begun, reporter, trial)
        reporter.imported(begun.imports)
    except BaseException:
        if not _tell_replaced(begun, reporter):
            raise
        reporter.log(
            "info", f"failed with functions of Python's replaced: {traceback.format_exc()}"
        )
    finally:
        reporter.files(begun.workspace.digests)
    emit(Finished(check.run, time.perf_counter() - started, limits.peak_memory()))
    return 0


def _tell_replaced(begun: Begun, reporter: Reporter) -> bool:
    """Whether the user's code has replaced what the check needs, which is told."""
    finding = replaced.explain(replaced.put_back(), *reporter.entered, begun.workspace)
    if finding is not None:
        reporter.finding(finding)
    return finding is not None


def _begun(check: Check, snapshot: Snapshot | None, reporter: Reporter) -> Begun:
    if snapshot is not None:
        changes = snapshot.changes(check)
        write_all(STDOUT, snapshot.printed)
        reporter.log("debug", "goes on from the model that was made before")
        return snapshot.going_on(check, changes)
    prepare(check)
    return begin(check)


def _reference(check: Check, snapshot: Snapshot | None) -> Reference:
    """What the model of a trial does without the edits, where those may change that."""
    if not check.rewritten:
        return Reference()
    unedited = replace(check, texts={})
    changes = snapshot.changes(unedited) if snapshot is not None else []

    def targets() -> Iterator[tuple[str, Built]]:
        if snapshot is not None:
            begun = snapshot.going_on(unedited, changes)
        else:
            prepare(unedited)
            begun = begin(unedited)
            reporter = Reporter(unedited, unheard)
            load_targets(unedited, begun, reporter)
        for target in begun.targets:
            with contextlib.suppress(build.BuildFailedError):
                yield target.name, begun.build(target, unedited)

    return reference.reference(targets)


def _check_file(check: Check, begun: Begun, reporter: Reporter, trial: Reference | None) -> None:
    workspace = begun.workspace
    if begun.built:
        reporter.stage("", "load")
    else:
        load_targets(check, begun, reporter)
        if not begun.targets:
            _tell_replaced(begun, reporter)  # it may be why none was found
    reporter.files(workspace.digests)  # now: what is known of a run that crashes is what it said
    reporter.targets([target.name for target in begun.targets])
    for target in wanted(begun.targets, check):
        reporter.target(target.name, target.places.declaration)
        limits.limit_cpu(check.cpu_limit)
        if not _check_target(target, check, begun, reporter, trial):
            break
        reporter.files(workspace.digests)


def _check_target(
    target: Target,
    check: Check,
    begun: Begun,
    reporter: Reporter,
    trial: Reference | None,
) -> bool:
    """Walk a target through the stages; False if the whole check has to start again."""
    workspace = begun.workspace
    reporter.stage(target.name, "build")
    was_made = target.name in begun.built
    try:
        built = begun.build(target, check)
    except build.BuildFailedError as failed:
        if ask_for_real(failed, check, reporter):
            return False
        reporter.finding(build.explain(failed, target, workspace))
        return True
    if not was_made:
        # Now as well as in the end: a run that is killed by the next save has had its use then.
        # A script was left in the midst of its functions: nothing goes on from there.
        reporter.imported(begun.imports, built="" if begun.script else target.name)

    programs = Programs(Declaration(target, built, workspace), check, reporter, trial)
    exports = any(TABLE[stage].needs_export for stage in check.stages)
    modes = target.modes or check.modes if exports else ()
    if target.name in check.questions and modes:
        programs.declaration.in_eager.begin()
    complete = False
    calls = Calls(built.model, workspace)
    for mode in modes:
        reporter.stage(target.name, "capture", mode)
        fakes = may_be_fake(check)
        try:
            outcome = export.export(
                programs.declaration, mode, programs.told, calls, fakes=fakes, alone=complete
            )
        except lower.FakeConstantError as error:
            reporter.needs_real(error)
            return False
        complete = outcome.complete
        if mode == "non-strict":
            reporter.traced(target.name, calls.noted())
        if outcome.exported is not None:
            programs.add(outcome.exported)
            if complete and trial is not None:
                programs.compare()  # now: a fix need not wait for the other mode
    programs.compare()
    programs.finish()
    return True
