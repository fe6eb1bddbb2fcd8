"""The notes of a trace as values of the protocol."""

from __future__ import annotations

import functools
from collections import Counter

from torch.nn import Module

from export_lsp.protocol import Value
from export_lsp.worker.insight.size_names import SizeNames
from export_lsp.worker.insight.tensor_types import type_text
from export_lsp.worker.insight.trace_notes import TraceNotes


def values(notes: TraceNotes, names: SizeNames, model: Module) -> tuple[Value, ...]:
    """Return the values of all places that had tensors, in the order of their places.

    Args:
        notes: The notes of a trace.
        names: The names of its sizes.
        model: The model.
    """
    usual = _usual_device(notes)
    modules = _modules(notes, model)
    found = []
    for place, tensors in notes.tensors.items():
        devices = dict.fromkeys(each.device for each in tensors)
        found.append(
            Value(
                name=place.name,
                location=place.location,
                statement=place.statement,
                after=place.after,
                function=place.function,
                text=type_text(tensors, functools.partial(names.text, function=place.function)),
                calls=notes.calls[place],
                device="|".join(devices),
                unusual_device=set(devices) != {usual},
                modules=modules.get((place.location.file, place.function), ()),
            )
        )
    return tuple(sorted(found, key=lambda value: (value.location.file, value.location.start)))


def _modules(notes: TraceNotes, model: Module) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the paths of the first and the last module that each function was called in."""
    paths = {id(module): path for path, module in model.named_modules()}
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for place, modules in notes.modules.items():
        called = list(dict.fromkeys(paths[each] for each in modules if each in paths))
        if called:
            ends = dict.fromkeys((called[0], called[-1]))
            found.setdefault((place.location.file, place.function), tuple(ends))
    return found


def _usual_device(notes: TraceNotes) -> str:
    """Return the device of most of the tensors."""
    devices = Counter(each.device for tensors in notes.tensors.values() for each in tensors)
    return devices.most_common(1)[0][0] if devices else ""
