"""From remedies to edits: one module a kind.  Nothing here needs torch.

The syntax is read with Python's own `ast`, and edits replace exact ranges of the text, so that
whatever they do not touch stays as it is, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from export_lsp.fixes import check, replace
from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.protocol import Finding, Remedy, RemedyKind

Write = Callable[[Remedy, Sources], Iterator[Candidate]]

WRITERS: dict[RemedyKind, Write] = {
    "check": check.candidates,
    "replace": replace.candidates,
}


def candidates(finding: Finding, sources: Sources) -> list[Candidate]:
    """What may mend a finding, as edits, in the order in which to try it."""
    found: dict[tuple[object, ...], Candidate] = {}
    for remedy in finding.remedies:
        for candidate in WRITERS[remedy.kind](remedy, sources):
            found.setdefault(candidate.edits, candidate)
    return list(found.values())
