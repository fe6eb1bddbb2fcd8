"""``export-lsp check`` as its users run it."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.command import Command

# The failing expression is in a loop of a submodule, in a file that the target's file imports.
LAYERS = """\
import torch
from torch import nn


class Experts(nn.Module):
    def __init__(self, width, count):
        super().__init__()
        self.router = nn.Linear(width, count)
        self.experts = nn.ModuleList(nn.Linear(width, width) for _ in range(count))

    def forward(self, x):
        choice = self.router(x).argmax(-1)
        out = torch.zeros_like(x)
        for index, expert in enumerate(self.experts):
            picked = x[choice == index]
            if picked.shape[0] == 0:
                continue
            out[choice == index] = expert(picked)
        return out
"""
MODEL = """\
import torch
from layers import Experts
from torch import nn

model = lambda: nn.Sequential(nn.Linear(8, 8), Experts(8, 3))
example_args = (torch.randn(6, 8),)
"""
CLEAN = """\
import torch

model = torch.nn.Linear(4, 2)
example_args = (torch.randn(3, 4),)
"""
HANGS_IN_EAGER = """\
import time

import torch


class Model(torch.nn.Module):
    def forward(self, x):
        if not torch.compiler.is_exporting():
            time.sleep(10**6)
        return x + 1


model = Model()
example_args = (torch.randn(3, 4),)
"""
BRANCH = """\
import torch


class Gate(torch.nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x
        return -x


model = Gate()
example_args = (torch.randn(4),)
"""
TIMED = """\
import time

import torch


class Timed(torch.nn.Module):
    def forward(self, x):
        time.perf_counter()
        return x * 2


model = Timed()
example_args = (torch.randn(4),)
"""

SCRIPT_SETTINGS = """\
[tool.export-lsp.run-args]
"script.py" = ["--size", "4"]
"""


def test_an_output_encoding_that_lacks_a_character(command: Command) -> None:
    command.write("layers.py", LAYERS.replace("picked =", "é = '数'; picked ="))
    command.write("model.py", MODEL)
    command.environment["PYTHONIOENCODING"] = "ascii"
    outcome = command.check("model.py")
    assert outcome.code == 1
    assert "\\xe9 = '\\u6570'" in outcome.stdout


def test_scripts_are_run_up_to_their_exports_on_request(command: Command) -> None:
    script = BRANCH.replace("model = Gate()", "torch.export.export(Gate(), (torch.randn(4),))")
    command.write("script.py", f"{script}open('after', 'w').close()\n")
    assert "script.py:" in command.check().stderr
    outcome = command.check("--run-main")
    assert outcome.code == 1
    assert "target script.py::export" in outcome.stdout
    assert not (command.folder / "after").exists()


def test_a_script_gets_its_arguments(command: Command) -> None:
    export = "torch.export.export(Gate(), (torch.randn(int(sys.argv[2])),))"
    script = f"import sys\n{BRANCH.replace('model = Gate()', export)}"
    command.write("script.py", script)
    outcome = command.check("--run-main", "script.py", "--", "--size", "4")
    assert "target script.py::export" in outcome.stdout
    outcome = command.check("--run-main", ".", "--", "--size", "4")
    assert (outcome.code, "needs one script" in outcome.stderr) == (2, True)
    command.write("pyproject.toml", SCRIPT_SETTINGS)
    assert "target script.py::export" in command.check().stdout


def test_a_named_file_that_does_not_parse_is_a_problem(command: Command) -> None:
    command.write("broken.py", "def f(:\n")
    [problem] = command.check("broken.py", "--output-format", "json").json()
    assert (problem["code"], problem["location"]) == ("load-error", {"row": 1, "column": 7})


def test_a_guard_in_a_submodules_loop_is_underlined(command: Command) -> None:
    command.write("layers.py", LAYERS)
    command.write("model.py", MODEL)
    outcome = command.check("model.py")
    assert outcome.code == 1
    lines = outcome.stdout.splitlines()
    assert lines[0].startswith("layers.py:16:16: error[data-dependent-guard] ")
    assert "`picked.shape[0] == 0`" in lines[0]
    source = next(n for n, line in enumerate(lines) if line.endswith("if picked.shape[0] == 0:"))
    marks = lines[source + 1]
    start, end = marks.index("^"), marks.rindex("^") + 1
    assert lines[source][start:end] == "picked.shape[0] == 0"
    assert "   = in: non-strict and strict mode, target model.py::model" in lines
    assert lines[-1] == (
        "Found 1 problem (1 error) in 1 file; 1 target checked. 1 fixable with `--fix`."
    )


def test_a_clean_model(command: Command) -> None:
    command.write("clean.py", CLEAN)
    outcome = command.check("clean.py")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert outcome.stdout == "No problems found; 1 target checked in 1 file.\n"


def test_json(command: Command) -> None:
    layers = command.write("layers.py", LAYERS)
    command.write("model.py", MODEL)
    outcome = command.check("model.py", "--output-format", "json")
    assert outcome.code == 1
    [problem] = outcome.json()
    related = problem.pop("related")
    title, explanation = problem.pop("title"), problem.pop("explanation")
    assert problem.pop("message") == f"{title}\n{explanation}"
    detail = problem.pop("detail")
    [fix] = problem.pop("fixes")
    assert fix["title"] == problem.pop("fix")["message"]
    assert fix["title"] == "Drop the branch `if picked.shape[0] == 0`: the export succeeds"
    assert problem.pop("url").startswith("https://")
    assert problem == {
        "code": "data-dependent-guard",
        "filename": str(layers),
        "location": {"row": 16, "column": 16},
        "end_location": {"row": 16, "column": 36},
        "severity": "error",
        "stage": "capture",
        "modes": ["non-strict", "strict"],
        "target": "model.py::model",
    }
    assert title == "Comparison with tensor data: `picked.shape[0] == 0`"
    assert "u0" in detail
    assert all({"filename", "location", "end_location", "message"} == set(r) for r in related)


def test_sarif_github_and_junit_have_the_same_problems(command: Command) -> None:
    command.write("gate.py", BRANCH)
    command.write("clean.py", CLEAN)
    written = {}
    for name in ("sarif", "github", "junit"):
        outcome = command.check(".", "--output-format", name, "--output-file", f"out.{name}")
        assert (outcome.code, outcome.stdout, outcome.stderr) == (1, "", "")
        written[name] = (command.folder / f"out.{name}").read_text(encoding="utf-8")
    [result] = json.loads(written["sarif"])["runs"][0]["results"]
    assert result["ruleId"] == "data-dependent-branch"
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "gate.py", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 6, "startColumn": 12, "endLine": 6, "endColumn": 23},
    }
    assert written["github"].startswith(
        "::error title=Branch on tensor data%3A `x.sum() > 0`,file=gate.py,line=6,endLine=6,"
        "col=12,endColumn=23::"
    )
    assert "export-lsp (data-dependent-branch)" in written["github"]
    cases = {
        case.get("classname"): [child.get("type") for child in case]
        for case in ElementTree.fromstring(written["junit"].encode()).iter("testcase")
    }
    assert cases == {"gate.py": ["data-dependent-branch"], "clean.py": []}


def test_reports_in_several_formats_come_from_one_check(command: Command) -> None:
    command.write("gate.py", "print('imported')\n" + BRANCH)
    reports = [f"--report={name}=out.{name}" for name in ("sarif", "github", "gitlab")]
    outcome = command.check("gate.py", *reports, "--verbose")
    assert outcome.code == 1
    assert "error[data-dependent-branch]" in outcome.stdout
    assert outcome.stderr.count("imported") == 1
    sarif, github, gitlab = (
        (command.folder / f"out.{name}").read_text("utf-8")
        for name in ("sarif", "github", "gitlab")
    )
    [result] = json.loads(sarif)["runs"][0]["results"]
    [issue] = json.loads(gitlab)
    assert result["ruleId"] == issue["check_name"] == "data-dependent-branch"
    assert issue["location"] == {"path": "gate.py", "lines": {"begin": 7, "end": 7}}
    assert github.startswith("::error title=Branch on tensor data")
    wrong = command.check("gate.py", "--report", "sariff=x")
    assert wrong.code == 2
    assert "'sariff=x' is not FORMAT=FILE; the formats are text, json," in wrong.stderr


def test_columns_under_wide_characters(command: Command) -> None:
    command.write(
        "emoji.py", BRANCH.replace("if x.sum() > 0:", "ok = '模型 😀'; flag = bool(x.sum() > 0)")
        .replace("            return x\n", "")
    )  # fmt: skip
    outcome = command.check("emoji.py", "--output-format", "json", "--mode", "non-strict")
    [problem] = outcome.json()
    line = (command.folder / "emoji.py").read_text(encoding="utf-8").splitlines()[5]
    start, end = problem["location"]["column"] - 1, problem["end_location"]["column"] - 1
    assert line[start:end] == "bool(x.sum() > 0)"
    text = command.check("emoji.py", "--mode", "non-strict").stdout
    # Each of the three wide characters takes two columns in a terminal.
    assert f"| {' ' * (start + 3)}{'^' * (end - start)}\n" in text


def test_a_failure_of_strict_mode_only_is_a_warning_and_fails(command: Command) -> None:
    command.write("timed.py", TIMED)
    outcome = command.check("timed.py")
    assert outcome.code == 1
    assert "timed.py:8:9: warning[graph-break] " in outcome.stdout
    assert "(strict only)" in outcome.stdout
    assert "Found 1 problem (1 warning) in 1 file" in outcome.stdout


def test_modes_can_be_chosen(command: Command) -> None:
    command.write("timed.py", TIMED)
    assert command.check("timed.py", "--mode", "non-strict").code == 0
    outcome = command.check("timed.py", "--mode", "strict")
    assert "error[graph-break]" in outcome.stdout
    assert "(strict only)" not in outcome.stdout


def test_a_target_that_chooses_strict_has_errors(command: Command) -> None:
    declared = TIMED.partition("model = ")[0]
    declared += "export_targets = {'t': {'model': Timed(), 'args': (torch.ones(2),), "
    command.write("timed.py", declared + "'modes': ['strict']}}\n")
    assert "error[graph-break]" in command.check("timed.py").stdout


def test_a_named_file_without_a_target_is_a_hint(command: Command) -> None:
    command.write("layers.py", LAYERS)
    outcome = command.check("layers.py")
    assert outcome.code == 2
    assert outcome.stdout.startswith("layers.py:5:7: hint[no-target] ")
    assert "Found 1 problem (1 hint) in 1 file; 0 targets checked." in outcome.stdout


def test_a_folder_is_searched_for_targets(command: Command) -> None:
    command.write("layers.py", LAYERS)
    command.write("pkg/clean.py", CLEAN)
    command.write("elsewhere/gate.py", BRANCH)
    command.write(".venv/lib/python3.11/site-packages/gate.py", BRANCH)
    command.write("pyproject.toml", '[tool.export-lsp]\nexclude = [".*/", "elsewhere/"]\n')
    outcome = command.check()
    assert outcome.stdout == "No problems found; 1 target checked in 1 file.\n"
    assert command.check("elsewhere").code == 1


def test_declared_targets_are_checked(command: Command) -> None:
    command.write("net.py", BRANCH.partition("model = ")[0])
    command.write(
        "pyproject.toml",
        "[[tool.export-lsp.target]]\n"
        'file = "net.py"\nmodel = "Gate()"\nargs = "(torch.ones(3),)"\nname = "gate"\n',
    )
    outcome = command.check(".", "--output-format", "json")
    [problem] = outcome.json()
    assert (problem["code"], problem["target"]) == ("data-dependent-branch", "net.py::gate")


def test_files_are_checked_once_and_in_order(command: Command) -> None:
    for name in ("b.py", "a.py", "c.py"):
        command.write(name, BRANCH)
    outcome = command.check("b.py", ".", "./b.py", "--jobs", "2", "--output-format", "json")
    names = [Path(problem["filename"]).name for problem in outcome.json()]
    assert names == ["a.py", "b.py", "c.py"]


def test_statistics(command: Command) -> None:
    command.write("a.py", BRANCH)
    command.write("b.py", BRANCH)
    outcome = command.check("--statistics")
    assert outcome.code == 1
    assert outcome.stdout.split()[:2] == ["2", "data-dependent-branch"]
    assert command.check("--statistics", "--output-format", "json").code == 2


def test_verdicts_are_shown_on_request(command: Command) -> None:
    command.write("clean.py", CLEAN)
    command.write("bare.py", "import torch\n\n\nclass Net(torch.nn.Module): ...\n")
    command.write("broken.py", "import nothing_there\n\nmodel, example_args = None, ()\n")
    assert "exports" not in command.check().stdout
    output = command.check("--verdicts").stdout
    assert "broken.py        ✗ 1 problem\n" in output
    assert "clean.py::model  exports ✓ both modes · matches eager  " in output
    assert "Not checked: 1 file (no example inputs)\n" in output
    refused = command.check("--verdicts", "--output-format", "sarif")
    assert refused.code == 2
    assert "--verdicts requires" in refused.stderr


def test_verdicts_in_json(command: Command) -> None:
    command.write("clean.py", CLEAN)
    found = command.check("--verdicts", "--output-format", "json", "--mode", "strict").json()
    assert found["problems"] == []
    [verdict] = found["verdicts"]
    assert verdict["filename"] == str(command.folder / "clean.py")
    assert (verdict["target"], verdict["state"]) == ("model", "exports")
    assert verdict["text"] == "exports ✓ strict mode · matches eager"
    assert (verdict["modes"], verdict["location"]["row"]) == ({"strict": "exports"}, 3)
    assert {"label": "Not asked for", "text": "`save`"} in verdict["details"]


def test_exit_zero(command: Command) -> None:
    command.write("gate.py", BRANCH)
    outcome = command.check("gate.py", "--exit-zero")
    assert outcome.code == 0
    assert "data-dependent-branch" in outcome.stdout


def test_a_syntax_error_is_a_finding(command: Command) -> None:
    command.write("broken.py", "example_args = (\n")
    outcome = command.check("broken.py")
    assert outcome.code == 1
    assert "error[load-error]" in outcome.stdout


def test_severities_are_settings(command: Command) -> None:
    command.write("gate.py", BRANCH)
    table = "[tool.export-lsp.severities]\ndata-dependent-branch = "
    command.write("pyproject.toml", f'{table}"hint"\n')
    outcome = command.check("gate.py")
    assert (outcome.code, "hint[data-dependent-branch]" in outcome.stdout) == (0, True)
    command.write("pyproject.toml", f'{table}"off"\n')
    assert command.check("gate.py").stdout.startswith("No problems found")


@pytest.mark.parametrize(
    "wrong", ["[tool.export-lsp]\ntimeout = 1e300\n", "[tool.export-lsp]\nexclude = " + "[" * 9999]
)
def test_wrong_settings_of_one_folder_leave_the_others_alone(command: Command, wrong: str) -> None:
    command.write("pyproject.toml", "[tool.export-lsp]\n")
    command.write("gate.py", BRANCH)
    command.write("below/gate.py", BRANCH)
    wrong_file = command.write("below/pyproject.toml", wrong)
    outcome = command.check("--mode", "non-strict", "--output-format", "json")
    assert outcome.code == 2
    assert outcome.stderr.startswith(f"error: {wrong_file}:")
    assert {Path(each["filename"]).parent for each in outcome.json()} == {command.folder}
    outcome = command.check("below")
    assert (outcome.code, outcome.stdout) == (2, "")
    assert outcome.stderr.count(str(wrong_file)) == 1


def test_an_empty_folder(command: Command) -> None:
    outcome = command.check(".")
    assert (outcome.code, outcome.stdout) == (2, "0 targets checked.\n")
    assert outcome.stderr == (
        "error: No target was checked.\n"
        "No file declares a target, defines a model or exports one.\n"
    )


def test_nothing_to_check_is_no_success(command: Command) -> None:
    command.write("models/layers.py", LAYERS)
    script = BRANCH.replace("model = Gate()", "torch.export.export(Gate(), (torch.randn(4),))")
    command.write("script.py", script)
    outcome = command.check()
    assert outcome.code == 2
    assert outcome.stderr == (
        "error: No target was checked.\n"
        "Models without example inputs (`export-lsp init` looks for some):\n"
        "  models/layers.py:5 Experts\n"
        "  script.py:4 Gate\n"
        "Exports in scripts (see `export-lsp check --run-main script.py`):\n"
        "  script.py:11 torch.export.export\n"
    )
    allowed = command.check("--allow-empty", "--output-format", "json")
    assert (allowed.code, allowed.json()) == (0, [])


def test_an_interpreter_without_torch_is_told_where_nothing_is_checked(
    command: Command, torchless_python: Path
) -> None:
    outcome = command("check", "--python", torchless_python)
    assert outcome.code == 2
    assert "has no torch" in outcome.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gone.py"], ["gone.py does not exist."]),
        (["notes.txt"], ["notes.txt is not a Python file."]),
        (["clean.py", "--device", "tpu"], ["the command line", '--device = "tpu"', "must be"]),
        (["clean.py", "--timeout", "-1"], ["--timeout = -1", "must be"]),
        (["clean.py", "--python", "/nowhere/python"], ["/nowhere/python", "does not exist"]),
        (["clean.py", "--mode", "lenient"], ["lenient"]),
        (["clean.py", "--output-file", "no/such/dir"], ["no/such/dir cannot be written"]),
    ],
)
def test_a_check_that_cannot_run_exits_2_with_the_reason(
    command: Command, arguments: list[str], words: list[str]
) -> None:
    command.write("notes.txt", "")
    command.write("clean.py", CLEAN)
    outcome = command("check", "--python", command.python, *arguments)
    assert (outcome.code, outcome.stdout) == (2, "")
    for word in words:
        assert word in outcome.stderr


def test_a_limit_after_the_export_is_information_and_no_failure(command: Command) -> None:
    """The model hangs in eager mode, with which its program is compared."""
    command.write("hangs.py", HANGS_IN_EAGER)
    outcome = command.check("hangs.py", "--timeout", "5")
    assert "information[timeout]" in outcome.stdout, outcome.stdout
    assert "but `run` and `decompose` were left out" in outcome.stdout
    assert outcome.code == 0


def test_errors_of_configuration_name_file_key_and_value(command: Command) -> None:
    command.write("clean.py", CLEAN)
    project = command.write(
        "pyproject.toml", '[tool.export-lsp]\nmodes = ["lenient"]\ntimeuot = 3\n'
    )
    outcome = command.check("clean.py")
    assert (outcome.code, outcome.stdout) == (2, "")
    first, second = outcome.stderr.splitlines()
    assert first.startswith(f"error: {project}:2: modes = ")
    assert "lenient" in first
    assert second.startswith(f"error: {project}:3: timeuot = 3 ")
    assert "timeout" in second


def test_a_malformed_pyproject(command: Command) -> None:
    command.write("clean.py", CLEAN)
    command.write("pyproject.toml", "[tool.export-lsp\n")
    outcome = command.check("clean.py")
    assert outcome.code == 2
    assert "pyproject.toml:1: cannot be read" in outcome.stderr


def test_an_interpreter_without_torch(command: Command, bare_python: Path) -> None:
    command.write("clean.py", CLEAN)
    outcome = command("check", "--python", bare_python, "clean.py")
    assert (outcome.code, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith("error: ")
    assert "torch" in outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1


def test_torch_in_a_different_environment(command: Command, torchless_python: Path) -> None:
    """Export-lsp is in an environment without torch, and torch in a different one."""
    command.write("gate.py", BRANCH)
    by_option = command("check", "--python", command.python, "gate.py", by=torchless_python)
    assert by_option.code == 1
    assert "error[data-dependent-branch]" in by_option.stdout
    command.environment["VIRTUAL_ENV"] = str(command.python.parents[1])
    by_variable = command("check", "gate.py", by=torchless_python)
    assert by_variable.stdout == by_option.stdout
    del command.environment["VIRTUAL_ENV"]
    command.write("pyproject.toml", f'[tool.export-lsp]\ninterpreter = "{command.python}"\n')
    by_setting = command("check", "gate.py", by=torchless_python)
    assert by_setting.stdout == by_option.stdout


def test_models_may_print(command: Command) -> None:
    command.write("gate.py", "print('[]')\n" + BRANCH)
    outcome = command.check("gate.py", "--output-format", "json")
    assert len(outcome.json()) == 1
    assert outcome.stderr == ""
    assert "[]" in command.check("gate.py", "--verbose", "--no-cache").stderr


def test_a_comment_ignores_a_problem(command: Command) -> None:
    ignored = "if x.sum() > 0:  # export-lsp: ignore[data-dependent-branch] by design"
    command.write("gate.py", BRANCH.replace("if x.sum() > 0:", ignored))
    outcome = command.check("--fix")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert outcome.stdout == ("No problems found; 1 target checked in 1 file, 1 problem ignored.\n")
    assert ignored in (command.folder / "gate.py").read_text()


def test_a_verdict_counts_the_problems_that_a_comment_ignores(command: Command) -> None:
    text = CLEAN.replace("torch.nn.Linear(4, 2)", "Net()").replace(
        "model = ",
        "\nclass Net(torch.nn.Module):\n    def forward(self, x):\n"
        "        if x.sum() > 0:  # export-lsp: ignore[data-dependent-branch] for the test\n"
        "            return x\n        return -x\n\n\nmodel = ",
    )
    command.write("net.py", text)
    assert (
        "net.py::model  does not export · 1 problem ignored" in command.check("--verdicts").stdout
    )


def test_a_comment_that_other_targets_may_need_is_left_alone(command: Command) -> None:
    command.write(
        "layers.py", LAYERS.replace("continue", "continue  # export-lsp: ignore[timeout]")
    )
    command.write("model.py", MODEL)
    assert "unused-ignore" not in command.check("model.py").stdout
    assert "layers.py:17:27: information[unused-ignore]" in command.check().stdout


def test_a_baseline_has_the_known_problems(command: Command) -> None:
    command.write("models/gate.py", BRANCH)
    written = command.check("--write-baseline", "known.json")
    assert written.code == 0
    assert written.stderr == "known.json has 1 known problem now.\n"
    moved = command.write("models/gate.py", f"# moved\n{BRANCH}")
    known = command.check("--baseline", "known.json")
    assert known.code == 0
    assert known.stdout == ("No problems found; 1 target checked in 1 file, 1 in the baseline.\n")
    moved.write_text(
        BRANCH.replace(
            "        return -x", "        if x.max() > 0: return 2 * x\n        return -x"
        )
    )
    outcome = command.check("--baseline", "known.json")
    assert outcome.code == 1
    assert "Found 1 problem (1 error)" in outcome.stdout
    moved.write_text(BRANCH.replace("x.sum()", "x.shape[0]"))
    assert (
        "1 problem of known.json did not occur" in command.check("--baseline", "known.json").stderr
    )


@pytest.mark.parametrize("text", ["", "[]", '{"version": 1, "problems": [{"file": 1}]}'])
def test_a_file_that_is_no_baseline(command: Command, text: str) -> None:
    command.write("gate.py", CLEAN)
    command.write("known.json", text)
    outcome = command.check("--baseline", "known.json")
    assert (outcome.code, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith("error: known.json ")


def test_an_interpreter_without_torch_is_told_once_for_all_files(
    command: Command, torchless_python: Path
) -> None:
    for number in range(3):
        command.write(f"model{number}.py", CLEAN)
    outcome = command("check", "--python", torchless_python)
    assert outcome.code == 2
    [line] = outcome.stderr.splitlines()
    assert "has no torch" in line
