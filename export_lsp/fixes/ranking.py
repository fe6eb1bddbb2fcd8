"""The order in which the fixes for a problem are offered."""

from __future__ import annotations

import typing
from collections.abc import Iterable
from typing import TypeVar

from export_lsp.findings import Problem
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.proof import Fix, Proof, same_place
from export_lsp.protocol import Finding

RANKS = {proof: rank for rank, proof in enumerate(typing.get_args(Proof))}


class HasFix(typing.Protocol):
    """Anything that carries a fix, as the server's and the command line's offers do."""

    @property
    def fix(self) -> Fix: ...


T = TypeVar("T", bound=HasFix)


def ranked_offers(
    problem: Problem, offered: Iterable[tuple[Finding, Iterable[T]]]
) -> tuple[T, ...]:
    """Return the offers for all findings of a problem, the best first.

    Of offers with the same edits only the one with the lesser proof is kept.  An offer that was
    proved for some of the problem's targets comes after those that were proved for all.
    """
    found: dict[tuple[Edit, ...], T] = {}
    targets: dict[tuple[Edit, ...], set[str]] = {}
    for finding, offers in offered:
        if finding not in problem.findings:
            continue
        for offer in offers:
            # An advance fixes its own finding, which may be elsewhere than the problem shown.
            if offer.fix.proof == "advances" and not same_place(finding, problem.findings[0]):
                continue
            edits = offer.fix.edits
            other = found.setdefault(edits, offer)
            found[edits] = max(other, offer, key=lambda each: RANKS[each.fix.proof])
            targets.setdefault(edits, set()).add(finding.target)

    def order(offer: T) -> tuple[bool, int]:
        partial = not targets[offer.fix.edits].issuperset(problem.targets)
        return partial, RANKS[offer.fix.proof]

    return tuple(sorted(found.values(), key=order))
