"""What looks on while a model is exported, for what torch does not say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from export_lsp.protocol import (
    Finding,
    Location,
    Mode,
    Related,
    Remedy,
    RuleCode,
)
from export_lsp.stages import Stage
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import call_sites
from export_lsp.worker.targets.declaration import Declaration

if TYPE_CHECKING:
    from torch.export import ExportedProgram


@dataclass(frozen=True)
class Export:
    """One export: of what, in which mode, and how to do it once more.

    `again` leaves the model's attributes as they were, and raises what the export raises.
    """

    declaration: Declaration
    mode: Mode
    again: Callable[[], ExportedProgram]

    def finding(
        self,
        rule: RuleCode,
        stage: Stage,
        message: str,
        frames: list[Frame],
        *,
        location: Location | None = None,
        related: tuple[Related, ...] = (),
        remedies: tuple[Remedy, ...] = (),
    ) -> Finding:
        """A finding of what succeeds, at the innermost frame or else at `location`."""
        place = location or (
            frames[-1].location if frames else self.declaration.target.places.declaration
        )
        return Finding(
            rule=rule,
            stage=stage,
            modes=(self.mode,),
            target=self.declaration.target.name,
            location=place,
            message=message,
            related=(*related, *call_sites.related_callers(frames)),
            silent=True,
            remedies=remedies,
        )

    def expression(self, frames: list[Frame]) -> str:
        """The user's own text at the innermost frame."""
        place = frames[-1].location
        source = self.declaration.workspace.source(place.file)
        return source.excerpt(place) if source is not None else ""


class Watcher(Protocol):
    """Looks on within ``watching``, and says afterwards what it saw.

    The program is None where the export failed: what was seen until then is told all the same.
    """

    def watching(self) -> AbstractContextManager[None]: ...

    def findings(self, program: ExportedProgram | None) -> Iterable[Finding]: ...
