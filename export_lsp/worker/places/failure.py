"""A failure with all that is known of it, and the finding it becomes."""

from __future__ import annotations

import ast
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from export_lsp.protocol import (
    Finding,
    Location,
    Mode,
    Related,
    Remedy,
    RuleCode,
)
from export_lsp.source import Source
from export_lsp.stages import Stage
from export_lsp.worker.data.eager_record import EagerRecord
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.data.target import Target
from export_lsp.worker.places import call_sites, locate
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.private import errors
from export_lsp.worker.text import torch_text
from export_lsp.worker.text.exception_text import MAX_TEXT, text_of, truncate
from export_lsp.worker.user_code.workspace import Workspace


@dataclass(frozen=True)
class Failure:
    """An exception, where in the pipeline it came up and whose it is.

    `frames` are the user's frames, outermost first; empty where the failure has no place in the
    user's code but the target's declaration.  `eager` gives what the model does without a trace,
    `checks` what the example says of a guard.
    """

    error: BaseException
    stage: Stage
    mode: Mode | None
    target: Target
    workspace: Workspace
    symbols: SymbolTracker
    frames: list[Frame] = field(default_factory=list)
    eager: Callable[[], EagerRecord] = EagerRecord
    checks: Callable[[], tuple[Remedy, ...]] = tuple

    @property
    def text(self) -> str:
        return text_of(self.error)

    @property
    def location(self) -> Location:
        return self.frames[-1].location if self.frames else self.target.places.declaration

    @property
    def expression(self) -> str:
        """The user's own text of the failing expression, on one line."""
        return self.excerpt(self.location)

    @property
    def node(self) -> ast.expr | None:
        """The syntax of the failing expression."""
        source = self.source(self.location)
        return source.expression_at(self.location) if source is not None else None

    def source(self, location: Location) -> Source | None:
        return self.workspace.source(location.file)

    def excerpt(self, location: Location) -> str:
        source = self.source(location)
        return source.excerpt(location) if source is not None else ""

    def finding(
        self,
        rule: RuleCode,
        message: str,
        *,
        location: Location | None = None,
        related: tuple[Related, ...] = (),
        url: str | None = None,
        data: dict[str, str] | None = None,
        remedies: tuple[Remedy, ...] = (),
    ) -> Finding:
        """The finding at `location`, by default the innermost frame; other frames are related."""
        return Finding(
            rule=rule,
            stage=self.stage,
            modes=(self.mode,) if self.mode else (),
            target=self.target.name,
            location=location or self.location,
            message=message,
            related=(*related, *call_sites.related_callers(self.frames)),
            detail=self.detail,
            url=url,
            data=data or {},
            remedies=remedies,
        )

    @property
    def detail(self) -> str:
        """torch's full text: type, message and what it was raised from."""
        lines = []
        for link in locate.chain(self.error):
            lines.append("".join(traceback.format_exception_only(type(link), link)).strip())
        return truncate("\n\n".join(dict.fromkeys(lines)), MAX_TEXT)


def memory_finding(failure: Failure) -> Finding | None:
    """The finding for a failure that is a lack of memory; None for any other."""
    if not any(map(errors.out_of_memory, locate.chain(failure.error))):
        return None
    return failure.finding(
        "out-of-memory",
        f"The check ran out of memory at `{failure.expression}`; check a smaller configuration or"
        " raise the `memory-limit` setting",
    )


def reason(error: BaseException) -> str:
    """An exception as it ends a traceback: its class and one line, in names the user has seen."""
    text = torch_text.one_line(text_of(error))
    name = type(error).__name__
    return f"{name}: {text}" if text else name
