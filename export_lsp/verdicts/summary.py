"""One sentence about many files: how many targets export, and what is not checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from export_lsp.verdicts.verdict import State, Verdict, counted

# A state of targets as a clause, for one target and for several; in the order of the sentence.
_CLAUSES: dict[State, tuple[str, str]] = {
    "exports": ("1 exports", "{} export"),
    "warns": ("1 has warnings", "{} have warnings"),
    "fails": ("1 has errors", "{} have errors"),
    "ignored": ("1 does not export, which is ignored", "{} do not export, which is ignored"),
    "unknown": ("1 is not finished", "{} are not finished"),
    "unchecked": ("1 is not exported", "{} are not exported"),
    "unable": ("1 cannot be checked", "{} cannot be checked"),
    "checking": ("1 is being checked", "{} are being checked"),
}


def summary(
    targets: Iterable[Verdict], others: Sequence[Verdict], unchecked: Mapping[str, int]
) -> str:
    """Return the sentence: "3 targets: 2 export, 1 has errors".

    Args:
        targets: The verdicts on all targets.
        others: The verdicts on checked files that declare no target.
        unchecked: The number of files that are not checked, by the reason.
    """
    states = Counter(each.state for each in targets)
    sentences = [f"{counted(states.total(), 'target')}{_clauses(states)}."]
    failed = [each for each in others if each.state != "unchecked"]
    if failed:
        states = Counter(each.state for each in failed)
        sentences.append(f"{counted(len(failed), 'file')} without targets{_clauses(states)}.")
    reasons = dict(Counter(unchecked))
    for each in others:
        if each.state == "unchecked":
            reason = each.text.removeprefix("not checked: ")
            reasons[reason] = reasons.get(reason, 0) + 1
    if reasons:
        files = [f"{counted(count, 'file')} ({reason})" for reason, count in reasons.items()]
        sentences.append(f"Not checked: {', '.join(files)}.")
    return " ".join(sentences)


def _clauses(states: Counter[State]) -> str:
    found = [
        (one if states[state] == 1 else several).format(states[state])
        for state, (one, several) in _CLAUSES.items()
        if states[state]
    ]
    return f": {', '.join(found)}" if found else ""
