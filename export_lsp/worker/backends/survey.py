"""Asks a backend about an exported program, in a fork with limits of its own."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch.export import ExportedProgram
from torch.fx import Node

from export_lsp.protocol import Backend, BackendFact, Finding, Location
from export_lsp.worker.backends import backend as backends
from export_lsp.worker.backends.backend import Conversion, Refusal, RefusedAtRunError
from export_lsp.worker.backends.comparison import Comparer
from export_lsp.worker.backends.findings import BackendFindings
from export_lsp.worker.data.traced_program import NO_DATA, RESUMED, TracedProgram
from export_lsp.worker.execution import budget
from export_lsp.worker.graph import program_graph
from export_lsp.worker.graph.cost import flops_of
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import reason
from export_lsp.worker.private import errors
from export_lsp.worker.stages.run.model_calls import ProgramCalls, UnknownStateError
from export_lsp.worker.system import limits
from export_lsp.worker.system.forked_call import CAN_FORK, call_in_fork
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.exception_text import USER_ERRORS
from export_lsp.worker.text.sentences import sentence
from export_lsp.worker.text.torch_text import without_symbols

# Seconds of processor time that a conversion with its comparison may take, and how many times those
# of the export.  On a busy machine it may take some times as long.
SECONDS = 60.0
EXPORTS = 20.0
BUSY = 5.0
# Bytes that it may allocate.
MEMORY = 4 << 30

NO_MEMORY = "converting the program takes too much memory"
CRASHED = "the conversion crashed"


@dataclass(frozen=True)
class Answer:
    """A backend's answer about a program.

    `left_out` says why it has none, or why the results were not compared, to follow "because".
    """

    findings: tuple[Finding, ...] = ()
    fact: BackendFact | None = None
    left_out: str = ""


def ask(
    name: Backend,
    exported: TracedProgram,
    declaration: Declaration,
    setting: Location | None,
    export_seconds: float,
) -> Answer:
    """Convert a program for a backend, and compare the results with those of eager mode.

    Args:
        name: The backend.
        exported: The program.
        declaration: Its target.
        setting: The line of the setting that names the backend, if it is known.
        export_seconds: The processor time that the exports of the target took.
    """
    backend = backends.load(name)
    findings = BackendFindings(name, declaration)
    missing = backends.missing_packages(backend)
    if missing:
        target = declaration.target
        location = target.places.backends if target.backends is not None else setting
        place = location or target.places.declaration
        return Answer((findings.unavailable(missing, backend.LABEL, place),))
    if exported.altered:
        return Answer(left_out=RESUMED)
    if program_graph.lacks_data(exported.program):
        return Answer(left_out=NO_DATA)
    seconds = max(getattr(backend, "SECONDS", SECONDS), EXPORTS * export_seconds)
    started = time.monotonic()

    def survey() -> Answer:
        if CAN_FORK:
            limits.limit_cpu(math.ceil(seconds))
        return _Survey(name, backend, exported.program, declaration).answer()

    answer = call_in_fork(survey, timeout=BUSY * seconds, memory=MEMORY)
    if answer is not None:
        return answer
    late = time.monotonic() - started >= seconds
    return Answer(left_out=f"it takes more than {seconds:.0f} seconds" if late else CRASHED)


class _Survey:
    """One question to one backend; the program is given values for good."""

    def __init__(
        self,
        name: Backend,
        backend: backends.Backend,
        program: ExportedProgram,
        declaration: Declaration,
    ) -> None:
        self._name = name
        self._backend = backend
        self._program = program
        self._declaration = declaration
        self._findings = BackendFindings(name, declaration)

    def answer(self) -> Answer:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                comparer = self._comparer()
                return self._converted(comparer)
            except USER_ERRORS as error:
                if errors.out_of_memory(error):
                    return Answer(left_out=NO_MEMORY)
                raise

    def _comparer(self) -> Comparer | None:
        """Give the program values; return None if it is not affordable to run it."""
        affordable = budget.affordable(self._declaration.built, self._program)
        if affordable is None:
            return None
        calls = ProgramCalls(affordable, self._program)
        try:
            calls.eager()
            calls.give_values()
        except UnknownStateError:
            return None
        except USER_ERRORS:
            return None  # the stage `run` has reported it
        return Comparer(self._program, affordable, self._declaration, calls)

    def _converted(self, comparer: Comparer | None) -> Answer:
        try:
            conversion = self._backend.convert(self._program)
        except Exception as error:
            if any(errors.out_of_memory(link) for link in locate.chain(error)):
                raise
            why = f"The conversion fails. {sentence(without_symbols(reason(error)))}"
            refusal = Refusal(None, error, f"Not supported by {self._backend.LABEL}", why)
            conversion = Conversion(self._program, "", (refusal,))
        if conversion.refusals or conversion.run is None or comparer is None:
            return self._answer(conversion, left_out=conversion.not_run)
        try:
            comparison = comparer.compare(conversion, self._backend.convert)
        except RefusedAtRunError as error:
            return self._answer(replace(conversion, refusals=(error.refusal,)))
        if comparison.mismatch is None:
            agrees = not comparison.left_out
            return self._answer(conversion, agrees=agrees, left_out=comparison.left_out)
        label = conversion.runs_on.split(" ")[0]
        found = self._findings.mismatch(conversion, comparison.mismatch, label)
        return self._answer(conversion, (found,))

    def _answer(
        self,
        conversion: Conversion,
        more: tuple[Finding, ...] = (),
        *,
        agrees: bool = False,
        left_out: str = "",
    ) -> Answer:
        found = (
            *self._findings.refusals("backend-unsupported", conversion.refusals),
            *self._findings.refusals("backend-fallback", conversion.fallbacks),
            *more,
        )
        operators = conversion.nodes or tuple(
            node for node, _ in program_graph.operators(conversion.program)
        )
        left = {each.node for each in (*conversion.refusals, *conversion.fallbacks)}
        taken = [node for node in operators if node not in left]
        fact = BackendFact(
            self._name,
            conversion.package,
            taken=len(taken),
            operators=len(operators),
            flops=_share(taken, operators) if conversion.fallbacks else None,
            converted=not conversion.refusals,
            agrees=agrees,
        )
        return Answer(found, fact, left_out)


def _share(taken: Sequence[Node], operators: Sequence[Node]) -> float | None:
    """Return the share of the computation that some operators do; None if there is none."""
    every = sum(map(flops_of, operators))
    return sum(map(flops_of, taken)) / every if every else None
