"""What an export gave, for the stages that come after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from export_lsp.protocol import Mode

if TYPE_CHECKING:
    from torch.export import ExportedProgram


@dataclass(frozen=True)
class Outcome:
    """What came of an export: its program, None if there is none, and whether the trace saw all of
    the model on the example's way."""

    exported: Exported | None
    complete: bool


@dataclass(frozen=True)
class Exported:
    """The program of one mode.

    `faithful` says that it may be compared with eager: no part of the model stands in it as what it
    gave in eager, and no number that was drawn while tracing was found in it.
    """

    program: ExportedProgram
    mode: Mode
    faithful: bool = True
