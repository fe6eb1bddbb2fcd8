"""Who writes the edits of which kind of remedy, and all that may mend a finding."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from export_lsp.fixes import (
    assertion,
    branch,
    buffer,
    check,
    declaration,
    fake_kernel,
    register_class,
    remove,
    replace,
)
from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import ConflictError, texts
from export_lsp.protocol import Finding, Remedy, RemedyKind

Write = Callable[[Remedy, Sources], Iterator[Candidate]]

WRITERS: dict[RemedyKind, Write] = {
    "assertion": assertion.candidates,
    "branch": branch.candidates,
    "buffer": buffer.candidates,
    "check": check.candidates,
    "declaration": declaration.candidates,
    "fake-kernel": fake_kernel.candidates,
    "register-class": register_class.candidates,
    "remove": remove.candidates,
    "replace": replace.candidates,
}


def candidates(finding: Finding, sources: Sources) -> list[Candidate]:
    """What may mend a finding, as edits, in the order in which to try it."""
    found: dict[tuple[object, ...], Candidate] = {}
    for remedy in finding.remedies:
        # A file may say something else by now.
        if remedy.location.file in sources:
            for candidate in WRITERS[remedy.kind](remedy, sources):
                found.setdefault(candidate.edits, dataclasses.replace(candidate, kind=remedy.kind))
    return [candidate for candidate in found.values() if _is_syntax(candidate, sources)]


def _is_syntax(candidate: Candidate, sources: Sources) -> bool:
    """Whether the files with the edits can be read as what they were: a trial costs more."""
    try:
        edited = {
            file: sources[file].edited(text)
            for file, text in texts(sources, candidate.edits).items()
        }
    except (ConflictError, KeyError, SyntaxError, UnicodeEncodeError):
        return False
    return all(
        sources[file].tree is None or source.tree is not None for file, source in edited.items()
    )
