"""The outcome of each target's check: the modes that exported, comparisons, stages left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from export_lsp.protocol import Outcome, TargetEnded
from export_lsp.stages import DEFAULT_STAGES
from tests.checking import Checked, Worker
from tests.server.models import CLEAN, GUARD

Check = Callable[..., Checked]

BOTH = {"non-strict": "exports", "strict": "exports"}

HEAD = "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n"
TAIL = "\n\nmodel = Net\nexample_args = (torch.randn(4),)\n"


def net(forward: str) -> str:
    return f"{HEAD}    def forward(self, x):\n        {forward}\n{TAIL}"


@pytest.fixture
def check(tmp_path: Path, worker: Worker) -> Check:
    def check_text(text: str, **fields: Any) -> Checked:
        file = tmp_path / "net.py"
        file.write_text(text)
        return worker.check(file, **{"stages": DEFAULT_STAGES, **fields})

    return check_text


def outcome_of(checked: Checked) -> Outcome:
    [outcome] = outcomes_of(checked)
    return outcome


def outcomes_of(checked: Checked) -> list[Outcome]:
    return [each.outcome for each in checked.events if isinstance(each, TargetEnded)]


def test_a_model_that_exports_agrees_with_eager(check: Check) -> None:
    outcome = outcome_of(check(CLEAN))
    assert (outcome.target, outcome.modes, outcome.agrees) == ("model", BOTH, True)
    assert (outcome.left_out, outcome.stopped, outcome.dynamic) == ((), None, False)
    assert CLEAN.splitlines()[outcome.location.start.line] == "model = Pick()"
    assert 0 < outcome.seconds < 60


def test_a_resumed_trace_is_no_export(check: Check) -> None:
    outcome = outcome_of(check(GUARD))
    assert outcome.modes == {"non-strict": "fails", "strict": "fails"}
    assert not outcome.agrees


def test_only_the_modes_that_were_asked_for_have_an_outcome(check: Check) -> None:
    assert outcome_of(check(CLEAN, modes=("strict",))).modes == {"strict": "exports"}


def test_a_finding_that_is_not_asked_for_counts(check: Check) -> None:
    checked = check(GUARD, stages=("load", "build", "inputs", "verify"))
    assert checked.findings == []
    assert set(outcome_of(checked).modes.values()) == {"fails"}


def test_no_mode_is_exported_before_the_model_is_built(check: Check) -> None:
    outcome = outcome_of(check(CLEAN.replace("Pick()", "lambda: Pick(1)")))
    assert outcome.modes == {"non-strict": "unknown", "strict": "unknown"}
    without = outcome_of(check(CLEAN, stages=("load", "build")))
    assert without.modes == {}


def test_results_that_differ_do_not_agree(check: Check) -> None:
    checked = check(net("return x * 2 if torch.compiler.is_dynamo_compiling() else x"))
    assert outcome_of(checked).modes == BOTH
    assert not outcome_of(checked).agrees


def test_the_reason_why_results_are_not_compared(check: Check) -> None:
    text = CLEAN.replace("picked.sum()", "picked.sum() + torch.empty(3).normal_().uniform_()")
    large = f"{HEAD}    def __init__(self):\n        super().__init__()\n" + (
        "        self.fc = nn.Linear(32768, 32768)\n\n"
        "    def forward(self, x):\n        return self.fc(x)\n\n\n"
        "model = Net\nexample_args = (torch.randn(2, 32768),)\n"
    )
    outcome = outcome_of(check(large))
    assert outcome.modes == BOTH
    assert not outcome.agrees
    [left_out] = outcome.left_out
    assert left_out.stage == "run"
    assert "too much memory or time" in left_out.reason
    assert outcome_of(check(text)).agrees


def test_dynamic_shapes_are_told(check: Check) -> None:
    text = net("return x + 1") + 'dynamic_shapes = {"x": {0: torch.export.Dim("n")}}\n'
    assert outcome_of(check(text)).dynamic


def test_each_target_has_an_outcome(check: Check) -> None:
    text = GUARD.partition("\n\nmodel = ")[0] + (
        "\n\ndef broken():\n    import os\n    os._exit(3)\n\n\n"
        "choice = torch.tensor([True, False])\n"
        "export_targets = {\n"
        '    "guard": {"model": Pick, "args": (torch.ones(2), choice)},\n'
        '    "ends": {"model": broken, "args": ()},\n'
        '    "relu": {"model": torch.nn.ReLU, "args": (choice,), "modes": ("strict",)},\n'
        "}\n"
    )
    guard, ends, relu = outcomes_of(check(text))
    assert (guard.target, ends.target, relu.target) == ("guard", "ends", "relu")
    assert ends.stopped == "worker-crash"
    assert set(ends.modes.values()) == {"unknown"}
    assert list(relu.modes) == ["strict"]


def test_a_check_that_takes_too_long_keeps_the_modes_that_were_exported(check: Check) -> None:
    text = net(
        "while torch.compiler.is_dynamo_compiling():\n            pass\n        return x + 1"
    )
    late = outcome_of(check(text, timeout=8))
    assert late.stopped == "timeout"
    assert late.modes == {"non-strict": "exports", "strict": "unknown"}
