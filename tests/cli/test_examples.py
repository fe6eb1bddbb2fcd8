"""The example models of the package, and the terminal sessions in the README."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import Command
from tests.generated_pages import README, SESSIONS, part, session

EXAMPLES = Path("export_lsp/examples")


@pytest.fixture
def in_repository(command: Command) -> Command:
    command.folder = README.parent
    return command


def test_the_examples_fail_as_their_page_says(in_repository: Command) -> None:
    outcome = in_repository.check(EXAMPLES, "--output-format", "json")
    assert outcome.code == 1
    found = []
    for problem in outcome.json():
        file = Path(problem["filename"])
        start, end = problem["location"], problem["end_location"]
        assert start["row"] == end["row"]
        line = file.read_text(encoding="utf-8").splitlines()[start["row"] - 1]
        text = line[start["column"] - 1 : end["column"] - 1]
        found.append((file.name, problem["code"], problem["severity"], text))
    assert found == [
        ("detector.py", "data-dependent-branch", "error", "image.max() > 1"),
        ("detector.py", "unsupported-output", "error", "Detections(boxes, scores)"),
        ("language_model.py", "constraint-violation", "error", "self.positions[:length]"),
        ("mixture_of_experts.py", "data-dependent-guard", "error", "picked.shape[0] == 0"),
        ("streaming_encoder.py", "graph-break", "warning", "time.monotonic()"),
        ("streaming_encoder.py", "graph-break", "warning", "time.monotonic()"),
    ]


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_in_the_readme_is_up_to_date(name: str, in_repository: Command) -> None:
    subcommand, *arguments = SESSIONS[name]
    assert subcommand == "check"
    shown = session(SESSIONS[name], in_repository.check(*arguments).stdout)
    assert part(README, name) == shown, "run: python -m tests.generated_pages"
