"""The findings for runs that break off: by time-out, crash, lack of memory, or a fault of ours."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from export_lsp import titles
from export_lsp.engine.files import disk
from export_lsp.engine.hosts.exit_status import FLOODED, SIGKILL, crash_name, is_crash
from export_lsp.engine.runs.progress import RunProgress
from export_lsp.engine.runs.run_clock import SLOWEST
from export_lsp.protocol import INTERNAL_ERROR, Finding, LeftOut, Outcome, RuleCode
from export_lsp.stages import TABLE, Stage

# The option of a script that says how long it trains.
_AMOUNT = re.compile(r"""["'](--?[\w-]*(?:epoch|step|iter)[\w-]*)["']""")


@dataclass(frozen=True)
class Limits:
    """The seconds that a target may take, and a script until it reaches its export."""

    target: float
    script: float


@dataclass(frozen=True)
class BrokenRun:
    """A run that broke off.

    Attributes:
        progress: How far it had come.
        status: The exit status of its process, negative for a signal.
        limits: The time that it may take.
        host_died: True if the host of the run has ended as well.
    """

    progress: RunProgress
    status: int
    limits: Limits
    host_died: bool

    @property
    def late(self) -> bool:
        """True if it was killed because it exceeded its time."""
        return self.progress.late

    @property
    def timeout(self) -> float:
        """The seconds that it might take."""
        return self.limits.script if self.progress.script else self.limits.target

    @property
    def has_exported(self) -> bool:
        """True if the current target had been exported."""
        return TABLE[self.progress.stage].after_export

    @property
    def left_out(self) -> list[Stage]:
        """The stages after the export that the current target was not taken through."""
        rows = [row.name for row in TABLE.values() if row.after_export]
        reached = self.progress.stage
        first = rows.index(reached) if reached in rows else 0
        return [name for name in rows[first:] if name in self.progress.check.stages]

    @property
    def doing(self) -> str:
        """The activity in which it broke off, to follow "while"."""
        doing = TABLE[self.progress.stage].doing
        reached = self.progress.reached
        return doing if reached is None else f"{doing}, at `{reached.excerpt}`"


@dataclass(frozen=True)
class _Fault:
    """A kind of fault: the first whose condition holds is the one.

    `label` begins the title, followed by the code that the run was in; it and `explanation` are
    templates, and `fault_finding` lists their fields.  Like a finding, a fault has `limit` set if
    the run had too little time or memory.
    """

    applies: Callable[[BrokenRun], bool]
    rule: RuleCode
    label: str
    explanation: str
    limit: bool = False


_FAULTS = (
    _Fault(
        lambda run: run.status == FLOODED,
        "worker-crash",
        "Too many reports in one check",
        "The check reported more than export-lsp shows and was stopped while {doing}. Declare fewer"
        " targets in one file, and look for code that writes to descriptors which are not its own.",
    ),
    _Fault(
        lambda run: run.late and run.has_exported,
        "timeout",
        "Time-out after the export",
        "The model exports, but {stages} left out, because after {seconds:g} s the check was still"
        " {doing}. Raise the `timeout` setting to include {them}.",
        limit=True,
    ),
    _Fault(
        lambda run: run.progress.starved,
        "timeout",
        "Machine too busy for this check",
        "The check was stopped after {seconds:g} s while {doing}, with less than {timeout:g} s of"
        " processor time. Check again later, or raise the `{setting}` setting.",
        limit=True,
    ),
    _Fault(
        lambda run: run.late and run.progress.script,
        "timeout",
        "No export after {timeout:g} s",
        "The script was stopped after {timeout:g} s (the `{setting}` setting), {at}. To reach the"
        " export sooner, {shorten}, declare the model as a target, or raise the limit.",
        limit=True,
    ),
    _Fault(
        lambda run: run.late,
        "timeout",
        "Time-out after {timeout:g} s",
        "export-lsp stopped the check after {timeout:g} s (the `{setting}` setting) while {doing}."
        " Look for an endless loop, check a smaller configuration, or raise the limit.",
        limit=True,
    ),
    # Linux kills the largest process when memory runs out: the run, not its host.
    _Fault(
        lambda run: run.status == -SIGKILL and run.host_died,
        "worker-crash",
        "All checks killed from outside",
        "The process that runs all checks was killed from outside (SIGKILL) while {doing}: by the"
        " model's code or by another program. Look for what sends signals.",
    ),
    _Fault(
        lambda run: run.status == -SIGKILL and run.has_exported,
        "out-of-memory",
        "Check killed after the export",
        "The model exports, but {stages} left out, because the check was killed from outside while"
        " {doing}, as the system does when memory runs out. Check a smaller configuration to"
        " include {them}.",
        limit=True,
    ),
    _Fault(
        lambda run: run.status == -SIGKILL,
        "out-of-memory",
        "Check killed from outside",
        "The check was killed from outside while {doing}, as the system does when memory runs out."
        " Check a smaller configuration.",
        limit=True,
    ),
    _Fault(
        lambda run: is_crash(run.status),
        "worker-crash",
        "Crash with {crash}",
        "The check crashed with {crash} while {doing}. Look at the native code that it calls and at"
        " its last output.",
    ),
    _Fault(
        lambda run: run.status == INTERNAL_ERROR,
        "internal-error",
        "Failure of export-lsp itself",
        "export-lsp itself failed while {doing}, which says nothing about the model. Please report"
        " it with the traceback from the log.",
    ),
    _Fault(
        lambda run: True,
        "worker-crash",
        "Process ended with status {status}",
        "The process that checked this file exited with status {status} while {doing}. Code that"
        " ends the process (`os._exit`) cannot be checked.",
    ),
)

# Why stages after the fault are left out.
_REASONS: dict[RuleCode, str] = {
    "timeout": "the check took too long",
    "out-of-memory": "memory ran out",
    "worker-crash": "the check crashed",
    "internal-error": "export-lsp itself failed",
}


def fault_finding(run: BrokenRun) -> Finding:
    """Return the finding for a run that broke off.

    It is about the current target and stage, at the user's code that the run was in if that is
    known, else at the declaration of the target.
    """
    progress, reached = run.progress, run.progress.reached
    fault = next(fault for fault in _FAULTS if fault.applies(run))
    fields: dict[str, Any] = {
        "doing": run.doing,
        "at": "while importing" if reached is None else f"at `{reached.excerpt}`",
        "shorten": _shorten(progress.check.file) if progress.script else "",
        "setting": "script-timeout" if progress.script else "timeout",
        "stages": _were([f"`{stage}`" for stage in run.left_out]),
        "them": "it" if len(run.left_out) == 1 else "them",
        "timeout": run.timeout,
        "seconds": run.timeout / SLOWEST if progress.starved else run.timeout,
        "status": run.status,
        "crash": crash_name(run.status),
    }
    modes = (progress.mode,) if progress.mode else ()
    title = titles.title(
        fault.label.format(**fields),
        "" if reached is None else reached.excerpt,
        titles.length_in(modes),
    )
    return Finding(
        fault.rule,
        progress.stage,
        modes,
        progress.target,
        progress.location if reached is None else reached.location,
        title,
        fault.explanation.format(**fields),
        related=() if reached is None else reached.related,
        limit=fault.limit,
    )


def broken_outcome(run: BrokenRun, fault: RuleCode) -> Outcome:
    """Return the outcome of the target whose check broke off by a fault of this rule."""
    progress = run.progress
    left_out = run.left_out if run.has_exported else []
    return Outcome(
        progress.target,
        progress.location.beginning,
        dict(progress.modes),
        progress.check.stages,
        left_out=tuple(LeftOut(stage, _REASONS[fault]) for stage in left_out),
        seconds=time.monotonic() - progress.began,
        stopped=fault,
    )


def _shorten(file: str) -> str:
    """Return the advice to make a script do less, with its own option if it has one for that."""
    script = disk.lines(file) or []
    option = next((found[1] for found in map(_AMOUNT.search, script) if found), None)
    if option is None:
        return "give it arguments with which it does less (`run-args`)"
    return f"lower its `{option}` (`run-args`)"


def _were(names: Sequence[str]) -> str:
    """Return names as the beginning of a sentence about what happened to them."""
    if len(names) < 2:
        return f"{''.join(names)} was"
    return f"{', '.join(names[:-1])} and {names[-1]} were"
