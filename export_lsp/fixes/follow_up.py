"""Candidates that help so far, and what has to follow: one guard may hide behind another."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import MutableMapping
from typing import cast

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import differences, edited_texts
from export_lsp.fixes.original_locations import OriginalLocations
from export_lsp.fixes.proof import Trial
from export_lsp.protocol import Finding
from export_lsp.source import Source

INSERT = "Insert "


def hidden_finding(
    finding: Finding, trial: Trial, candidate: Candidate, sources: Sources
) -> Finding | None:
    """What a trial has found in place of a finding: at its place, or in what was edited."""
    original = OriginalLocations(sources, candidate.edits)
    for found in trial.findings:
        place = original.of(found.location)
        here = place is None or place == finding.location
        if here and found.remedies and found.target == finding.target:
            return found
    return None


def sources_with(sources: Sources, candidate: Candidate) -> Sources:
    """The files with a candidate's edits."""
    made = {
        file: sources[file].edited(text)
        for file, text in edited_texts(sources, candidate.edits).items()
    }
    return ChainMap(made, cast("MutableMapping[str, Source]", sources))


def combined(first: Candidate, then: Candidate, sources: Sources, between: Sources) -> Candidate:
    """Two candidates as one, the second of which edits the files with the first in them."""
    made = {**edited_texts(sources, first.edits), **edited_texts(between, then.edits)}
    more = then.title.removeprefix(INSERT)
    if more == then.title or not first.title.startswith(INSERT):
        more = f"{then.title[0].lower()}{then.title[1:]}"
    return Candidate(
        f"{first.title} and {more}",
        tuple(edit for file, text in made.items() for edit in differences(sources[file], text)),
        first.rewrites or then.rewrites,
        first.group,
        first.kind,
    )
