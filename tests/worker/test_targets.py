"""Files declare targets in several conventions; other files are not imported."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from export_lsp.observed import key
from export_lsp.protocol import (
    DeclaredTarget,
    Finding,
    Loaded,
    Location,
    Position,
    TargetsFound,
    TargetStarted,
)
from tests.checking import Checked, Worker

NET = """
import torch


class Net(torch.nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.width = width

    def forward(self, x, flip=False):
        if x.sum() > 0:
            return x
        return -x
"""

DECLARATIONS = {
    "exportdb": ("model = Net()\nexample_args = (torch.zeros(4),)\n", ("model",)),
    "exportdb_late": (
        "model = Net\ndef example_args():\n    return (torch.zeros(4),)\n",
        ("model",),
    ),
    "exportdb_kwargs": ("model = Net\nexample_kwargs = {'x': torch.zeros(4)}\n", ("model",)),
    "targets_dict": (
        "export_targets = {\n"
        "    'small': {'model': Net, 'args': (torch.zeros(4),)},\n"
        "    'large': dict(model=lambda: Net(8), args=lambda: (torch.zeros(8),)),\n"
        "}\n",
        ("small", "large"),
    ),
    "targets_function": (
        "def export_targets():\n"
        "    return {str(n): {'model': Net(n), 'args': (torch.zeros(n),)} for n in (2, 4)}\n",
        ("2", "4"),
    ),
    "executorch": (
        "class NetModel:\n"
        "    def get_eager_model(self):\n        return Net()\n"
        "    def get_example_inputs(self):\n        return (torch.zeros(4),)\n",
        ("NetModel",),
    ),
    "kernelbench": (
        "Model = Net\n"
        "def get_init_inputs():\n    return [4]\n"
        "def get_inputs():\n    return [torch.zeros(4)]\n",
        ("Model",),
    ),
    "two_conventions": (
        "model = Net()\nexample_args = (torch.zeros(4),)\n"
        "export_targets = {'model': {'model': Net, 'args': (torch.zeros(4),)}}\n",
        ("model", "model (2)"),
    ),
}


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory, worker: Worker) -> dict[str, Checked]:
    folder = tmp_path_factory.mktemp("targets")
    for name, (text, _) in DECLARATIONS.items():
        (folder / f"{name}.py").write_text(NET + text)
    results = worker.check_all(sorted(folder.glob("*.py")), modes=("non-strict",))
    return {file.stem: checked for file, checked in results.items()}


@pytest.mark.parametrize("name", DECLARATIONS)
def test_every_target_of_a_convention_is_checked(name: str, declared: dict[str, Checked]) -> None:
    names = DECLARATIONS[name][1]
    assert _names(declared[name]) == names
    assert [(f.target, f.rule) for f in declared[name].findings] == [
        (target, "data-dependent-branch") for target in names
    ]


def _names(checked: Checked) -> tuple[str, ...]:
    return [event for event in checked.events if isinstance(event, TargetsFound)][-1].targets


def test_a_target_chooses_its_modes(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "modes.py"
    file.write_text(
        NET + "export_targets = {'t': {'model': Net, 'args': (torch.zeros(4),),"
        " 'modes': ['strict']}}\n"
    )
    assert [f.modes for f in worker.check(file).findings] == [("strict",)]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("[]", "has to be a dict"),
        ("{'t': 3}", "has to be a dict of parts"),
        ("{'t': {'args': ()}}", "has no 'model'"),
        ("{'t': {'model': Net, 'inputs': ()}}", "no part called 'inputs'"),
        ("{'t': {'model': Net, 'modes': ['quick']}}", "may contain only non-strict, strict"),
    ],
)
def test_a_malformed_declaration_is_a_finding(
    tmp_path: Path, table: str, words: str, worker: Worker
) -> None:
    file = tmp_path / "malformed.py"
    file.write_text(f"{NET}export_targets = {table}\n")
    [finding] = worker.check(file).findings
    assert finding.rule == "build-error"
    assert words in finding.message


def test_pyproject_tables_are_expressions_in_the_module(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "net.py"
    file.write_text(NET)
    place = Location(str(tmp_path / "pyproject.toml"), Position(3, 0), Position(3, 9))
    tables = (
        DeclaredTarget("good", "Net()", "(torch.zeros(4),)", None, None, ("non-strict",), place),
        DeclaredTarget("bad", "Nte()", None, None, None, None, place),
    )
    checked = worker.check(file, targets=tables)
    assert _names(checked) == ("good", "bad")
    branch, typo = checked.findings
    assert (branch.target, branch.rule, branch.modes) == (
        "good",
        "data-dependent-branch",
        ("non-strict",),
    )
    assert (typo.target, typo.rule, typo.location) == ("bad", "build-error", place)
    assert "NameError" in typo.message


def test_a_file_without_a_declaration_is_not_run(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "train.py"
    ran = tmp_path / "ran"
    file.write_text(f"{NET}open({str(ran)!r}, 'w')\n")
    [hint] = worker.check(file).findings
    assert (hint.rule, hint.location.start) == ("no-target", Position(4, 6))
    assert not ran.exists()


def test_findings_in_an_imported_file_are_located_there(tmp_path: Path, worker: Worker) -> None:
    (tmp_path / "layers.py").write_text(NET)
    model = tmp_path / "model.py"
    model.write_text(
        "import torch\nfrom layers import Net\nmodel = Net()\nexample_args = (torch.zeros(4),)\n"
    )
    checked = worker.check_all([model], modes=("non-strict",))[model]
    assert _places(checked.findings) == [("layers.py", 10)]
    loaded = [event for event in checked.events if isinstance(event, Loaded)][-1]
    assert {Path(path).name for path in loaded.files} == {"layers.py", "model.py"}


def _places(findings: list[Finding]) -> list[tuple[str, int]]:
    return [(Path(f.location.file).name, f.location.start.line) for f in findings]


def test_a_package_member_is_imported_as_one(tmp_path: Path, worker: Worker) -> None:
    package = tmp_path / "nets"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "layers.py").write_text(NET)
    (package / "model.py").write_text(
        "import torch\nfrom .layers import Net\nmodel = Net()\nexample_args = (torch.zeros(4),)\n"
    )
    file = package / "model.py"
    checked = worker.check(file, folder=tmp_path, modes=("non-strict",))
    assert _places(checked.findings) == [("layers.py", 10)]


def test_a_project_inside_the_workspace_imports_its_own_packages(
    tmp_path: Path, worker: Worker
) -> None:
    project = tmp_path / "apps" / "vision"
    (project / "common").mkdir(parents=True)
    (project / "pyproject.toml").write_text("")
    (project / "common" / "__init__.py").write_text("")
    (project / "common" / "layers.py").write_text(NET)
    file = project / "experiments" / "train.py"
    file.parent.mkdir()
    file.write_text(
        "import torch\nfrom common.layers import Net\nmodel = Net\n"
        "example_args = (torch.zeros(4),)\n"
    )
    checked = worker.check(file, folder=tmp_path, modes=("non-strict",))
    assert _places(checked.findings) == [("layers.py", 10)]


def test_expressions_in_pyproject_have_torch_and_dim(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "net.py"
    file.write_text("from torch.nn import Linear as Net\n")
    place = Location(str(tmp_path / "pyproject.toml"), Position(3, 0), Position(3, 9))
    shapes = "{'input': {0: Dim('batch')}}"
    table = DeclaredTarget("t", "Net(4, 2)", "(torch.zeros(3, 4),)", None, shapes, None, place)
    assert worker.check(file, targets=(table,)).findings == []


def test_stages_that_are_not_requested_report_nothing(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "net.py"
    file.write_text(NET + "model = Net()\nexample_args = (torch.zeros(4),)\n")
    assert worker.check(file, stages=("load", "build")).findings == []
    assert worker.check(file, stages=("load", "build", "guards")).findings == []
    assert worker.check(file, stages=("load", "build", "capture")).findings != []


def test_a_failing_import_is_located_in_the_imported_file(tmp_path: Path, worker: Worker) -> None:
    (tmp_path / "broken.py").write_text("import torch\nvalue = torch.zeros(3)[7]\n")
    file = tmp_path / "model.py"
    file.write_text("import torch\nimport broken\nmodel = None\nexample_args = ()\n")
    [finding] = worker.check(file).findings
    assert finding.rule == "load-error"
    assert _places([finding]) == [("broken.py", 1)]
    assert [Path(related.location.file).name for related in finding.related] == ["model.py"]


def test_targets_are_announced_at_their_declaration(declared: dict[str, Checked]) -> None:
    starts = [e for e in declared["targets_dict"].events if isinstance(e, TargetStarted)]
    lines = [start.location.start.line for start in starts]
    assert lines == sorted(lines)
    assert len(set(lines)) == 2


CONDITIONAL = {
    "script": "if __name__ == '__main__':\n    model = Net()\n    example_args = ()\n",
    "exportdb": "if not torch:\n    model = Net()\n    example_args = ()\n",
    "export_targets": "if not torch:\n    export_targets = {}\n",
    "kernelbench": "Model = Net\nif not torch:\n    def get_inputs():\n        return []\n",
}


def test_a_name_that_the_import_does_not_bind_is_not_a_target(
    tmp_path: Path, worker: Worker
) -> None:
    for name, text in CONDITIONAL.items():
        (tmp_path / f"{name}.py").write_text(NET + text)
    for file, checked in worker.check_all(sorted(tmp_path.glob("*.py"))).items():
        expected = ["no-target"] if file.stem == "script" else []
        assert [finding.rule for finding in checked.findings] == expected, file.name


def test_a_fallback_of_an_import_is_a_target(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        f"{NET}try:\n    from missing import model\nexcept ImportError:\n    model = Net()\n"
        "    example_args = (torch.zeros(4),)\n"
    )
    assert _names(worker.check(file)) == ("model",)


@pytest.mark.parametrize(
    ("header", "underlined"),
    [("class  Net(", "Net"), ("class Ｎet(", "Ｎet"), ("class \\\n  Net(", "class")],
)
def test_the_name_of_a_class_is_underlined(
    tmp_path: Path, header: str, underlined: str, worker: Worker
) -> None:
    file = tmp_path / "net.py"
    file.write_text(f"import torch\n{header}torch.nn.Module):\n    pass\n", encoding="utf-8")
    [hint] = worker.check(file).findings
    start, end = hint.location.start, hint.location.end
    line = file.read_text(encoding="utf-8").split("\n")[start.line]
    assert line[start.character : end.character] == underlined


def test_the_process_looks_like_the_one_that_runs_the_script(
    tmp_path: Path, worker: Worker
) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "import os, sys, torch, __main__\n"
        "assert __main__.__file__ == __file__ == sys.argv[0]\n"
        "assert sys.path[0] == os.getcwd() == os.path.dirname(__file__)\n"
        "assert not any('export_lsp' in entry for entry in sys.path)\n"
        "model = torch.nn.Linear(4, 4)\n"
        "example_args = (torch.zeros(4),)\n"
    )
    assert worker.check(file).findings == []


def test_a_data_file_that_is_read_is_reported(worker: Worker, tmp_path: Path) -> None:
    configuration = tmp_path / "model.json"
    configuration.write_text('{"width": 4}')
    file = tmp_path / "model.py"
    file.write_text(
        "import json, pathlib, torch\n"
        "configuration = json.loads(pathlib.Path('model.json').read_text())\n"
        "model = torch.nn.Linear(configuration['width'], 2)\n"
        "example_args = (torch.randn(1, 4),)\n"
    )
    checked = worker.check(file)
    assert not checked.findings
    observed = [event.observed for event in checked.events if isinstance(event, Loaded)]
    digest = hashlib.sha256(b'{"width": 4}').hexdigest()
    assert {key("content", str(configuration)): digest}.items() <= observed[0].items()
