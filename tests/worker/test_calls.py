"""Calls of torch's exporters in a script, with what they are called with."""

from __future__ import annotations

from pathlib import Path

import pytest

from export_lsp.protocol import TargetsFound
from tests.checking import Checked, Worker

SCRIPT = """\
import sys
import torch
from torch import nn
from torch.export import Dim, export


class Gate(nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x
        return -x


class Good(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x):
        return self.linear(x)


def main():
    x = torch.randn(2, 4)
    {before}
    {first}
    {second}
    open("after", "w").close()


if __name__ == "__main__":
    main()
"""
GOOD = "export(Good(), (x,))"
BAD = "export(Gate(), (x,))"


class Script:
    def __init__(self, folder: Path, worker: Worker) -> None:
        self.file = folder / "script.py"
        self._worker = worker

    def check(
        self, *, before: str = "", first: str = GOOD, second: str = "", **fields: object
    ) -> Checked:
        self.file.write_text(SCRIPT.format(before=before, first=first, second=second))
        return self.again(**fields)

    def again(self, **fields: object) -> Checked:
        return self._worker.check(self.file, **{"main": True, **fields})

    @property
    def ran_to_its_end(self) -> bool:
        return (self.file.parent / "after").exists()


@pytest.fixture
def script(worker: Worker, tmp_path: Path) -> Script:
    return Script(tmp_path, worker)


def rules(checked: Checked) -> list[str]:
    return [finding.rule for finding in checked.findings]


def test_a_file_is_no_script_unless_asked_for(script: Script) -> None:
    [hint] = script.check(first=BAD, main=False).findings
    assert hint.rule == "no-target"
    assert "`run-main`" in hint.message
    assert not script.ran_to_its_end


def test_an_export_is_checked_and_the_script_ends_there(script: Script) -> None:
    checked = script.check(first=BAD)
    assert set(rules(checked)) == {"data-dependent-branch"}
    assert {finding.target for finding in checked.findings} == {"export"}
    assert not script.ran_to_its_end
    assert script.check().findings == []
    assert not script.ran_to_its_end


def test_each_export_has_a_run_of_its_own(script: Script) -> None:
    checked = script.check(second=BAD)
    assert set(rules(checked)) == {"data-dependent-branch"}
    assert {finding.target for finding in checked.findings} == {"export 2"}
    found = [event.targets for event in checked.events if isinstance(event, TargetsFound)]
    assert {frozenset(targets) for targets in found} == {frozenset({"export", "export 2"})}
    assert not script.ran_to_its_end


def test_an_export_that_fails_hides_the_ones_after_it(script: Script) -> None:
    checked = script.check(first=BAD, second=BAD)
    assert {finding.target for finding in checked.findings} == {"export"}
    assert "load-error" not in rules(checked)


def test_what_it_is_called_with(script: Script) -> None:
    spec = 'export(Good(), args=(x,), dynamic_shapes={"x": {0: Dim("rows", min=8)}}, strict=False)'
    [finding] = script.check(first=spec).findings
    assert finding.rule == "invalid-dynamic-shapes"
    assert finding.modes == ("non-strict",)
    line = script.file.read_text().splitlines()[finding.location.start.line]
    assert "Dim(" in line[finding.location.start.character : finding.location.end.character]


def test_gradients_are_off_where_they_were(script: Script) -> None:
    """A parameter that is changed in place fails with gradients alone."""
    before = "Good.forward = lambda self, x: self.linear.weight.add_(1)[:2] + x"
    assert "forward-error" in rules(script.check(before=before))
    without = f"torch.set_grad_enabled(False); {before}"
    assert "forward-error" not in rules(script.check(before=without))


def test_a_script_that_fails_before(script: Script) -> None:
    [finding] = script.check(before="missing()").findings
    assert finding.rule == "load-error"
    assert finding.location.start.line == 24


def test_no_handler_of_the_scripts_stops_its_end(script: Script) -> None:
    first = f"try: {BAD}\n    except Exception: pass"
    assert set(rules(script.check(first=first))) == {"data-dependent-branch"}
    assert not script.ran_to_its_end


def test_an_export_that_is_not_reached(script: Script) -> None:
    [hint] = script.check(first=f"if len(sys.argv) > 1: {GOOD}").findings
    assert hint.rule == "no-target"
    assert hint.location.start.line == 25
    assert "runs to its end without it" in hint.message


def test_an_export_that_is_not_reached_is_told_once(script: Script) -> None:
    script.check(first=f"if len(sys.argv) > 1: {GOOD}")
    declared = "\nmodel, example_args = Good(), (torch.randn(2, 4),)\n"
    script.file.write_text(script.file.read_text() + declared)
    assert rules(script.again()) == ["no-target"]


def test_onnx(script: Script) -> None:
    checked = script.check(first='torch.onnx.export(Gate(), x, "gate.onnx", dynamo=True)')
    assert set(rules(checked)) == {"data-dependent-branch"}
    assert not (script.file.parent / "gate.onnx").exists()


def test_a_declared_target_is_checked_too(script: Script) -> None:
    script.check()
    script.file.write_text(
        f"{script.file.read_text()}\nmodel, example_args = Gate(), (torch.randn(2, 4),)\n".replace(
            'if __name__ == "__main__":\n    main()\n', ""
        )
        + "main()\n"
    )
    checked = script.again(modes=("non-strict",))
    assert {finding.target for finding in checked.findings} == {"model"}
