"""The verdict on one target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from export_lsp.findings import Problem
from export_lsp.protocol import MODES, Cost, Mode, ModeOutcome, Outcome, RuleCode
from export_lsp.stages import TABLE
from export_lsp.verdicts.backends import backend_sentence, backends_phrase
from export_lsp.verdicts.costs import (
    cost_phrase,
    flops_phrase,
    formula_phrase,
    number_phrase,
    parameters_phrase,
)
from export_lsp.verdicts.sizes import dim_phrase, sizes_phrase
from export_lsp.verdicts.verdict import MARKS, Detail, State, Verdict, counted, modes_phrase

# A check that ended by one of these has not come to its end, which says nothing about the model.
LIMITS: dict[RuleCode, str] = {
    "timeout": "out of time",
    "out-of-memory": "out of memory",
    "internal-error": "export-lsp failed",
}

_ENDINGS: dict[ModeOutcome, str] = {
    "exports": "exports",
    "fails": "does not export",
    "unknown": "not known",
}


@dataclass(frozen=True)
class TargetFacts:
    """A target, the outcome of its check, and its problems.

    `outcome` is None if the check ended before it came to the target.  `problems` are those that
    are shown, `ignored` is how many are not.  `outdated` is as in `Verdict`.
    """

    name: str
    outcome: Outcome | None
    problems: tuple[Problem, ...] = ()
    ignored: int = 0
    outdated: bool = False


def severe(problems: Sequence[Problem]) -> list[Problem]:
    """Return the problems that are errors or warnings."""
    return [each for each in problems if each.severity in ("error", "warning")]


def state_of(problems: Sequence[Problem]) -> State:
    """Return the state that errors and warnings lead to."""
    return "fails" if any(each.severity == "error" for each in problems) else "warns"


def target_verdict(target: TargetFacts) -> Verdict:
    """Return the verdict on a target that was checked."""
    outcome = target.outcome
    if outcome is None:
        text = f"{MARKS['unknown']} not reached: the check ended before"
        problems = severe(target.problems)
        if not problems:
            return Verdict("unknown", text, (), target.outdated)
        state = state_of(problems)
        text = f"{MARKS[state]} {counted(len(problems), 'problem')}"
        return Verdict(state, text, (), target.outdated)
    state, words = _Words(target, outcome).state_and_words()
    parts = sizes_phrase(outcome.dims), backends_phrase(outcome.backends)
    sizes = " · ".join(filter(None, parts))
    cost = cost_phrase(outcome.cost)
    details = _details(target, outcome)
    return Verdict(state, " · ".join(words), details, target.outdated, sizes, cost)


class _Words:
    """The state of a target and the parts of its text."""

    def __init__(self, target: TargetFacts, outcome: Outcome) -> None:
        self._outcome = outcome
        self._ignored = target.ignored
        self._mild = len(target.problems) - len(severe(target.problems))
        self._unfinished = self._reason_not_finished(target, outcome)
        problems = severe(target.problems)
        if self._unfinished:
            problems = [each for each in problems if each.rule not in LIMITS]
        self._problems = problems

    def state_and_words(self) -> tuple[State, list[str]]:
        """Return the state, and the parts of the text."""
        if self._problems:
            state = state_of(self._problems)
            count = counted(len(self._problems), "problem")
            return state, [f"{MARKS[state]} {count}", *self._exports(), *self._not_finished()]
        if self._unfinished:
            return "unknown", [f"{MARKS['unknown']} {self._not_finished()[0]}", *self._exports()]
        if not self._outcome.modes:
            return "unchecked", ["not exported: no stage of the export is asked for"]
        if not self._all_export:
            return "ignored", ["does not export", *self._hidden()]
        modes = modes_phrase(list(self._outcome.modes))
        words = [f"exports {MARKS['exports']} {modes}", *self._comparison()]
        return "exports", [*words, *(self._hidden() if self._ignored else [])]

    @staticmethod
    def _reason_not_finished(target: TargetFacts, outcome: Outcome) -> str:
        """The limit of the check that leaves the end of a mode unknown, "" for any other reason."""
        if "unknown" not in outcome.modes.values():
            return ""
        if outcome.stopped is not None:
            return LIMITS.get(outcome.stopped, "the check crashed")
        limits = [LIMITS[each.rule] for each in target.problems if each.rule in LIMITS]
        return limits[0] if limits else ""

    @property
    def _all_export(self) -> bool:
        return all(ending == "exports" for ending in self._outcome.modes.values())

    def _exports(self) -> list[str]:
        """The modes that export although there is something else to say."""
        exporting = ending_so(self._outcome, "exports")
        if not exporting or (self._all_export and state_of(self._problems) == "fails"):
            return []
        only = "" if self._all_export or self._unfinished else " only"
        return [f"exports in {modes_phrase(exporting)}{only}"]

    def _not_finished(self) -> list[str]:
        return [f"not finished: {self._unfinished}"] if self._unfinished else []

    def _comparison(self) -> list[str]:
        if self._outcome.agrees:
            return ["matches eager"]
        return ["not compared with eager"] if "run" in self._outcome.stages else []

    def _hidden(self) -> list[str]:
        if self._ignored:
            return [f"{counted(self._ignored, 'problem')} ignored"]
        return [f"{counted(self._mild, 'hint')} only" if self._mild else "its rules are off"]


def ending_so(outcome: Outcome, ending: ModeOutcome) -> list[Mode]:
    """Return the modes whose export has ended in this way."""
    return [mode for mode in MODES if outcome.modes.get(mode) == ending]


def _details(target: TargetFacts, outcome: Outcome) -> tuple[Detail, ...]:
    modes = [f"{mode} {_ENDINGS[outcome.modes[mode]]}" for mode in MODES if mode in outcome.modes]
    rows = [
        Detail("Target", f"`{target.name}`"),
        Detail("Modes", ", ".join(modes) or "none is asked for"),
        Detail("Results", _results(outcome)),
        Detail("Sizes", _sizes(outcome)),
    ]
    rows += [Detail("Only if", f"`{condition}`") for condition in outcome.conditions]
    rows += _cost(outcome.cost)
    rows += [Detail("Backend", backend_sentence(each)) for each in outcome.backends]
    for each in outcome.left_out:
        if each.stage != "run":
            rows.append(Detail("Left out", f"`{each.stage}`, because {each.reason}"))
    stages = [name for name in TABLE if name != "backends"]  # they have rows of their own
    if not_asked := [name for name in stages if name not in outcome.stages]:
        rows.append(Detail("Not asked for", ", ".join(f"`{name}`" for name in not_asked)))
    rows.append(Detail("Time", f"{outcome.seconds:.1f} s"))
    return tuple(rows)


def _sizes(outcome: Outcome) -> str:
    """The sizes of inputs that the program accepts."""
    if outcome.dims:
        return ", ".join(f"`{dim_phrase(each)}`" for each in outcome.dims)
    return "as in `dynamic_shapes`" if outcome.dynamic else "of the example inputs"


def _cost(cost: Cost | None) -> Iterator[Detail]:
    if cost is not None and (parameters := parameters_phrase(cost)):
        yield Detail("Size", f"{parameters}, {number_phrase(cost.bytes, 'B')}")
    if cost is not None and (flops := flops_phrase(cost.flops)):
        formula = formula_phrase(cost.flops)
        yield Detail("Work", f"{flops}: `{formula}`" if formula else flops)


def _results(outcome: Outcome) -> str:
    """The sentence about the comparison with eager mode."""
    reasons = [each.reason for each in outcome.left_out if each.stage == "run"]
    if outcome.agrees:
        return "as in eager mode, on the example inputs"
    if "run" not in outcome.stages:
        return "not compared with eager mode: the stage `run` is not asked for"
    if not ending_so(outcome, "exports"):
        return "there is no program to compare with eager mode"
    if reasons:
        return f"not compared with eager mode, because {'; '.join(reasons)}"
    return "not known to be those of eager mode"
