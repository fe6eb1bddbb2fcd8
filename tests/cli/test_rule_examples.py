"""The examples on the rules' pages: the failing one has a finding of its rule, the other none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from export_lsp.protocol import RuleCode
from export_lsp.rules import RULES
from export_lsp.stages import STAGES
from tests.cli.command import Command
from tests.conftest import clean_environment

# Its failing example hangs, so it is checked with a short timeout.
SLOW = "timeout"
WITH_EXAMPLE = [code for code, rule in RULES.items() if rule.failing]

Checked = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory, torch_python: Path) -> Checked:
    """Return the problems of every example, by file name."""
    folder = tmp_path_factory.mktemp("examples")
    environment = clean_environment(tmp_path_factory.mktemp("user") / "home")
    command = Command(folder, torch_python, environment)
    problems: Checked = {}
    command.write("pyproject.toml", f"[tool.export-lsp]\nstages = {list(STAGES)}\n")
    for code in WITH_EXAMPLE:
        command.write(f"{code}-failing.py", RULES[code].failing)
        command.write(f"{code}-fixed.py", RULES[code].fixed)
    slow = [f"{SLOW}-failing.py"]
    others = [file.name for file in folder.glob("*.py") if file.name not in slow]
    for files, options in ((slow, ["--timeout", "3"]), (others, [])):
        problems |= {name: [] for name in files}
        for problem in command.check(*files, *options, "--output-format", "json").json():
            problems[Path(problem["filename"]).name].append(problem)
    return problems


@pytest.mark.parametrize("code", WITH_EXAMPLE)
def test_the_failing_example_has_a_finding_of_its_rule(code: RuleCode, checked: Checked) -> None:
    assert code in [problem["code"] for problem in checked[f"{code}-failing.py"]]


@pytest.mark.parametrize("code", WITH_EXAMPLE)
def test_the_fixed_example_exports(code: RuleCode, checked: Checked) -> None:
    assert [(p["code"], p["message"]) for p in checked[f"{code}-fixed.py"]] == []
