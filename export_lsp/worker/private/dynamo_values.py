"""Dynamo's variables for recorded values, and the one for a value that is not known.

Seen in torch 2.6 to 2.13 (``VariableTracker.build``, ``TupleVariable``, ``ListVariable``,
``ValueMutationNew``).  Without them every replaced value is unknown to Dynamo, so that a strict
trace ends at its first use.  Without ``UnknownVariable`` no value can be replaced.
"""

from __future__ import annotations

import contextlib
from typing import Any

import torch
from torch._dynamo import variables
from torch._dynamo.variables import base, lists, misc

from export_lsp.worker.data.eager_values import (
    PLAIN,
    RecordedItems,
    RecordedTensor,
    is_reproducible,
)


def variable_of(value: Any, translator: Any) -> Any:
    """Return the variable for a recorded value; the unknown one if Dynamo cannot represent it.

    `translator` is the interpreter that the variable is for.  Tensors are made by calls of
    ``torch.empty`` that become part of its graph.
    """
    if is_reproducible(value):
        with contextlib.suppress(Exception):  # whatever Dynamo raises
            return _build(value, translator)
    return unknown()


def unknown() -> Any:
    """Return a variable for a value that nothing is known about."""
    return misc.UnknownVariable()


def holds_unknown(variable: Any) -> bool:
    """Return whether a variable is unknown, or a list or tuple with an unknown item."""
    parts = variable.items if isinstance(variable, lists.BaseListVariable) else ()
    return type(variable) is misc.UnknownVariable or any(map(holds_unknown, parts))


def _build(value: Any, translator: Any) -> Any:
    build: Any = base.VariableTracker.build
    if isinstance(value, PLAIN):
        return build(translator, value)
    if isinstance(value, RecordedTensor):
        options = {"dtype": build(translator, value.dtype)}
        if value.device != "cpu":
            options["device"] = build(translator, torch.device(value.device))
        shape = build(translator, value.shape)
        empty = build(translator, torch.empty)
        return empty.call_function(translator, [shape], options)
    if isinstance(value, RecordedItems) and value.keys is None:
        items = [_build(item, translator) for item in value.items]
        if value.kind is tuple:
            return variables.TupleVariable(items)
        return variables.ListVariable(items, mutation_type=base.ValueMutationNew())
    return unknown()
