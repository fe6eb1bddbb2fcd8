"""`specialization`: sizes that the declaration lets vary and that became constants.

``Dim.AUTO`` leaves the decision to export, which does not report it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from torch.export import ExportedProgram
from torch.export.graph_signature import InputKind
from torch.utils import _pytree as pytree

from export_lsp.protocol import Finding, Related, Remedy
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import locate
from export_lsp.worker.private import constant_sizes
from export_lsp.worker.remedies import dim_expressions, dynamic_shapes
from export_lsp.worker.stages.silent.detector import ObservedExport
from export_lsp.worker.targets.input_paths import part_at
from export_lsp.worker.targets.shape_entry import ShapeEntry, joint_label
from export_lsp.worker.text.sentences import Words


class SpecializedSizes:
    """Detects sizes that became constants, and the user's frames that caused it."""

    def __init__(self, export: ObservedExport) -> None:
        self._export = export
        self._frames: dict[str, list[Frame]] = {}  # by torch's name of the size
        self._assumed: set[str] = set()

    def observing(self) -> AbstractContextManager[None]:
        return constant_sizes.watch_constants(self._note)

    def _note(self, sources: frozenset[str]) -> None:
        if self._export.has_assumed():
            self._assumed.update(sources)
        frames = locate.current_frames(sys._getframe(1), self._export.declaration.workspace)
        for source in sources:
            self._frames.setdefault(source, frames)

    def findings(self, program: ExportedProgram | None) -> Iterator[Finding]:
        if program is None:
            return
        entries = [
            entry for entry in self._export.declaration.shape_entries() if _may_specialize(entry)
        ]
        inputs = self._inputs(program) if entries else {}
        constant = [
            entry
            for entry in entries
            if _is_constant(entry, inputs) and not self._assumed.intersection(entry.sources)
        ]
        for frames, group in self._by_expression(constant):
            yield self._finding(frames, group)

    def _inputs(self, program: ExportedProgram) -> dict[str, Any]:
        """Return the program's user inputs, as fake tensors, by forward's parameter names."""
        values = [node.meta.get("val") for node in program.graph.nodes if node.op == "placeholder"]
        kinds = [spec.kind for spec in program.graph_signature.input_specs]
        leaves = [
            value for value, kind in zip(values, kinds, strict=True) if kind == InputKind.USER_INPUT
        ]
        structure = program.call_spec.in_spec
        if structure is None or structure.num_leaves != len(leaves):
            return {}
        return self._export.declaration.by_parameter(*pytree.tree_unflatten(leaves, structure))

    def _by_expression(
        self, entries: list[ShapeEntry]
    ) -> Iterator[tuple[list[Frame], list[ShapeEntry]]]:
        """Group the entries by the expression that made them constant; without one, alone."""
        groups: dict[Any, tuple[list[Frame], list[ShapeEntry]]] = {}
        for entry in entries:
            frames = self._frames.get(entry.source) or self._frames.get(entry.flat_source) or []
            key = frames[-1].location if frames else (entry.path, entry.axis)
            groups.setdefault(key, (frames, []))[1].append(entry)
        yield from groups.values()

    def _finding(self, frames: list[Frame], entries: list[ShapeEntry]) -> Finding:
        first = entries[0]
        declared = tuple(
            Related(entry.location, f"{entry.label} is asked to be dynamic here")
            for entry in entries
        )
        if frames:
            return self._export.finding(
                "specialization",
                "guards",
                Words(
                    _label(entries),
                    f"It works only if {_sizes(entries)}, as in the example, so the exported"
                    f" program takes no other {_kind(entries)}.",
                    f"Rewrite it so that it holds for every {_kind(entries)}, or declare"
                    f" {'it' if len(entries) == 1 else 'them'} `Dim.STATIC` if that is intended.",
                ),
                frames,
                related=declared,
                remedies=self._make_static(entries),
            )
        if first.axis is not None and first.size in (0, 1):
            larger = dynamic_shapes.enlarge_example(first, self._export.declaration.workspace)
            return self._export.finding(
                "specialization",
                "guards",
                Words(
                    f"Example of size {first.size}",
                    f"The example has size {first.size} in {first.label}, and torch.export treats"
                    " sizes 0 and 1 as constants, so the exported program takes no other size.",
                    "Use an example of size 2 or more, or declare it `Dim.STATIC`.",
                ),
                [],
                location=first.example_location,
                related=declared,
                remedies=(*larger, *self._make_static(entries)),
            )
        return self._export.finding(
            "specialization",
            "guards",
            Words(
                _label(entries),
                f"The model works only if {_sizes(entries)}, as in the example, so the exported"
                f" program takes no other {_kind(entries)}.",
                "Declare it `Dim.STATIC` if that is intended.",
            ),
            [],
            location=first.location,
            remedies=self._make_static(entries),
        )

    def _make_static(self, entries: list[ShapeEntry]) -> tuple[Remedy, ...]:
        source = self._export.declaration.workspace.source(entries[0].location.file)
        if source is None or not all(map(dynamic_shapes.has_own_location, entries)):
            return ()
        dim = dim_expressions.dim_class_name(source)
        text = "None" if entries[0].axis is None else f"{dim}.STATIC"
        return dynamic_shapes.make_static(entries, text)


def _may_specialize(entry: ShapeEntry) -> bool:
    """Return whether the declaration asks for a varying size and accepts a constant.

    Where a constant is not accepted (``Dim("batch")``, ``Dim.DYNAMIC``) the export fails.
    """
    return "AUTO" in repr(entry.dim) and entry.size is not None


def _is_constant(entry: ShapeEntry, inputs: dict[str, Any]) -> bool:
    """Return whether the program takes only one size."""
    if entry.path[0] not in inputs:
        return False
    value = part_at(inputs[entry.path[0]], entry.path[1:])
    size = value if entry.axis is None else value.shape[entry.axis]
    return constant_sizes.is_constant(size)


def _kind(entries: list[ShapeEntry]) -> str:
    return "number" if all(entry.axis is None for entry in entries) else "size"


def _label(entries: list[ShapeEntry]) -> str:
    sizes = {entry.size for entry in entries}
    fixed = f" {sizes.pop()}" if len(sizes) == 1 else ""
    return f"Dynamic {_kind(entries)} fixed to{fixed or ' those of the example'}"


def _sizes(entries: list[ShapeEntry]) -> str:
    """Name the sizes, those of one value together: "dimension 0 of `x` and `y` are 4"."""
    by_size: dict[int | None, list[ShapeEntry]] = {}
    for entry in entries:
        by_size.setdefault(entry.size, []).append(entry)
    return " and ".join(
        f"{joint_label(alike)} {'is' if len(alike) == 1 else 'are'} {size}"
        for size, alike in by_size.items()
    )
