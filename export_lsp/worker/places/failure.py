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
from export_lsp.titles import shortened
from export_lsp.worker.data.eager_record import EagerRecord
from export_lsp.worker.data.frame import LibraryFrame, Stack
from export_lsp.worker.data.target import Target
from export_lsp.worker.places import call_sites, locate
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.private import errors, node_stacks
from export_lsp.worker.system import own_frames
from export_lsp.worker.text import torch_text, ways_out
from export_lsp.worker.text.exception_text import MAX_TEXT, text_of, truncate
from export_lsp.worker.text.sentences import Words, sentence
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
        words: Words,
        *,
        library_advice: str = "",
        location: Location | None = None,
        related: tuple[Related, ...] = (),
        url: str | None = None,
        data: dict[str, str] | None = None,
        remedies: tuple[Remedy, ...] = (),
    ) -> Finding:
        """Return the finding, with the callers of the failing frame as related locations.

        If the failing expression is a library's, the finding is at the user's call and its title is
        about that; the explanation says where in the library, and the advice is one for users of
        the library.

        Args:
            rule: The code of its rule.
            words: Its words, in the names of the failing code.
            library_advice: What users of the library can do if the failing expression is not
                theirs; by default the known way out.
            location: Where it is shown, by default at the user's innermost expression.
            related: Further related locations, shown before the callers.
            url: A page about it.
            data: Its data for the client.
            remedies: What may help, the likeliest first.
        """
        library = self.stack.library
        location = location or self.call
        if library is not None:
            way_out = ways_out.way_out(self._in_library(library), rule)
            words = self._inside(library, words, library_advice or way_out.advice)
            url = way_out.url or url
            related = (self._library_line(library), *related)
            remedies = tuple(r for r in remedies if self.workspace.contains(r.location.file))
        modes = (self.mode,) if self.mode else ()
        title, explanation = words.parts(self.excerpt(location), modes)
        return Finding(
            rule=rule,
            stage=self.stage,
            modes=modes,
            target=self.target.name,
            location=location,
            title=title,
            explanation=explanation,
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

    def _inside(self, library: LibraryFrame, words: Words, advice: str) -> Words:
        """Return words about a library's code as words about the user's call of it."""
        file = os.path.basename(library.location.file)
        place = f"{file}:{library.location.start.line + 1} of {library.package}"
        failing = f"At {place}: `{shortened(self.expression)}`."
        why = f"{failing} {words.why}".rstrip()
        if not self.stack.frames:
            return Words(f"{words.label} inside the model", why, advice, code="")
        return Words(words.label, why, advice, code=self.excerpt(self.call), joint=" inside ")

    def _library_line(self, library: LibraryFrame) -> Related:
        """Return the library's place as a related location, with its line of source."""
        source = self.source(library.location)
        line = source.lines[library.location.start.line].strip() if source is not None else ""
        return Related(library.location, f"{library.package}: `{shortened(line)}`")

    @property
    def detail(self) -> str:
        """The full texts of the exception chain, with their classes, outermost first.

        They are those that torch alone would give: without frames of this package.
        """
        lines = []
        for link in locate.chain(self.error):
            if own_frames.is_own_class(type(link)):
                continue
            text = "".join(traceback.format_exception_only(type(link), link)).strip()
            plain = node_stacks.as_plain(text, strict=self.mode == "strict")
            lines.append(own_frames.without_own_frames(plain))
        return truncate("\n\n".join(dict.fromkeys(lines)), MAX_TEXT)


def raised_words(error: BaseException, doing: str) -> Words:
    """Return the words for what the user's code raises; `doing` follows "while"."""
    if isinstance(error, SystemExit):
        return Words(f"End of the program while {doing}", "`sys.exit` was called.")
    if errors.wants_cuda(text_of(error)):
        return Words(f"CUDA needed while {doing}", errors.CUDA_MISSING, errors.WHERE_CUDA)
    return Words(f"{type(error).__name__} while {doing}", sentence(reason(error)))


def reason(error: BaseException) -> str:
    """Return an exception as it ends a traceback: its class and one line, in the user's names."""
    text = torch_text.one_line(text_of(error))
    name = type(error).__name__
    return f"{name}: {text}" if text else name
