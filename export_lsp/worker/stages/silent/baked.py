"""`numerics-mismatch`: a number from outside of torch that the exported program keeps for ever.

Python's clocks and random numbers are called once, while the model is traced.  Whether the program
has anything of what they gave is seen by exporting again with other values: if the program is the
same, the number was only printed, logged or measured with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.fx import GraphModule

from export_lsp.protocol import Finding
from export_lsp.worker.stages.silent.calls import Call, Calls, Site, TooManyCallsError
from export_lsp.worker.stages.silent.sources import RUNS
from export_lsp.worker.stages.silent.watch import Export
from export_lsp.worker.text.exception_text import USER_ERRORS
from export_lsp.worker.text.sentences import shortened

if TYPE_CHECKING:
    from torch.export import ExportedProgram

# A file that has none of these words calls none of the functions.
WORDS = re.compile(r"\b(?:time|datetime|random|uuid|urandom|secrets)\b")
# Exporting again for each of more places would take too long.
MOST_SITES = 8

CLOCK = "pass the time as an input"
DRAWN = "draw it with torch (`torch.rand`, `torch.randint`), or pass it as an input"

# What a run that does not come to an end stands for, apart from every program.
ENDLESS = ("endless",)
Content = tuple[str, ...]


class Baked:
    """The user's calls of clocks and random numbers, and whether the program depends on them."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._calls = Calls(export.declaration.workspace)

    def watching(self) -> AbstractContextManager[None]:
        sources = self._export.declaration.workspace.sources.values()
        if any(WORDS.search(source.text) for source in sources):
            return self._calls.installed()
        return nullcontext()

    def findings(self, program: ExportedProgram | None) -> Iterator[Finding]:
        sites = list(self._calls.recorded)[:MOST_SITES]
        if program is None or not sites:
            return
        content = _content(program)
        if not self._differs(content, sites) or self._again((), 0) != content:
            return
        for site in sites:
            if self._differs(content, [site]):
                yield self._found(self._calls.recorded[site])

    def _differs(self, content: Content, sites: Iterable[Site]) -> bool:
        """Whether other values at some places give another program."""
        again = (self._again(sites, run) for run in RUNS)
        return any(other not in (None, content) for other in again)

    def _again(self, varied: Iterable[Site], run: int) -> Content | None:
        """The program with other values at some places; None if it does not export with them."""
        calls = self._calls.played_back(frozenset(varied), run)
        try:
            with calls.installed():
                return _content(self._export.again())
        except TooManyCallsError:
            return ENDLESS
        except USER_ERRORS:
            return None

    def _found(self, call: Call) -> Finding:
        text = shortened(self._export.expression(call.frames))
        advice = CLOCK if call.name.startswith(("time.", "datetime.")) else DRAWN
        return self._export.finding(
            "numerics-mismatch",
            "capture",
            f"`{text}` is called once, while the model is traced, and the exported program keeps"
            f" what it gave then for every run; {advice}",
            call.frames,
        )


def _content(program: ExportedProgram) -> Content:
    """What a program does, as texts: its graphs and the values of its constants."""
    graphs = [str(m.graph) for m in program.graph_module.modules() if isinstance(m, GraphModule)]
    constants = [
        f"{name} {_value(constant)}" for name, constant in sorted(program.constants.items())
    ]
    return (*graphs, *constants)


def _value(constant: object) -> str:
    if isinstance(constant, torch.Tensor) and not isinstance(constant, FakeTensor):
        return repr(constant.tolist())
    return type(constant).__name__
