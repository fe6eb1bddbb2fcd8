"""The verdict on a file: that on its targets together, or why it has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from export_lsp.findings import Problem
from export_lsp.protocol import Outcome
from export_lsp.verdicts.targets import LIMITS, TargetFacts, severe, state_of, target_verdict
from export_lsp.verdicts.verdict import (
    MARKS,
    Detail,
    State,
    Verdict,
    counted,
    modes_phrase,
)

# Why a file is not checked, to follow "not checked:".
NO_INPUTS = "no example inputs"
SCRIPT = "exported by a script"
NO_TARGET = "no target"
MANUAL = "only on request"
EXCLUDED = "excluded"
UNTRUSTED = "the folder is not trusted"
NOT_OPENED = "not opened yet"

# Why nothing can be checked, by the reason why an interpreter is unusable.
UNABLE = {
    "torch-missing": "no torch",
    "torch-too-old": "torch is too old",
    "torch-broken": "torch cannot be imported",
    "python-too-old": "Python is too old",
    "no-interpreter": "no interpreter",
}
BROKEN_INTERPRETER = "the interpreter is broken"

# What to do about it.
_HINTS = {
    NO_INPUTS: "declare `model` and `example_args` at module level; an action looks for inputs",
    SCRIPT: "use the lens over the call, or the setting `run-main`",
    NO_TARGET: "the file declares none to export",
    MANUAL: "run the command that checks this file",
    EXCLUDED: "the setting `exclude` matches the file",
    UNTRUSTED: "checking a file runs its code",
    NOT_OPENED: "open the file, or check the workspace",
}


@dataclass(frozen=True)
class FileFacts:
    """A file whose check has ended, for its verdict.

    `targets` are those that it declares.  `problems` are those of no target, such as a failure to
    import the file.  `unchecked` is the reason if it declares no target.
    """

    targets: tuple[TargetFacts, ...]
    problems: tuple[Problem, ...] = ()
    unchecked: str = NO_TARGET
    outdated: bool = False


def not_checked(reason: str, *, outdated: bool = False) -> Verdict:
    """Return the verdict on a file that is not checked, for a reason above."""
    hint = (Detail("Hint", _HINTS[reason]),) if reason in _HINTS else ()
    return Verdict("unchecked", f"not checked: {reason}", hint, outdated)


def unable(reason: str, sentence: str) -> Verdict:
    """Return the verdict where nothing can be checked, for a reason in `UNABLE`."""
    return Verdict("unable", UNABLE.get(reason, BROKEN_INTERPRETER), (Detail("Reason", sentence),))


def elsewhere(other: str, verdict: Verdict, more: int) -> Verdict:
    """Return the verdict on a file without targets that the target of another file uses.

    Args:
        other: The name of the other file.
        verdict: The verdict on it.
        more: How many further files use it.
    """
    others = f" · {counted(more, 'more file')}" if more else ""
    text = f"{other}: {verdict.text}{others}"
    return replace(
        verdict, text=text, details=(Detail("Checked in", f"`{other}`"), *verdict.details)
    )


def checking() -> Verdict:
    """Return the verdict on a file, or a target, while it is checked."""
    return Verdict("checking", "checking…")


def cancelled() -> Verdict:
    """Return the verdict on a file, or a target, whose newest check was cancelled."""
    return Verdict("unknown", f"{MARKS['unknown']} not finished: cancelled")


def file_verdict(file: FileFacts) -> Verdict:
    """Return the verdict on a file that was checked."""
    if not file.targets:
        return replace(_without_targets(file), outdated=file.outdated)
    if len(file.targets) == 1:
        [target] = file.targets
        both = (*target.problems, *(each for each in file.problems if each not in target.problems))
        return replace(target_verdict(replace(target, problems=both)), outdated=file.outdated)
    return replace(_of_several(file), outdated=file.outdated)


def _without_targets(file: FileFacts) -> Verdict:
    problems = severe(file.problems)
    details = tuple(Detail("Problem", each.title) for each in problems)
    if problems and all(each.rule in LIMITS for each in problems):
        text = f"{MARKS['unknown']} not finished: {LIMITS[problems[0].rule]}"
        return Verdict("unknown", text, details)
    if problems:
        state = state_of(problems)
        return Verdict(state, f"{MARKS[state]} {counted(len(problems), 'problem')}", details)
    return not_checked(file.unchecked)


def _of_several(file: FileFacts) -> Verdict:
    verdicts = [target_verdict(each) for each in file.targets]
    details = tuple(
        Detail(f"`{target.name}`", verdict.text)
        for target, verdict in zip(file.targets, verdicts, strict=True)
    )
    problems = severe(_distinct([*file.problems, *(p for t in file.targets for p in t.problems)]))
    failing = [each for each in verdicts if each.state in ("fails", "warns")]
    unknown = sum(each.state == "unknown" for each in verdicts)
    ignored = sum(each.state == "ignored" for each in verdicts)
    total = len(verdicts)
    words = []
    state: State
    if failing or any(each.rule not in LIMITS for each in severe(file.problems)):
        state = "fails" if any(each.state == "fails" for each in failing) else "warns"
        problems = [each for each in problems if each.rule not in LIMITS]
        where = f" in {len(failing)} of {total} targets" if failing else ""
        words.append(f"{counted(len(problems), 'problem')}{where}")
    else:
        state = "unknown" if unknown else "ignored" if ignored else "exports"
    if unknown:
        words.append(f"{unknown} of {total} targets not finished")
    if ignored:
        words.append(f"{ignored} of {total} targets {_do(ignored)} not export (ignored)")
    if words:
        return Verdict(state, " ".join([*_mark(state), " · ".join(words)]), details)
    return _all_well([each.outcome for each in file.targets if each.outcome], details)


def _all_well(outcomes: Sequence[Outcome], details: tuple[Detail, ...]) -> Verdict:
    """The verdict on targets each of which exports, or is not to be exported."""
    total = len(outcomes)
    if not all(each.modes for each in outcomes):
        return Verdict("unchecked", f"{total} targets not exported", details)
    alike = {tuple(each.modes) for each in outcomes}
    modes = f" {modes_phrase(list(outcomes[0].modes))}" if len(alike) == 1 else ""
    words = [f"{total} targets export {MARKS['exports']}{modes}"]
    compared = [each for each in outcomes if "run" in each.stages]
    if missing := sum(not each.agrees for each in compared):
        words.append(f"{missing} not compared with eager")
    elif compared:
        words.append("match eager")
    return Verdict("exports", " · ".join(words), details)


def _mark(state: State) -> list[str]:
    return [MARKS[state]] if state in MARKS else []


def _distinct(problems: Sequence[Problem]) -> list[Problem]:
    """Return problems without repetitions: one may be that of several targets."""
    found: list[Problem] = []
    for each in problems:
        if each not in found:
            found.append(each)
    return found


def _do(number: int) -> str:
    return "does" if number == 1 else "do"
