"""Operators that cannot run without data, and the rest that only tracing cannot do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from export_lsp.protocol import Finding
from export_lsp.worker import locate
from export_lsp.worker.failure import Failure, reason
from export_lsp.worker.private import errors

if TYPE_CHECKING:
    from export_lsp.worker.stages.build import Built

SYMBOLIC_KEY = "unhashable type: non-nested SymInt"
NO_FAKE = re.compile(r"no fake impl registered for (?:<CustomOpDef\((.*?)\)>|(\S+))")
NUMPY = (".numpy() is not supported", "'numpy'", "Cannot access data pointer")


def explain_known(failure: Failure, built: Built) -> Finding | None:
    """Failures whose exception tells what they are."""
    links = list(locate.chain(failure.error))
    text = " ".join(str(link) for link in links)
    if SYMBOLIC_KEY in text:
        return failure.finding(
            "constraint-violation",
            f"`{failure.expression}` needs a size as a plain number, but dynamic_shapes says that"
            " it may vary; make it static there or keep the table as a tensor",
        )
    if errors.wants_cuda(text):
        return _operator(
            failure,
            f"`{failure.expression}` asks for a real CUDA device and this machine has none;"
            " everything else is traced with fake CUDA tensors. Check it where there is a GPU",
        )
    if match := NO_FAKE.search(text):
        return _no_fake(failure, match[1] or match[2].strip("'\"<>"))
    unsupported = errors.find(links, errors.UNSUPPORTED_OPERATOR)
    if unsupported is not None:
        return _no_fake(failure, _operator_name(unsupported))
    if errors.find(links, (*errors.DYNAMIC_OUTPUT, *errors.PENDING_UNBACKED)):
        return _operator(
            failure,
            f"The size of what `{failure.expression}` gives depends on the data, and the operator"
            " cannot say so while tracing; use an operator whose result has a known size",
        )
    return None


def explain_rest(failure: Failure, built: Built) -> Finding:
    """What works in eager and not under tracing, for whatever reason it gives."""
    text = reason(failure.error)
    if any(words in text for words in NUMPY):
        return _operator(
            failure,
            f"`{failure.expression}` needs the tensor's memory, which does not exist while export"
            " traces; stay with tensor operations",
        )
    return _operator(
        failure,
        f"`{failure.expression}` works in eager but not while export traces it: {text}",
    )


def _operator_name(error: BaseException) -> str:
    return str(getattr(error, "func", error))


def _no_fake(failure: Failure, operator: str) -> Finding:
    return _operator(
        failure,
        f"`{operator}` does not say what shapes it gives (it has no fake kernel), so export cannot"
        " trace it; register one with `torch.library.register_fake`",
    )


def _operator(failure: Failure, message: str) -> Finding:
    return failure.finding("unsupported-operator", message)
