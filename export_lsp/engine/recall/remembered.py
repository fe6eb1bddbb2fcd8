"""A settled result, as it is kept: plain data."""

from __future__ import annotations

from dataclasses import dataclass, field

from export_lsp.fixes.proof import Fix
from export_lsp.protocol import Finding, Mode


@dataclass(frozen=True)
class Shown:
    """A finding, and the fixes that are offered for it, the likeliest first."""

    finding: Finding
    fixes: tuple[Fix, ...]


@dataclass(frozen=True)
class Remembered:
    """What a check came to.

    `digests` are those of the files it read, `codes` what `code_of` says of those of them that are
    Python.  `texts` has the files that findings and fixes point into.  `complete` says that all
    fixes have been looked for.
    """

    digests: dict[str, str]
    texts: dict[str, str]
    shown: tuple[Shown, ...]
    whole: Fix | None
    targets: tuple[str, ...]
    modes: dict[str, tuple[Mode, ...]]
    complete: bool
    codes: dict[str, str] = field(default_factory=dict)
