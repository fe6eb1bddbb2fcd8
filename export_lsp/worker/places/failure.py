"""A failure of user code or of torch, and the finding that it becomes."""

from __future__ import annotations

import ast
import os
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
from export_lsp.worker.data.frame import LibraryFrame, Stack
from export_lsp.worker.data.target import Target
from export_lsp.worker.places import call_sites, locate
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.private import errors, node_stacks
from export_lsp.worker.text import sentences, torch_text, ways_out
from export_lsp.worker.text.exception_text import MAX_TEXT, text_of, truncate
from export_lsp.worker.user_code import libraries
from export_lsp.worker.user_code.workspace import Workspace


@dataclass(frozen=True)
class Failure:
    """An exception, with the stage, mode and target that it was raised in.

    `symbols` has tracked the export.  `stack` is empty if the failure has no location but the
    target's declaration.  `eager` returns what the model does in eager mode, and `checks` the
    conditions that would let a trace pass a guard.
    """

    error: BaseException
    stage: Stage
    mode: Mode | None
    target: Target
    workspace: Workspace
    symbols: SymbolTracker
    stack: Stack = field(default_factory=Stack)
    eager: Callable[[], EagerRecord] = EagerRecord
    checks: Callable[[], tuple[Remedy, ...]] = tuple

    @property
    def text(self) -> str:
        """The text of the exception."""
        return text_of(self.error)

    @property
    def location(self) -> Location:
        """The failing expression, the user's or a library's: the declaration if it is unknown."""
        return self.stack.innermost or self.target.places.declaration

    @property
    def call(self) -> Location:
        """The innermost expression of the user's: it fails itself, or a library fails inside."""
        frames = self.stack.frames
        return frames[-1].location if frames else self.target.places.declaration

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
        """Return the text of a location's file; None if it is no code of the model."""
        users = self.workspace.source(location.file)
        if users is not None or not libraries.package_of(location.file):
            return users
        return libraries.source(location.file)

    def excerpt(self, location: Location) -> str:
        """Return the text at a location, on one line; "" if it is no code of the model."""
        source = self.source(location)
        return source.excerpt(location) if source is not None else ""

    def finding(
        self,
        rule: RuleCode,
        what: str,
        advice: str = "",
        *,
        library_advice: str = "",
        location: Location | None = None,
        related: tuple[Related, ...] = (),
        url: str | None = None,
        data: dict[str, str] | None = None,
        remedies: tuple[Remedy, ...] = (),
    ) -> Finding:
        """Return the finding, with the callers of the failing frame as related locations.

        If the failing expression is a library's, the finding is at the user's call, its message
        says where in the library, and the advice is one for users of the library.

        Args:
            rule: The code of its rule.
            what: What is wrong, as a sentence in the names of the failing code, without a full
                stop.
            advice: What to do if the failing expression is the user's: a sentence, or a clause to
                follow a semicolon.
            library_advice: What users of the library can do if the failing expression is not
                theirs; by default the known way out.
            location: Where it is shown, by default at the user's innermost expression.
            related: Further related locations, shown before the callers.
            url: A page about it.
            data: Its data for the client.
            remedies: What may help, the likeliest first.
        """
        library = self.stack.library
        if library is not None:
            way_out = ways_out.way_out(self._in_library(library), rule)
            what = f"{self._inside(library)}, {sentences.continued(what)}"
            advice, url = library_advice or way_out.advice, way_out.url or url
            related = (self._library_line(library), *related)
            remedies = tuple(r for r in remedies if self.workspace.contains(r.location.file))
        return Finding(
            rule=rule,
            stage=self.stage,
            modes=(self.mode,) if self.mode else (),
            target=self.target.name,
            location=location or self.call,
            message=sentences.with_advice(what, advice),
            related=(*related, *call_sites.related_callers(self.stack.frames)),
            detail=self.detail,
            url=url,
            data=data or {},
            remedies=remedies,
            library=library.location if library is not None else None,
        )

    def _in_library(self, library: LibraryFrame) -> ways_out.LibraryFailure:
        return ways_out.LibraryFailure(
            library.package, library.location.file, library.function, self.expression, self.text
        )

    def _inside(self, library: LibraryFrame) -> str:
        """Return the beginning of a sentence: in which call, and where in the library."""
        calls = self.stack.frames
        call = f"`{sentences.shortened(self.excerpt(self.call))}`" if calls else "the model"
        file = os.path.basename(library.location.file)
        return f"Inside {call}, at {file}:{library.location.start.line + 1} of {library.package}"

    def _library_line(self, library: LibraryFrame) -> Related:
        """Return the library's place as a related location, with its line of source."""
        source = self.source(library.location)
        line = source.lines[library.location.start.line].strip() if source is not None else ""
        return Related(library.location, f"{library.package}: `{sentences.shortened(line)}`")

    @property
    def detail(self) -> str:
        """The full texts of the exception chain, with their classes, outermost first."""
        lines = []
        for link in locate.chain(self.error):
            text = "".join(traceback.format_exception_only(type(link), link)).strip()
            lines.append(node_stacks.as_plain(text, strict=self.mode == "strict"))
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
