"""A failure of user code or of torch, and the finding that it becomes."""

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
    """An exception, with the stage, mode and target that it was raised in.

    `symbols` has tracked the export.  `frames` are the user's frames, outermost first; empty if
    the failure has no location but the target's declaration.  `eager` returns what the model does
    in eager mode, and `checks` the conditions that would let a trace pass a guard.
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
        """The text of the exception."""
        return text_of(self.error)

    @property
    def location(self) -> Location:
        """The failing expression: that of the innermost frame, else the declaration."""
        return self.frames[-1].location if self.frames else self.target.places.declaration

    @property
    def expression(self) -> str:
        """The text of the failing expression, on one line."""
        return self.excerpt(self.location)

    @property
    def node(self) -> ast.expr | None:
        """The syntax tree of the failing expression; None if there is none at its location."""
        source = self.source(self.location)
        return source.expression_at(self.location) if source is not None else None

    def source(self, location: Location) -> Source | None:
        """Return the text of a location's file; None if it is not the user's."""
        return self.workspace.source(location.file)

    def excerpt(self, location: Location) -> str:
        """Return the text at a location, on one line; "" if the file is not the user's."""
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
        """Return the finding, with the callers of the failing frame as related locations.

        Args:
            rule: The code of its rule.
            message: One sentence in the user's names, and then what to do.
            location: Where it is shown, by default at the failing expression.
            related: Further related locations, shown before the callers.
            url: A page about it.
            data: Its data for the client.
            remedies: What may help, the likeliest first.
        """
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
        """The full texts of the exception chain, with their classes, outermost first."""
        lines = []
        for link in locate.chain(self.error):
            lines.append("".join(traceback.format_exception_only(type(link), link)).strip())
        return truncate("\n\n".join(dict.fromkeys(lines)), MAX_TEXT)


def raise_phrase(error: BaseException) -> str:
    """Return the rest of a sentence that begins with what the user's code was doing: "raises …"."""
    if isinstance(error, SystemExit):
        return "ends the program (`sys.exit`)"
    if errors.wants_cuda(text_of(error)):
        return errors.NEEDS_CUDA
    return f"raises {reason(error)}"


def reason(error: BaseException) -> str:
    """Return an exception as it ends a traceback: its class and one line, in the user's names."""
    text = torch_text.one_line(text_of(error))
    name = type(error).__name__
    return f"{name}: {text}" if text else name
