"""A script that runs up to its call of an export function of torch."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from export_lsp.protocol import ANY_EXPORT, Finding
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
        return self.check_again(**fields)

    def check_again(self, **fields: object) -> Checked:
        return self._worker.check(self.file, **{"export": ANY_EXPORT, **fields})

    @property
    def ran_to_its_end(self) -> bool:
        return (self.file.parent / "after").exists()


@pytest.fixture
def script(worker: Worker, tmp_path: Path) -> Script:
    return Script(tmp_path, worker)


def rules(checked: Checked) -> list[str]:
    return [finding.rule for finding in checked.findings]


def targets(checked: Checked) -> set[str]:
    return {finding.target for finding in checked.findings}


def hint(checked: Checked) -> Finding:
    [finding] = checked.findings
    assert finding.rule == "no-target"
    return finding


def test_a_file_is_run_as_a_script_only_on_request(script: Script) -> None:
    assert "`run-main`" in hint(script.check(first=BAD, export="")).message
    assert not script.ran_to_its_end


def test_an_export_is_checked_and_the_script_ends_there(script: Script) -> None:
    checked = script.check(first=BAD)
    assert set(rules(checked)) == {"data-dependent-branch"}
    assert targets(checked) == {"export"}
    assert not script.ran_to_its_end
    assert script.check().findings == []
    assert not script.ran_to_its_end


def test_the_first_export_that_the_script_reaches(script: Script) -> None:
    found = hint(script.check(second=BAD))
    assert found.location.start.line == 26
    assert "only up to the export in line 26" in found.message
    assert not script.ran_to_its_end


def test_the_requested_export_is_checked(script: Script) -> None:
    first = f"{GOOD}; open('between', 'w').close()"
    checked = script.check(first=first, second=BAD, export="export 2")
    assert set(rules(checked)) == {"data-dependent-branch"}
    assert targets(checked) == {"export 2"}
    assert (script.file.parent / "between").exists()
    assert not script.ran_to_its_end


def test_files_written_before_the_export_have_values(script: Script) -> None:
    """A script runs with real parameters: with fake ones it would write empty files."""
    saved = script.file.parent / "weights.pt"
    before = f"net = Good(); torch.save(net.state_dict(), {str(saved)!r})"
    assert script.check(before=before, first="export(net, (x,))").findings == []
    assert torch.load(saved)["linear.weight"].abs().sum() > 0


def test_arguments_are_located_in_the_call(script: Script) -> None:
    spec = 'export(Good(), args=(x,), dynamic_shapes={"x": {0: Dim("rows", min=8)}}, strict=False)'
    [finding] = script.check(first=spec).findings
    assert finding.rule == "invalid-dynamic-shapes"
    assert finding.modes == ("non-strict",)
    line = script.file.read_text().splitlines()[finding.location.start.line]
    assert "Dim(" in line[finding.location.start.character : finding.location.end.character]


def test_arguments_that_torch_refuses(script: Script) -> None:
    assert set(rules(script.check(first="export(Good(), x)"))) == {"invalid-input"}
    for wrong in ("export(Good, (x,))", "export(Good())"):
        [finding] = script.check(first=wrong).findings
        assert (finding.rule, finding.location.start.line) == ("load-error", 25)


def test_gradients_are_disabled_if_they_are_at_the_call(script: Script) -> None:
    """Changing a parameter in place fails only with gradients."""
    before = "Good.forward = lambda self, x: self.linear.weight.add_(1)[:2] + x"
    assert "forward-error" in rules(script.check(before=before))
    without = f"torch.set_grad_enabled(False); {before}"
    assert rules(script.check(before=without)) == []


def test_a_script_that_fails_before(script: Script) -> None:
    [finding] = script.check(before="missing()").findings
    assert finding.rule == "load-error"
    assert finding.location.start.line == 24


@pytest.mark.parametrize(
    "first",
    [
        "try: {}\n    except Exception: pass",
        "try: program = {}\n    except: pass\n    print(program)",
        "try: {}\n    finally: sys.exit()",
    ],
)
def test_a_script_cannot_prevent_its_end(script: Script, first: str) -> None:
    checked = script.check(first=first.format(BAD))
    assert set(rules(checked)) == {"data-dependent-branch"}


@pytest.mark.parametrize("end", ["", "sys.exit()", "sys.exit(0)"])
def test_an_export_that_is_not_reached(script: Script, end: str) -> None:
    found = hint(script.check(first=f"if len(sys.argv) > 1: {GOOD}", second=end))
    assert found.location.start.line == 25
    assert "ends without calling it" in found.message


def test_arguments_that_a_script_needs(script: Script) -> None:
    needs = "import argparse; p = argparse.ArgumentParser(); p.add_argument('a'); p.parse_args()"
    [finding] = script.check(before=needs).findings
    assert finding.rule == "load-error"
    assert "Set the arguments that it needs in `run-args`" in finding.message
    assert script.check(before=needs, arguments=("1",)).findings == []


def test_an_export_inside_forward(script: Script) -> None:
    """The file has bound `export` while it was replaced."""
    before = "Good.forward = lambda self, x: export(Gate(), (x,)).module()(x)"
    assert "internal-error" not in rules(script.check(before=before))


def test_onnx(script: Script) -> None:
    pytest.importorskip("onnxscript")
    spec = 'dynamic_shapes={{"x": {{0: "rows"}}}}'
    call = f'torch.onnx.export({{}}, x, "gate.onnx", dynamo=True, {spec})'
    checked = script.check(first=call.format("Gate()"))
    assert set(rules(checked)) == {"data-dependent-branch"}
    assert script.check(first=call.format("Good()")).findings == []
    assert not (script.file.parent / "gate.onnx").exists()


def test_a_file_that_declares_a_target_is_imported(script: Script) -> None:
    script.check()
    declared = "\nmodel, example_args = Gate(), (torch.randn(2, 4),)\n"
    script.file.write_text(script.file.read_text() + declared)
    checked = script.check_again()
    assert targets(checked) == {"model"}
    assert not script.ran_to_its_end
