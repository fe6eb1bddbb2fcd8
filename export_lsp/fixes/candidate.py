"""What may help, as edits: a remedy of the worker's, written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from export_lsp.fixes.edits import Edit
from export_lsp.protocol import RemedyKind
from export_lsp.source import Source

# The user's files by their paths, as they were checked.
Sources = Mapping[str, Source]


@dataclass(frozen=True)
class Candidate:
    """Edits that may mend a finding and have to be tried.

    `title` says what they do: imperative, code in backticks, no full stop.  `rewrites` says that
    the model may compute something else with them.  Of the candidates of one `group` the first
    that works is enough.  `kind` is the one of the remedy it was written for.
    """

    title: str
    edits: tuple[Edit, ...]
    rewrites: bool = False
    group: str = ""
    kind: RemedyKind | None = None
