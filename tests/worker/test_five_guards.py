"""One check reports five data-dependent guards, in three submodules, two files and a loop."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from export_lsp.protocol import MODES
from tests.checking import Worker
from tests.corpus_annotations import differences, expected_in

PACKAGE = Path(__file__).parents[1] / "five_guards"
FILES = [PACKAGE / "model.py", PACKAGE / "parts.py"]


def test_one_check_reports_all_five_and_nothing_else(worker: Worker) -> None:
    assert sum(len(expected_in(file)) for file in FILES) == 5
    findings = worker.check(FILES[0]).findings
    for file in FILES:
        here = [finding for finding in findings if finding.location.file == str(file)]
        assert differences(file, here) == []
    # Once in each mode, even the guard in a loop over four experts.
    times = Counter((finding.location, mode) for finding in findings for mode in finding.modes)
    assert len(times) == 5 * len(MODES)
    assert set(times.values()) == {1}
