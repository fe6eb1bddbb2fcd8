"""The contract of a detector, and the export that it observes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch.export import ExportedProgram

from export_lsp.protocol import Finding, Location, Mode, Related, Remedy, RuleCode
from export_lsp.stages import Stage
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import call_sites
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.sentences import Words


class Detector(Protocol):
    """Observes one export and reports failures that torch does not raise."""

    def observing(self) -> AbstractContextManager[None]:
        """Context manager that the export runs in."""

    def findings(self, program: ExportedProgram | None) -> Iterable[Finding]:
        """Return the findings once the export has ended.

        Args:
            program: The result; None if the export failed, in which case the findings are those
                made up to the failure.
        """


@runtime_checkable
class FailureExplainer(Protocol):
    """A detector that may know better than torch's exception why an export failed."""

    def explain_failure(self, error: BaseException) -> Iterable[Finding]:
        """Return findings, not silent, in place of the one for `error`; usually none."""


@dataclass(frozen=True)
class ObservedExport:
    """The export of one target in one mode.

    `repeat` exports once more, `trace` exports in non-strict mode, in which the model's own code
    runs.  Both leave the model's attributes as they were and raise whatever the export raises.
    `has_assumed` returns True once the trace has a number of the example's in place of one from
    data, from which everything after it may follow.
    """

    declaration: Declaration
    mode: Mode
    repeat: Callable[[], ExportedProgram]
    trace: Callable[[], ExportedProgram]
    has_assumed: Callable[[], bool]

    def finding(
        self,
        rule: RuleCode,
        stage: Stage,
        words: Words,
        frames: list[Frame],
        *,
        location: Location | None = None,
        related: tuple[Related, ...] = (),
        remedies: tuple[Remedy, ...] = (),
    ) -> Finding:
        """Return a silent finding at `location`, by default the innermost of `frames`.

        Without either, the finding is at the target's declaration.
        """
        if location is None:
            places = self.declaration.target.places
            location = frames[-1].location if frames else places.declaration
        title, explanation = words.parts(self._excerpt(location), (self.mode,))
        return Finding(
            rule=rule,
            stage=stage,
            modes=(self.mode,),
            target=self.declaration.target.name,
            location=location,
            title=title,
            explanation=explanation,
            related=(*related, *call_sites.related_callers(frames)),
            silent=True,
            remedies=remedies,
        )

    def expression(self, frames: list[Frame]) -> str:
        """Return the user's text at the innermost frame."""
        return self._excerpt(frames[-1].location)

    def _excerpt(self, location: Location) -> str:
        source = self.declaration.workspace.source(location.file)
        return source.excerpt(location) if source is not None else ""
