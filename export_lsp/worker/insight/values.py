"""The notes of a trace as values of the protocol."""

from __future__ import annotations

import functools
from collections import Counter

from export_lsp.protocol import Value
from export_lsp.worker.insight.size_names import SizeNames
from export_lsp.worker.insight.tensor_types import type_text
from export_lsp.worker.insight.trace_notes import TraceNotes


def values(notes: TraceNotes, names: SizeNames) -> tuple[Value, ...]:
    """Return the values of all places that had tensors, in the order of their places.

    Args:
        notes: The notes of a trace.
        names: The names of its sizes.
    """
    usual = _usual_device(notes)
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
            )
        )
    return tuple(sorted(found, key=lambda value: (value.location.file, value.location.start)))


def _usual_device(notes: TraceNotes) -> str:
    """Return the device of most of the tensors."""
    devices = Counter(each.device for tensors in notes.tensors.values() for each in tensors)
    return devices.most_common(1)[0][0] if devices else ""
