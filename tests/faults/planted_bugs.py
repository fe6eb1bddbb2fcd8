"""Bugs that a schedule may have, planted one at a time: the state machine has to find each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

from hypothesis import Phase, seed
from hypothesis.stateful import run_state_machine_as_test

from export_lsp import observed
from export_lsp.engine.files import disk
from export_lsp.engine.recall import recall
from export_lsp.engine.results import store
from export_lsp.engine.scheduling import schedule
from export_lsp.protocol import Check
from export_lsp.server import folder
from export_lsp.server.editor import documents, publisher
from export_lsp.settings import layers
from export_lsp.stages import DEFAULT_STAGES
from tests.faults.schedule_machine import ScheduleMachine, effort

# A bug that this many sequences do not find counts as not found.
ENOUGH = 3000


def _first_variant(self: recall.Recall, variants: list[Any]) -> Any:
    return next(iter(variants), None)


def _without_questions(self: observed.States, aspect: str, subject: str) -> str:
    return "" if aspect == "kind" else _look(self, aspect, subject)


_look = observed.States._look


def _appended(self: store.Results, owner: Any) -> set[str]:
    result = self[owner]
    result.settled, result.streamed = [*result.settled, *result.streamed], []
    return result.files()


def _lines_in_the_editor(self: documents.Documents, file: str) -> list[str]:
    document = self.get(Path(file))
    return document.lines if document is not None else disk.lines(file) or [""]


def _with_all_stages(self: layers.Resolved, *args: Any) -> Check:
    return replace(_check(self, *args), stages=DEFAULT_STAGES)


_check = layers.Resolved.check


def _replaced(target: Any, name: str, value: Any) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: mock.patch.object(target, name, value)


def _nothing(*_: Any, **__: Any) -> None: ...


BUGS: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "a remembered result is used for any text": _replaced(
        recall.Recall, "_find_variant", _first_variant
    ),
    "what a check has looked at is taken for unchanged": _replaced(
        disk, "is_unchanged", lambda observed: True
    ),
    "files that were asked for are not looked at again": _replaced(
        observed.States, "_look", _without_questions
    ),
    "the environment is not part of a question": _replaced(recall, "surroundings", dict),
    "a saved file counts as the one checked before": _replaced(
        disk, "digests", lambda files: dict.fromkeys(files, "")
    ),
    "a file's dependents are not checked again": _replaced(
        store.Results, "owners_resting_on", lambda self, file: []
    ),
    "a save during a run is ignored": _replaced(schedule.Schedule, "touched", _nothing),
    "new findings are added to the old ones": _replaced(store.Results, "settle", _appended),
    "a deleted file keeps its findings": _replaced(schedule.Schedule, "drop", _nothing),
    "changes by other programs are ignored": _replaced(folder.Folder, "changed_on_disk", _nothing),
    "a newly visible file is not checked": _replaced(folder.Folder, "check_visible", _nothing),
    "findings in other files are not published": _replaced(
        publisher.Publisher, "all_changed", _nothing
    ),
    "findings of foreign files are kept": _replaced(folder.Folder, "drop_foreign", _nothing),
    "a setting is not passed to the check": _replaced(layers.Resolved, "check", _with_all_stages),
    "findings are placed in unsaved text": _replaced(
        documents.Documents, "lines_on_disk", _lines_in_the_editor
    ),
}


def sequences_until_found(bug: str, number: int = 0) -> int | None:
    """Return how many sequences it takes to find a bug; None if it is not found.

    Args:
        bug: a key of `BUGS`.
        number: the seed.
    """

    class Counted(ScheduleMachine):
        begun: ClassVar[int] = 0

        def __init__(self) -> None:
            type(self).begun += 1
            super().__init__()

    chosen = effort(
        ENOUGH,
        50,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        print_blob=False,
    )
    with BUGS[bug]():
        try:
            run_state_machine_as_test(seed(number)(Counted), settings=chosen)
        except AssertionError:
            return Counted.begun
    return None
