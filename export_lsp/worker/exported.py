"""What an export gave, for the stages that come after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from export_lsp.protocol import Mode

if TYPE_CHECKING:
    from torch.export import ExportedProgram


@dataclass(frozen=True)
class Exported:
    """The program of one mode."""

    program: ExportedProgram
    mode: Mode
