"""`decompose`: rewrites the program in terms of a smaller set of operators."""

from __future__ import annotations

from collections.abc import Iterator

from torch._ops import OpOverload
from torch.export import ExportedProgram

from export_lsp.protocol import Finding
from export_lsp.worker.data.traced_program import (
    NO_DATA,
    NO_GPU,
    RESUMED,
    ProgramOptions,
    TracedProgram,
)
from export_lsp.worker.graph import program_graph
from export_lsp.worker.graph.cost import decomposed_operators
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import Failure, reason
from export_lsp.worker.places.lack_of_memory import memory_finding
from export_lsp.worker.places.lost_autocast import lost_autocast_finding
from export_lsp.worker.places.return_site import return_expression
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.private import decomposition, errors, fake_build, fx
from export_lsp.worker.stages import verify
from export_lsp.worker.stages.decompose import disallowed_operators, mutations
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.exception_text import USER_ERRORS
from export_lsp.worker.text.sentences import Words, sentence
from export_lsp.worker.text.torch_text import without_symbols

# Seconds of processor time that torch takes for one operator (2.13), and that may always pass.
SECONDS = 0.0015
QUICK = 15.0


def check(
    exported: TracedProgram, declaration: Declaration, options: ProgramOptions
) -> Iterator[Finding]:
    """Decompose with ``run_decompositions`` and compare the result with `options.opset`.

    torch's default table of decompositions is used.
    """
    program = exported.program
    if not exported.faithful and program_graph.lacks_data(program):
        # Decomposing a program that writes to a constant without values crashes (torch 2.13).
        options.leave_out(NO_DATA)
        return
    if any(map(fake_build.is_made_here, program.constants.values())):
        # The model does not register this parameter: a constant with values, were it built so.
        # Decomposing fails or crashes up to torch 2.9.
        options.leave_out(NO_DATA)
        return
    operators = decomposed_operators(exported.program)
    if operators * SECONDS > max(QUICK, options.export_seconds):
        options.leave_out(f"about {operators:,} operators take longer than the export")
        return
    workspace = declaration.workspace

    def failure(error: BaseException) -> Failure:
        return Failure(
            error,
            "decompose",
            exported.mode,
            declaration.target,
            workspace,
            SymbolTracker(workspace),
            locate.stack_of_failed_node(error, workspace),
        )

    try:
        with decomposition.quick_registration():
            decomposed = exported.program.run_decompositions()
    except USER_ERRORS as error:
        if exported.altered and errors.is_untracked(error):
            # The answer that the trace was resumed with has no node (torch 2.9).
            options.leave_out(RESUMED)
            return
        failed = failure(error)
        if errors.wants_cuda(failed.text):
            options.leave_out(NO_GPU)
            return
        yield from explain(failed, declaration, exported.program)
        return
    options.decomposed(decomposed)
    location = return_expression(workspace, declaration.built)
    yield from disallowed_operators.findings(
        decomposed, options.opset, failure, location, options.log
    )


def explain(failure: Failure, declaration: Declaration, program: ExportedProgram) -> list[Finding]:
    """Return the findings of a failed decomposition.

    Args:
        failure: What ``run_decompositions`` raised, at the node it stopped at.
        declaration: The target.
        program: The program before it was decomposed.

    Returns:
        A finding for every change in place that does not decompose; if there is none, one for the
        node.
    """
    memory = memory_finding(failure)
    if memory is not None:
        return [memory]
    lost = lost_autocast_finding(failure, program, "decomposition-error")
    if lost is not None:
        return [lost]
    return (
        verify.explain(failure)
        or mutations.explain(failure, declaration, program)
        or [_node_finding(failure, declaration, program)]
    )


def _node_finding(failure: Failure, declaration: Declaration, program: ExportedProgram) -> Finding:
    if failure.stack and program_graph.lacks_data(program):
        return failure.finding(
            "decomposition-error",
            Words(
                "Constant without data",
                "It works on a tensor that export took for a constant without data, as it does"
                " under `torch.func.grad` and the like, and with parameters of layers that the"
                " model does not register.",
                "Compute the derivative outside of `forward`, or register the layers.",
            ),
        )
    if errors.find(locate.chain(failure.error), errors.DATA_DEPENDENT_GUARD):
        return failure.finding(
            "decomposition-error",
            Words(
                "Data-dependent size in a decomposition",
                "It is exported, but decomposing it has to know a size that depends on the data.",
                "State a condition that always holds for that size before it (`torch._check(…)`).",
            ),
        )
    why = sentence(without_symbols(reason(failure.error)))
    if failure.stack:
        operator = _failed_operator(failure)
        exported = f"exported as `{operator}`" if operator else "exported"
        words = Words(
            "No decomposition",
            f"It is {exported}, but cannot be decomposed into core operators. {why}",
        )
        return failure.finding("decomposition-error", words)
    return failure.finding(
        "decomposition-error",
        Words(
            "Program without a decomposition",
            f"The exported program cannot be decomposed into core operators. {why}",
        ),
        location=return_expression(failure.workspace, declaration.built),
    )


def _failed_operator(failure: Failure) -> str:
    """Return the name of the operator at the node that the decomposition stopped at."""
    nodes = (fx.node_of(link.__traceback__) for link in locate.chain(failure.error))
    target = next((node.target for node in nodes if node is not None), None)
    return target.name().split(".")[0] if isinstance(target, OpOverload) else ""
