"""Findings about what a backend does not take, or computes otherwise."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import replace

from torch.fx import Node

from export_lsp.protocol import Backend, Finding, Location, Position, Related, RuleCode
from export_lsp.worker.backends.backend import Conversion, Refusal
from export_lsp.worker.backends.comparison import Mismatch
from export_lsp.worker.places import node_frames
from export_lsp.worker.places.failure import Failure, reason
from export_lsp.worker.places.return_site import return_expression
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.private import decomposed_nodes
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.sentences import Words, sentence
from export_lsp.worker.text.torch_text import without_symbols


class BackendFindings:
    """Makes the findings of one backend about one target."""

    def __init__(self, backend: Backend, declaration: Declaration) -> None:
        self._backend = backend
        self._declaration = declaration

    def refusals(self, rule: RuleCode, refusals: Sequence[Refusal]) -> Iterator[Finding]:
        """Yield one finding for every expression that has refused nodes."""
        at_places: dict[Location | None, list[Refusal]] = {}
        for refusal in refusals:
            failure = self._failure(refusal.error, refusal.node)
            at_places.setdefault(failure.location if failure.stack else None, []).append(refusal)
        for same in at_places.values():
            yield self._refused(rule, same)

    def _refused(self, rule: RuleCode, refusals: list[Refusal]) -> Finding:
        first = refusals[0]
        failure = self._failure(first.error, first.node)
        others = dict.fromkeys(each.operator for each in refusals if each.operator)
        others.pop(first.operator, None)
        also = f" The same goes for {_listed(list(others))}." if others else ""
        came_from = decomposed_nodes.origin(first.node) if first.node is not None else ""
        through = ""
        if came_from and first.operator and came_from != first.operator:
            through = f"It is exported as `{came_from}`, which becomes `{first.operator}`. "
        words = Words(first.label, f"{through}{first.why}{also}", first.advice)
        return self._finding(rule, failure, words, self._decompositions(refusals))

    def mismatch(self, conversion: Conversion, mismatch: Mismatch, label: str) -> Finding:
        """Return the finding for a converted program that gives other results, or fails."""
        error = mismatch.error or Exception(mismatch.difference)
        failure = self._failure(error, mismatch.node)
        if mismatch.error is not None:
            why = sentence(without_symbols(reason(mismatch.error)))
            words = Words(
                f"Failure in {label}",
                f"The model runs in eager mode, and the converted program fails in"
                f" {conversion.runs_on}, on {mismatch.sizes}. {why}",
            )
        else:
            subject = "It" if failure.stack else "The converted program"
            words = Words(
                f"Other values in {label}",
                f"{subject} gives other values than in eager mode in {conversion.runs_on}, on"
                f" {mismatch.sizes}: the model returns {mismatch.difference}.",
                "Compute it in another way, or see whether a newer version agrees.",
            )
        return self._finding("backend-mismatch", failure, words)

    def unavailable(self, packages: Sequence[str], label: str, location: Location) -> Finding:
        """Return the finding for a backend that is not installed, at the setting that names it."""
        names = " ".join(packages)
        words = Words(
            f"{label} is not installed",
            f"The interpreter that checks this file has no {_listed(list(packages))}, so no"
            f" program was converted for `{self._backend}`.",
            f"Install it there (`pip install {names}`), or remove the backend from the setting.",
            code="",
        )
        failure = self._failure(Exception(f"no {names}"), None)
        return replace(self._finding("backend-unavailable", failure, words), location=location)

    def _finding(
        self,
        rule: RuleCode,
        failure: Failure,
        words: Words,
        related: tuple[Related, ...] = (),
    ) -> Finding:
        location = None
        if not failure.stack:
            location = return_expression(failure.workspace, self._declaration.built)
        return failure.finding(
            rule, words, location=location, related=related, data={"backend": self._backend}
        )

    def _failure(self, error: BaseException, node: Node | None) -> Failure:
        workspace = self._declaration.workspace
        failure = Failure(
            error,
            "backends",
            None,
            self._declaration.target,
            workspace,
            SymbolTracker(workspace),
        )
        if node is None:
            return failure
        return replace(failure, stack=node_frames.stack_of_node(node, workspace))

    def _decompositions(self, refusals: Sequence[Refusal]) -> tuple[Related, ...]:
        """Return the decompositions that the nodes came through, those written in Python."""
        found: dict[Location, Related] = {}
        for refusal in refusals:
            if refusal.node is None:
                continue
            origin = decomposed_nodes.origin(refusal.node)
            function = decomposed_nodes.decomposition_of(origin)
            if function is None or origin == refusal.operator:
                continue
            code = inspect.unwrap(function).__code__
            position = Position(code.co_firstlineno - 1, 0)
            location = Location(code.co_filename, position, position)
            found.setdefault(location, Related(location, f"torch decomposes `{origin}` here"))
        return tuple(found.values())


def _listed(names: list[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
