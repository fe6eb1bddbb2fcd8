"""The findings of a comparison with eager mode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch._ops import OpOverload
from torch.fx import Node

from export_lsp.protocol import Finding, Location
from export_lsp.worker.data.frame import Stack
from export_lsp.worker.data.traced_program import TracedProgram
from export_lsp.worker.graph import program_graph
from export_lsp.worker.places import locate, node_frames
from export_lsp.worker.places.failure import Failure, reason
from export_lsp.worker.places.lack_of_memory import memory_finding
from export_lsp.worker.places.lost_autocast import lost_autocast_finding
from export_lsp.worker.places.return_site import return_expression
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.stages.capture import forward_error
from export_lsp.worker.stages.run.divergence import Divergence
from export_lsp.worker.stages.run.model_calls import (
    CallResult,
    differing_buffers,
    result_difference,
)
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.sentences import Words, sentence
from export_lsp.worker.text.torch_text import without_symbols

CAUSE = (
    "Tracing made a constant of something that changes from call to call, or took another branch."
)
ADVICE = "Make whatever varies an input, a buffer or a torch operation."


class ComparisonFindings:
    """Makes the findings about one program and the target it was exported from."""

    def __init__(self, exported: TracedProgram, declaration: Declaration) -> None:
        self.mode = exported.mode
        self._exported = exported
        self._declaration = declaration
        self._workspace = declaration.workspace

    def eager_failure(self, error: BaseException) -> list[Finding]:
        """Return the finding for a model that exports and fails on its example inputs.

        It has to fail at an operator of the program.  Anything else may be the fault of calling
        ``forward`` twice in one process, since export has called it before.
        """
        failure = self._failure(error, locate.stack_of(error, self._workspace))
        memory = memory_finding(failure)
        if memory is not None:
            return [memory]
        if not failure.stack or not list(self._operators_at(failure.location)):
            return []
        return [forward_error.explain_eager(failure, error)]

    def program_failure(self, error: BaseException) -> list[Finding]:
        """Return the finding for a model that runs and whose program does not."""
        failure = self._failure(error, locate.stack_of_failed_node(error, self._workspace))
        memory = memory_finding(failure)
        if memory is not None:
            return [memory]
        lost = lost_autocast_finding(failure, self._exported.program, "numerics-mismatch")
        if lost is not None:
            return [lost]
        why = sentence(without_symbols(reason(error)))
        if failure.stack:
            words = Words(
                f"{type(error).__name__} in the exported program",
                f"It runs in eager and fails in the exported program, on the example inputs. {why}",
            )
        else:
            words = Words(
                f"{type(error).__name__} in the exported program",
                f"The model runs on the example inputs and its exported program fails. {why}",
            )
        location = None if failure.stack else self._return_expression
        return [failure.finding("numerics-mismatch", words, location=location)]

    def kernel_mismatches(self, mismatches: list[tuple[Node, str]]) -> list[Finding]:
        """Return a finding for each expression and operator with a wrong fake kernel.

        Args:
            mismatches: Nodes with the texts of `fake_kernels.mismatch`.
        """
        found: dict[tuple[Location, str], Finding] = {}
        for node, mismatch in mismatches:
            assert isinstance(node.target, OpOverload)
            name = node.target.name().split(".")[0]
            stack = node_frames.stack_of_node(node, self._workspace)
            finding = self._failure(Exception(f"{name}: {mismatch}"), stack).finding(
                "numerics-mismatch",
                Words(
                    "Wrong fake kernel",
                    f"`{name}` {mismatch}. The exported program relies on the fake kernel.",
                    "Correct what is registered with `torch.library.register_fake`.",
                ),
            )
            found.setdefault((finding.location, name), finding)
        return list(found.values())

    def difference(
        self, eager: CallResult, exported: CallResult, divergence: Divergence | None
    ) -> Finding:
        """Return the finding for differing results, at the divergence if it is known."""
        difference = result_difference(eager, exported)
        stack = Stack(divergence.frames) if divergence is not None else Stack()
        failure = self._failure(Exception(difference), stack)
        if divergence is not None:
            words = self._divergence_words(divergence)
            return failure.finding("numerics-mismatch", words)
        buffers = differing_buffers(eager, exported)
        if buffers:
            stack = self._last_use(buffers[0])
            return replace(failure, stack=stack).finding(
                "numerics-mismatch",
                Words(
                    f"Other values in buffer `{buffers[0]}`",
                    f"A call leaves other values in the buffer `{buffers[0]}` in eager than in the"
                    " exported program.",
                    "Change the buffer in place (`copy_`).",
                ),
                location=None if stack else self._return_expression,
            )
        return failure.finding(
            "numerics-mismatch",
            Words(
                "Other results than in eager",
                f"The exported program gives {difference}, on the example inputs. {CAUSE}",
                ADVICE,
            ),
            location=self._return_expression,
        )

    def _divergence_words(self, divergence: Divergence) -> Words:
        if divergence.traced_only:
            return Words(
                "Branch that only the trace takes",
                "Export traced it, but eager mode does not reach it with the example inputs, so"
                " their results differ. A condition before it has another answer while tracing (an"
                " `except`, a test of a type or of a Python value).",
            )
        if self.draws_random_numbers(divergence):
            return Words(
                "Other random numbers than in eager",
                "It draws other random numbers in the exported program than in eager, since a seed"
                " that is set in `forward` is not exported.",
                "Pass the random numbers as an input.",
            )
        return Words(
            "Other values than in eager",
            "It gives other values in the exported program than in eager, on the example inputs."
            f" {CAUSE}",
            ADVICE,
        )

    def _failure(self, error: BaseException, stack: Stack) -> Failure:
        return Failure(
            error,
            "run",
            self.mode,
            self._declaration.target,
            self._workspace,
            SymbolTracker(self._workspace),
            stack,
        )

    @property
    def _return_expression(self) -> Location | None:
        return return_expression(self._workspace, self._declaration.built)

    def draws_random_numbers(self, divergence: Divergence) -> bool:
        """Return whether the program draws random numbers at a divergence."""
        seeded = torch.Tag.nondeterministic_seeded
        location = divergence.frames[-1].location
        return any(seeded in operator.tags for operator in self._operators_at(location))

    def _operators_at(self, location: Location) -> Iterator[OpOverload]:
        """Yield the program's operators that an expression became."""
        for node, operator in program_graph.operators(self._exported.program):
            if node_frames.stack_of_node(node, self._workspace).innermost == location:
                yield operator

    def _last_use(self, buffer: str) -> Stack:
        """Return the stack at the last use of a buffer in the program."""
        program = self._exported.program
        names = program.graph_signature.inputs_to_buffers
        for node in program.graph.nodes:
            if node.op == "placeholder" and names.get(node.name) == buffer:
                for user in reversed(list(node.users)):
                    stack = node_frames.stack_of_node(user, self._workspace)
                    if stack:
                        return stack
        return Stack()
