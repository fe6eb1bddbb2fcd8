"""Failures by lack of memory: whose limit was reached, and the finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from export_lsp.protocol import Finding
from export_lsp.stages import TABLE
from export_lsp.worker.data.frame import Stack
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.private import errors
from export_lsp.worker.system import limits
from export_lsp.worker.text.sentences import Words, sentence

SMALLER = "check a smaller configuration"
LABEL = "Out of memory"


@dataclass(frozen=True)
class Lack:
    """The kind of memory that a check had too little of.

    `needed` completes "needs …", `setting` is the setting that limits it, "" if the machine does.
    """

    needed: str
    setting: str

    def words(self, subject: str, otherwise: str = SMALLER, *, label: str = LABEL) -> Words:
        """Return the words for what needs the memory, with what to do but raise the limit."""
        harmless = ", which says nothing about the model" if self.setting else ""
        why = f"{subject} needs {self.needed}{harmless}."
        return Words(label, why, sentence(self.advice(otherwise)))

    def advice(self, otherwise: str = SMALLER) -> str:
        """Return what to do: raise the limit, if there is one, or something else."""
        return f"raise the `{self.setting}` setting or {otherwise}" if self.setting else otherwise


def lack_of_memory(chain: Iterable[BaseException]) -> Lack | None:
    """Return what a chain of exceptions says that there is too little of; None for any other."""
    error = next(filter(errors.out_of_memory, chain), None)
    if error is None:
        return None
    if isinstance(error, errors.GPU_MEMORY):
        return Lack("more GPU memory than export-lsp allows a check", "gpu-memory-fraction")
    return memory_limit()


def memory_limit() -> Lack:
    """Return the lack of memory that the next allocation may meet."""
    if limits.is_memory_limited():
        return Lack("more memory than export-lsp allows a check", "memory-limit")
    return Lack("more memory than this machine has", "")


def memory_finding(failure: Failure) -> Finding | None:
    """Return the finding for a failure by lack of memory; None for any other failure."""
    lack = lack_of_memory(locate.chain(failure.error))
    if lack is None:
        return None
    # Which operator of a library was the one too many says nothing about the library.
    failure = replace(failure, stack=Stack(failure.stack.frames))
    words = lack.words("It")
    if TABLE[failure.stage].after_export:
        words = Words(
            f"Stage `{failure.stage}` left out for memory",
            f"The model exports, but `{failure.stage}` was left out, because this expression needs"
            f" {lack.needed}.",
            sentence(f"{lack.advice()} to include it"),
        )
    return replace(failure.finding("out-of-memory", words), limit=True)
