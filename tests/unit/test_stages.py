"""The table of stages has every stage, and the worker a module for each that examines programs."""

from __future__ import annotations

import typing

from export_lsp.stages import STAGES, TABLE, Stage
from export_lsp.worker.stages import program_stages


def test_every_stage_has_its_row() -> None:
    assert typing.get_args(Stage) == STAGES


def test_the_stages_after_the_export_have_modules() -> None:
    selected = program_stages.selected(STAGES)
    expected = [row.name for row in TABLE.values() if row.after_export and row.name != "backends"]
    assert [name for name, _ in selected] == expected
    assert all(callable(stage.check) for _, stage in selected)
