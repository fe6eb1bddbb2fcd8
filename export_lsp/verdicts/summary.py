"""One sentence about many files: how many targets export, and what is not checked.

The worst comes first: notifications show a hundred characters, up to a colon or a semicolon.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from export_lsp.verdicts.verdict import State, Verdict, counted

# A state of targets as a clause, for one target and for several; in the order of the sentence.
_CLAUSES: dict[State, tuple[str, str]] = {
    "fails": ("1 fails", "{} fail"),
    "warns": ("1 has warnings", "{} have warnings"),
    "unknown": ("1 is unfinished", "{} are unfinished"),
    "exports": ("1 exports", "{} export"),
    "ignored": ("1 is ignored", "{} are ignored"),
    "unchecked": ("1 is not exported", "{} are not exported"),
    "unable": ("1 cannot be checked", "{} cannot be checked"),
    "checking": ("1 is being checked", "{} are being checked"),
}


def summary(targets: Iterable[Verdict], others: Sequence[Verdict]) -> str:
    """Return the sentence: "3 targets: 1 fails, 2 export".

    Args:
        targets: The verdicts on all targets.
        others: The verdicts on files that declare no target.
    """
    states = Counter(each.state for each in targets)
    parts = [f"{counted(states.total(), 'target')}{_clauses(states)}"]
    failed: Counter[State] = Counter()
    failed.update(each.state for each in others if each.state != "unchecked")
    if failed:
        parts.append(f"{counted(failed.total(), 'other file')}{_clauses(failed)}")
    reasons = Counter(
        each.text.removeprefix("not checked: ") for each in others if each.state == "unchecked"
    )
    if reasons:
        why = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        parts.append(f"{counted(reasons.total(), 'file')} not checked: {why}")
    return f"{'; '.join(parts)}."


def _clauses(states: Counter[State]) -> str:
    found = [
        (one if states[state] == 1 else several).format(states[state])
        for state, (one, several) in _CLAUSES.items()
        if states[state]
    ]
    return f": {', '.join(found)}" if found else ""
