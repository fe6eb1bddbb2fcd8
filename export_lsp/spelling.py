"""The name that a misspelt one most likely stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

# How alike two names have to be, from 0 to 1.
CUTOFF = 0.65


def nearest(word: str, names: Iterable[str]) -> str | None:
    """Return the name that is most like a word, None if none is.

    A word may stand for one part of a name with hyphens: ``gurad`` for ``data-dependent-guard``.
    """
    wanted = _plain(word)

    def likeness(name: str) -> tuple[float, float]:
        whole = _ratio(wanted, _plain(name))
        return max(whole, *(_ratio(wanted, part) for part in name.lower().split("-"))), whole

    best = max(names, key=likeness, default=None)
    return best if best is not None and likeness(best)[0] >= CUTOFF else None


def _plain(name: str) -> str:
    return re.sub(r"[-_\s]", "", name.lower())


def _ratio(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one, other)
    # By the lengths alone: a word that is far too long takes quadratic time.
    return matcher.ratio() if matcher.real_quick_ratio() >= CUTOFF else 0.0
