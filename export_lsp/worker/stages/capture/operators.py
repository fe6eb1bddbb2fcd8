"""Operators that cannot run without data, and anything else that fails only in a trace."""

from __future__ import annotations

import re
from collections.abc import Iterable

from export_lsp.protocol import Finding, Remedy
from export_lsp.worker.data.target import Built
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import Failure, reason
from export_lsp.worker.private import errors
from export_lsp.worker.remedies import registrations
from export_lsp.worker.stages.capture import forward_error_messages, operator_messages
from export_lsp.worker.text import torch_text
from export_lsp.worker.text.exception_text import text_of
from export_lsp.worker.text.sentences import Words, first_match, sentence

SYMBOLIC_KEY = "unhashable type: non-nested SymInt"
SCRIPTED = ("RecursiveScriptModule", "TopLevelTracedModule", "TracedModule")
CUSTOM_OPERATORS = "https://docs.pytorch.org/tutorials/advanced/custom_ops_landing_page.html"
NO_FAKE = re.compile(r"no fake impl registered for (?:<CustomOpDef\((.*?)\)>|(\S+))")
TORCH_OPERATORS = ("aten::", "prims::", "quantized::", "_c10d_functional::")


def explain_known(failure: Failure, built: Built) -> Finding | None:
    """Return the finding for a failure whose exception or text is known; None for others.

    See `capture.explain`.
    """
    links = list(locate.chain(failure.error))
    text = " ".join(map(text_of, links))
    if SYMBOLIC_KEY in text and not built.dynamic_shapes:
        return failure.finding(
            "data-dependent-guard",
            Words(
                "Data-dependent key",
                "It needs a number that depends on the data in a tensor, and export has to know it"
                " while tracing.",
                "Take it from an integer input, or keep the table as a tensor.",
            ),
        )
    if SYMBOLIC_KEY in text:
        return failure.finding(
            "constraint-violation",
            Words(
                "Dynamic size as a key",
                "It needs the size as a plain number, but dynamic_shapes says that it may vary.",
                "Make that dimension static or keep the table as a tensor.",
            ),
        )
    if errors.find(links, errors.DEVICE_MISMATCH):
        return failure.finding("forward-error", forward_error_messages.mixed_devices(failure))
    if errors.wants_cuda(text):
        return _operator(
            failure,
            Words(
                "Real CUDA device needed",
                f"{errors.CUDA_MISSING} Everything else is traced with fake CUDA tensors.",
                errors.WHERE_CUDA,
            ),
        )
    if match := NO_FAKE.search(text):
        return _no_fake(failure, match[1] or match[2].strip("'\"<>"))
    unsupported = errors.find(links, errors.UNSUPPORTED_OPERATOR)
    if unsupported is not None:
        return _no_fake(failure, str(getattr(unsupported, "func", unsupported)))
    if errors.find(links, errors.UNSUPPORTED_TENSOR):
        return _operator(
            failure,
            Words(
                "Tensor of an untraceable kind",
                "It makes a tensor that export cannot trace, such as a quantised one.",
                "Compute it outside of `forward`.",
            ),
        )
    if errors.find(links, errors.PENDING_UNBACKED):
        return _operator(
            failure,
            Words(
                "Lost data-dependent number",
                "It takes a number from the data that is no part of its result's shape, which"
                " export cannot trace.",
                "Use another operator or compute it outside of `forward`.",
            ),
        )
    if errors.find(links, errors.DYNAMIC_OUTPUT):
        return _operator(
            failure,
            Words(
                "Data-dependent shape",
                "The shape of its result depends on the data, and torch does not support that for"
                " this operator.",
                "Use another one or compute it outside of `forward`.",
            ),
        )
    return None


def explain_rest(failure: Failure, built: Built) -> Finding:
    """Return the finding for a failure that no other explainer recognises.

    See `capture.explain`. Eager mode runs the code, so only the trace is at fault.
    """
    scripted = _scripted(failure, built)
    if scripted is not None:
        return _operator(
            failure,
            Words(
                "TorchScript module",
                f"`{scripted}` is a `torch.jit.script` module, which export cannot look into.",
                "Use the original `nn.Module`.",
            ),
        )
    known = first_match(operator_messages.ROWS, failure.expression, failure.text)
    if known is not None:
        return _operator(failure, known)
    why = sentence(torch_text.without_symbols(reason(failure.error)))
    label = f"{type(failure.error).__name__} while tracing"
    if failure.mode == "strict":
        why = f"It fails in the graph that strict mode captured. {why}"
        return _operator(failure, Words(label, why, "Non-strict mode may work."))
    return _operator(failure, Words(label, f"Eager mode runs it. {why}"))


def _scripted(failure: Failure, built: Built) -> str | None:
    """The TorchScript submodule that the failing expression calls, as ``self.name``."""
    for name, module in built.model.named_modules():
        called = f"self.{name.rpartition('.')[2]}"
        if type(module).__name__ in SCRIPTED and f"{called}(" in failure.expression:
            return called
    return None


def _no_fake(failure: Failure, operator: str) -> Finding:
    """`operator` is torch's name of an overload, "aten.add.Tensor", or "namespace::name"."""
    if "::" not in operator:
        operator = "::".join(operator.split(".")[:2])
    if operator.startswith(TORCH_OPERATORS):
        return _operator(
            failure,
            Words(
                "Operator without a fake kernel",
                f"It uses `{operator}`, for which torch has no fake kernel, so export cannot trace"
                " it.",
                "Use another operator.",
            ),
        )
    return _operator(
        failure,
        Words(
            "Operator without a fake kernel",
            f"`{operator}` has no fake kernel, which would give export the shapes of its results.",
            "Register one with `torch.library.register_fake`.",
        ),
        url=CUSTOM_OPERATORS,
        remedies=registrations.add_fake_kernel(operator, failure.workspace),
    )


def _operator(
    failure: Failure, words: Words, *, url: str | None = None, remedies: Iterable[Remedy] = ()
) -> Finding:
    return failure.finding("unsupported-operator", words, url=url, remedies=tuple(remedies))
