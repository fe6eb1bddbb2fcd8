"""Which fixes are offered for a problem: those of all findings that it stands for."""

from __future__ import annotations

import typing
from collections.abc import Iterable
from typing import TypeVar

from export_lsp.findings import Problem
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.proof import Fix, Proof, same_place
from export_lsp.protocol import Finding

RANKS = {proof: rank for rank, proof in enumerate(typing.get_args(Proof))}


class Offer(typing.Protocol):
    """Whatever has a fix."""

    @property
    def fix(self) -> Fix: ...


T = TypeVar("T", bound=Offer)


def ranked_offers(
    problem: Problem, offered: Iterable[tuple[Finding, Iterable[T]]]
) -> tuple[T, ...]:
    """What is offered for any of the findings that a problem stands for, the best first.

    What two findings are offered alike is there once, with the lesser proof.  One that was proved
    for some of the problem's targets only comes after those that were for all.
    """
    found: dict[tuple[Edit, ...], T] = {}
    targets: dict[tuple[Edit, ...], set[str]] = {}
    for finding, offers in offered:
        if finding not in problem.findings:
            continue
        for offer in offers:
            if offer.fix.proof == "advances" and not same_place(finding, problem.findings[0]):
                continue  # what is gone with it is not what the problem shows
            edits = offer.fix.edits
            other = found.setdefault(edits, offer)
            found[edits] = max(other, offer, key=lambda each: RANKS[each.fix.proof])
            targets.setdefault(edits, set()).add(finding.target)

    def order(offer: T) -> tuple[bool, int]:
        partial = not targets[offer.fix.edits].issuperset(problem.targets)
        return partial, RANKS[offer.fix.proof]

    return tuple(sorted(found.values(), key=order))
