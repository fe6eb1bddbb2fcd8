"""Two candidates as one: fixing a problem may uncover another that has to be fixed as well."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import MutableMapping
from typing import cast

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import differences, edited_texts
from export_lsp.fixes.original_locations import OriginalLocations
from export_lsp.fixes.trial import Trial
from export_lsp.protocol import Finding
from export_lsp.source import Source

INSERT = "Insert "


def hidden_finding(
    finding: Finding, trial: Trial, candidate: Candidate, sources: Sources
) -> Finding | None:
    """Return the first finding with remedies that was hidden behind another.

    That is one of the same target which the trial of `candidate` reported at the location of
    `finding` or in the edited text.
    """
    original = OriginalLocations(sources, candidate.edits)
    for found in trial.findings:
        location = original.of(found.location)
        here = location is None or location == finding.location
        if here and found.remedies and found.target == finding.target:
            return found
    return None


def sources_with(sources: Sources, candidate: Candidate) -> Sources:
    """Return the files with a candidate's edits applied."""
    edited = {
        file: sources[file].edited(text)
        for file, text in edited_texts(sources, candidate.edits).items()
    }
    return ChainMap(edited, cast("MutableMapping[str, Source]", sources))


def combined(first: Candidate, then: Candidate, sources: Sources, between: Sources) -> Candidate:
    """Return two candidates as one.

    `first` edits the files in `sources`, `then` those in `between`, which have the first one's
    edits in them.
    """
    texts = {**edited_texts(sources, first.edits), **edited_texts(between, then.edits)}
    conditions = [each for each in (first.condition, then.condition) if each]
    return Candidate(
        _joined_title(first.title, then.title),
        tuple(edit for file, text in texts.items() for edit in differences(sources[file], text)),
        first.rewrites or then.rewrites,
        first.group,
        first.kind,
        " and ".join(conditions),
        first.narrows or then.narrows,
        first.other_inputs or then.other_inputs,
        first.needs_both_sides or then.needs_both_sides,
    )


def _joined_title(first: str, then: str) -> str:
    """Join two titles; two insertions are one: "Insert `a` and `b`"."""
    if first.startswith(INSERT) and then.startswith(INSERT):
        return f"{first} and {then.removeprefix(INSERT)}"
    return f"{first} and {then[0].lower()}{then[1:]}"
