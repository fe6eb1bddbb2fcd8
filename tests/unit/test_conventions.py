"""The conventions of declaring targets, and the names by which the server recognises a file."""

from __future__ import annotations

from export_lsp.protocol import TARGET_NAMES
from export_lsp.worker.targets.conventions import CONVENTIONS


def test_the_protocol_has_the_markers_of_all_conventions() -> None:
    markers = [marker for convention in CONVENTIONS for marker in convention.MARKERS]
    assert sorted(TARGET_NAMES) == sorted(markers)
