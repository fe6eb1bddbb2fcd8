"""A remedy, written as edits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from export_lsp.fixes.edits import Edit
from export_lsp.protocol import RemedyKind
from export_lsp.source import Source

# The user's files as they were checked, by path.
Sources = Mapping[str, Source]


@dataclass(frozen=True)
class Candidate:
    """Edits that may fix a finding; a trial has to prove it.

    `title` says what the edits do: imperative, code in backticks, no full stop.  `rewrites` is set
    if they may change what the model computes, so that a trial compares the results with those of
    the unedited model.  Of the candidates that share a `group` only the first that works is
    offered.  `kind` is that of the remedy.

    `condition` is set if the edits state it of the inputs: "Require `condition`" is the title if
    the model refuses inputs that it took before.  `narrows` says that it does, as its code has a
    branch for the others.  With `other_inputs` the edits change the example inputs, so that there
    is nothing to compare.  `needs_both_sides` is set if the edits are right only if the results
    agree on both sides of the guard.
    """

    title: str
    edits: tuple[Edit, ...]
    rewrites: bool = False
    group: str = ""
    kind: RemedyKind | None = None
    condition: str = ""
    narrows: bool = False
    other_inputs: bool = False
    needs_both_sides: bool = False

    @property
    def is_varied(self) -> bool:
        """True if a trial compares results on variations of the example inputs."""
        may_refuse = self.rewrites or bool(self.condition)
        return may_refuse and not self.narrows and not self.other_inputs
