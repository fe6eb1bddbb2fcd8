"""The candidates for a finding: each of its remedies, written as edits."""

from __future__ import annotations

import dataclasses
import importlib
import typing
from collections.abc import Callable, Iterator

from export_lsp.fixes import kinds
from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import ConflictError, edited_texts
from export_lsp.protocol import Finding, Remedy, RemedyKind

Writer = Callable[[Remedy, Sources], Iterator[Candidate]]


def _writer(kind: RemedyKind) -> Writer:
    """Return the `candidates` of a kind's module: `fake-kernel` has ``kinds/fake_kernel.py``."""
    module = importlib.import_module(f"{kinds.__name__}.{kind.replace('-', '_')}")
    return typing.cast(Writer, module.candidates)


WRITERS: dict[RemedyKind, Writer] = {kind: _writer(kind) for kind in typing.get_args(RemedyKind)}


def candidates_for(finding: Finding, sources: Sources) -> list[Candidate]:
    """Return the candidates for a finding, in the order in which to try them.

    Remedies for files that are not among the `sources` are left out, and so are candidates that
    change the same text twice or leave a file that no longer parses: a trial would cost more.
    """
    found: dict[tuple[object, ...], Candidate] = {}
    for remedy in finding.remedies:
        # A file that has changed since the check is not among the sources.
        if remedy.location.file in sources:
            for candidate in WRITERS[remedy.kind](remedy, sources):
                found.setdefault(candidate.edits, dataclasses.replace(candidate, kind=remedy.kind))
    return [candidate for candidate in found.values() if _parses(candidate, sources)]


def _parses(candidate: Candidate, sources: Sources) -> bool:
    """Return whether every file that parsed before the edits parses with them."""
    try:
        edited = {
            file: sources[file].edited(text)
            for file, text in edited_texts(sources, candidate.edits).items()
        }
    except (ConflictError, KeyError, SyntaxError, UnicodeEncodeError):
        return False
    return all(
        sources[file].tree is None or source.tree is not None for file, source in edited.items()
    )
