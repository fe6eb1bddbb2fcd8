"""`numerics-mismatch`: results of impure functions that the program keeps as constants.

Python's clocks and random number generators are called once, while the model is traced.  Exporting
again with other values shows whether the program depends on them.  If it does not, the number was
only printed, logged or used to measure something.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.export import ExportedProgram
from torch.fx import GraphModule

from export_lsp.protocol import Finding
from export_lsp.worker.stages.silent.detector import ObservedExport
from export_lsp.worker.stages.silent.impure_calls import (
    CallSite,
    ImpureCalls,
    SiteRecord,
    TooManyCallsError,
)
from export_lsp.worker.stages.silent.impure_functions import RUNS
from export_lsp.worker.text.exception_text import USER_ERRORS
from export_lsp.worker.text.sentences import Words

# A file without any of these words calls none of the functions.
WORDS = re.compile(r"\b(?:time|datetime|random|uuid|urandom|secrets)\b")
# Each call site costs up to two exports.
MAX_SITES = 8

FROZEN = (
    "It is called once, while the model is traced, and the program keeps that result for every run."
)
FROZEN_TIME = Words("Frozen time", FROZEN, "Pass the time as an input.")
FROZEN_NUMBER = Words(
    "Frozen random number",
    FROZEN,
    "Draw it with torch (`torch.rand`, `torch.randint`), or pass it as an input.",
)

# A program as texts: its graphs and the values of its constants.
Content = tuple[str, ...]
# Marks an export that does not end.  No program has this content.
ENDLESS: Content = ("endless",)


class FrozenResults:
    """Detects calls of clocks and random number generators whose results became constants."""

    def __init__(self, export: ObservedExport) -> None:
        self._export = export
        self._calls = ImpureCalls(export.declaration.workspace)

    def observing(self) -> AbstractContextManager[None]:
        sources = self._export.declaration.workspace.sources.values()
        if any(WORDS.search(source.text) for source in sources):
            return self._calls.installed()
        return nullcontext()

    def findings(self, program: ExportedProgram | None) -> Iterator[Finding]:
        sites = list(self._calls.recorded)[:MAX_SITES]
        if program is None or not sites:
            return
        content = _content(program)
        # Without variation the export has to be repeatable, or a difference proves nothing.
        if not self._depends_on(sites, content) or self._repeat((), 0) != content:
            return
        for site in sites:
            if self._depends_on([site], content):
                yield self._finding(self._calls.recorded[site])

    def _depends_on(self, sites: Iterable[CallSite], content: Content) -> bool:
        """Return whether other values at some call sites lead to another program."""
        repeated = (self._repeat(sites, run) for run in RUNS)
        return any(other not in (None, content) for other in repeated)

    def _repeat(self, varied: Iterable[CallSite], run: int) -> Content | None:
        """Export with other values at some call sites; return None if that fails."""
        calls = self._calls.replay(frozenset(varied), run)
        try:
            with calls.installed():
                return _content(self._export.repeat())
        except TooManyCallsError:
            return ENDLESS
        except USER_ERRORS:
            return None

    def _finding(self, record: SiteRecord) -> Finding:
        is_clock = record.name.startswith(("time.", "datetime."))
        words = FROZEN_TIME if is_clock else FROZEN_NUMBER
        return self._export.finding("numerics-mismatch", "capture", words, record.frames)


def _content(program: ExportedProgram) -> Content:
    graphs = [str(m.graph) for m in program.graph_module.modules() if isinstance(m, GraphModule)]
    constants = [
        f"{name} {_value(constant)}" for name, constant in sorted(program.constants.items())
    ]
    return (*graphs, *constants)


def _value(constant: object) -> str:
    if isinstance(constant, torch.Tensor) and not isinstance(constant, FakeTensor):
        return repr(constant.tolist())
    return type(constant).__name__
