"""Objects of C++ classes on the model, such as the packed weights of quantised modules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import torch

from export_lsp.protocol import Finding
from export_lsp.worker.data.frame import Stack
from export_lsp.worker.data.target import Built
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.text.exception_text import text_of
from export_lsp.worker.text.sentences import Words

# The texts of non-strict and of strict mode for a class without a fake class (torch 2.13).
NO_FAKE_CLASS = re.compile(r"__obj_flatten__|as_proxy\(\).*\(ScriptObject\)", re.S)
# Modules that only hold the weights of the quantised module around them.
WEIGHT_HOLDER = re.compile(r"Packed|^ModuleList$")
QUANTISED = "torch.ao."


def explain(failure: Failure, built: Built) -> Finding | None:
    """Return the finding for an object of a C++ class that export looks into; None for others.

    See `capture.explain`. Non-strict mode fails before it calls ``forward``, so that the finding is
    at the target's declaration in both modes.
    """
    if not NO_FAKE_CLASS.search(" ".join(map(text_of, locate.chain(failure.error)))):
        return None
    modules = dict(built.model.named_modules())
    for path, module in modules.items():
        for name, value in vars(module).items():
            if isinstance(value, torch.ScriptObject):
                return replace(failure, stack=Stack()).finding(
                    "unsupported-operator",
                    _words(name, path, modules),
                    location=failure.target.places.declaration,
                )
    return None


def _words(name: str, path: str, modules: Mapping[str, torch.nn.Module]) -> Words:
    owner = path
    while owner and WEIGHT_HOLDER.search(type(modules[owner]).__name__):
        owner = owner.rpartition(".")[0]
    kind = type(modules[owner])
    if kind.__module__.startswith(QUANTISED):
        return Words(
            "Quantised modules in the model",
            f"The quantised `{kind.__name__}` keeps its weights in an object of a C++ class, which"
            " torch.export cannot look into.",
            "Export the float model, and quantise the exported program.",
        )
    return Words(
        f"C++ object `{name}` in the model",
        f"`{name}` of `{type(modules[path]).__name__}` is an object of a C++ class, which"
        " torch.export cannot look into.",
        "Keep tensors in its place.",
    )
