"""`specialization`: what was asked to be dynamic and came out as a constant.

``Dim.AUTO`` lets export decide, and export does not say what it decided.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from torch.export.graph_signature import InputKind
from torch.utils import _pytree as pytree

from export_lsp.protocol import Finding, Related, Remedy
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import locate
from export_lsp.worker.private import constant_sizes
from export_lsp.worker.remedies import dynamic_shapes
from export_lsp.worker.stages.silent.watch import Export
from export_lsp.worker.targets.input_paths import part_at
from export_lsp.worker.targets.shape_entry import ShapeEntry, joint_label
from export_lsp.worker.text.sentences import shortened

if TYPE_CHECKING:
    from torch.export import ExportedProgram


class Specialised:
    """The sizes that became constants, with the user's frames that made them so."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._frames: dict[str, list[Frame]] = {}

    def watching(self) -> AbstractContextManager[None]:
        return constant_sizes.watch_constants(self._became_constant)

    def _became_constant(self, sources: frozenset[str]) -> None:
        frames = locate.current_frames(sys._getframe(1), self._export.declaration.workspace)
        for source in sources:
            self._frames.setdefault(source, frames)

    def findings(self, program: ExportedProgram | None) -> Iterator[Finding]:
        if program is None:
            return
        asked = [entry for entry in self._export.declaration.shape_entries() if _asked(entry)]
        inputs = self._inputs(program) if asked else {}
        constant = [entry for entry in asked if _constant(entry, inputs)]
        for frames, entries in self._by_place(constant):
            yield self._specialised(frames, entries)

    def _inputs(self, program: ExportedProgram) -> dict[str, Any]:
        """The program's own inputs, fake, by the names of forward's parameters."""
        values = [node.meta.get("val") for node in program.graph.nodes if node.op == "placeholder"]
        kinds = [spec.kind for spec in program.graph_signature.input_specs]
        given = [
            value for value, kind in zip(values, kinds, strict=True) if kind == InputKind.USER_INPUT
        ]
        structure = program.call_spec.in_spec
        if structure is None or structure.num_leaves != len(given):
            return {}
        return self._export.declaration.by_parameter(*pytree.tree_unflatten(given, structure))

    def _by_place(
        self, entries: list[ShapeEntry]
    ) -> Iterator[tuple[list[Frame], list[ShapeEntry]]]:
        """The entries that one expression made constant; those that none did are alone."""
        found: dict[Any, tuple[list[Frame], list[ShapeEntry]]] = {}
        for entry in entries:
            frames = self._frames.get(entry.source) or self._frames.get(entry.flat_source) or []
            key = frames[-1].location if frames else (entry.path, entry.axis)
            found.setdefault(key, (frames, []))[1].append(entry)
        yield from found.values()

    def _specialised(self, frames: list[Frame], entries: list[ShapeEntry]) -> Finding:
        first, workspace = entries[0], self._export.declaration.workspace
        declared = tuple(
            Related(entry.location, f"{entry.label} is asked to be dynamic here")
            for entry in entries
        )
        if frames:
            return self._export.finding(
                "specialization",
                "guards",
                f"`{shortened(self._export.expression(frames))}` works only if {_sizes(entries)},"
                f" as in the example, so the exported program takes no other {_kind(entries)};"
                " rewrite it so that it holds for every one, or declare"
                f" {'it' if len(entries) == 1 else 'them'} `Dim.STATIC` if that is meant",
                frames,
                related=declared,
                remedies=self._static(entries),
            )
        if first.axis is not None and first.size in (0, 1):
            return self._export.finding(
                "specialization",
                "guards",
                f"The example has size {first.size} in {first.label}, and torch.export treats"
                " sizes 0 and 1 as constants, so the exported program takes no other size; use an"
                " example of size 2 or more, or declare it `Dim.STATIC`",
                [],
                location=first.example_location,
                related=declared,
                remedies=(
                    *dynamic_shapes.enlarge_example(first, workspace),
                    *self._static(entries),
                ),
            )
        return self._export.finding(
            "specialization",
            "guards",
            f"The model works only if {_sizes(entries)}, as in the example, so the exported program"
            f" takes no other {_kind(entries)}; declare it `Dim.STATIC` if that is meant",
            [],
            location=first.location,
            remedies=self._static(entries),
        )

    def _static(self, entries: list[ShapeEntry]) -> tuple[Remedy, ...]:
        """Declare them to be what they are."""
        source = self._export.declaration.workspace.source(entries[0].location.file)
        if source is None or not all(map(dynamic_shapes.has_own_location, entries)):
            return ()
        text = (
            "None" if entries[0].axis is None else f"{dynamic_shapes.dim_class_name(source)}.STATIC"
        )
        return dynamic_shapes.make_static(entries, text)


def _asked(entry: ShapeEntry) -> bool:
    """Whether the spec asks for a size that varies, but would be content with a constant.

    Where a constant is no answer (``Dim("batch")``, ``Dim.DYNAMIC``) the export fails.
    """
    return "AUTO" in repr(entry.dim) and entry.size is not None


def _constant(entry: ShapeEntry, inputs: dict[str, Any]) -> bool:
    """Whether the program takes one size only."""
    if entry.path[0] not in inputs:
        return False
    value = part_at(inputs[entry.path[0]], entry.path[1:])
    size = value if entry.axis is None else value.shape[entry.axis]
    return constant_sizes.is_constant(size)


def _kind(entries: list[ShapeEntry]) -> str:
    return "number" if all(entry.axis is None for entry in entries) else "size"


def _sizes(entries: list[ShapeEntry]) -> str:
    """ "dimension 0 of `x` and `y` is 4": dimensions of one size together."""
    by_size: dict[int | None, list[ShapeEntry]] = {}
    for entry in entries:
        by_size.setdefault(entry.size, []).append(entry)
    return " and ".join(
        f"{joint_label(alike)} {'is' if len(alike) == 1 else 'are'} {size}"
        for size, alike in by_size.items()
    )
