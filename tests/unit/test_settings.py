"""Resolving settings from their layers, and the messages for mistakes in them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from export_lsp.protocol import ANY_EXPORT, MODES, Check, DeclaredTarget, Location, Position
from export_lsp.settings import SETTINGS, Resolved, Settings, camel, kebab, resolve
from tests import vscode_settings
from tests.reference_pages import settings_schema

Project = Callable[[str], Path]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    def write(text: str) -> Path:
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def messages(resolved: Resolved) -> list[str]:
    return [str(error) for error in resolved.errors]


def test_without_any_layer_everything_is_default(tmp_path: Path) -> None:
    resolved = resolve(tmp_path, options={})
    assert resolved.settings == Settings()
    assert resolved.settings.modes == MODES
    assert set(resolved.origins.values()) == {"default"}
    assert set(resolved.origins) == set(SETTINGS)
    assert resolved.errors == ()


def test_each_layer_overrides_the_weaker_ones(project: Project) -> None:
    folder = project(
        '[tool.export-lsp]\ndevice = "cpu"\ntimeout = 7\nmodes = ["strict"]\nmemory-limit = 100\n'
    )
    resolved = resolve(
        folder,
        options={"timeout": 8, "memoryLimit": 200, "device": None},
        overrides={"memory_limit": 300, "timeout": None},
    )
    assert resolved.settings.device == "cpu"
    assert resolved.settings.timeout == 8.0
    assert resolved.settings.modes == ("strict",)
    assert resolved.check(folder, folder / "m.py").memory_limit == 300 * 2**20
    assert resolved.origins["device"] == "pyproject.toml:2"
    assert resolved.origins["timeout"] == "editor"
    assert resolved.origins["memory_limit"] == "command line"
    assert resolved.origins["run"] == "default"


def test_tables_are_merged_entry_by_entry(project: Project) -> None:
    folder = project(
        '[tool.export-lsp.severities]\ngraph-break = "hint"\nload-error = "off"\n'
        '[tool.export-lsp.environment]\nA = "1"\n'
    )
    resolved = resolve(folder, options={"severities": {"graph-break": "error"}})
    assert resolved.settings.severities == {"graph-break": "error", "load-error": "off"}
    assert resolved.origins["severities"] == "pyproject.toml:1, editor"
    assert resolved.settings.environment == {"A": "1"}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('device = "gpu"', 'device = "gpu" must be auto, cpu, cuda or cuda:N with the number of a'),
        ("timeout = 0", "timeout = 0 must be a number of seconds, above 0 and at most 86400."),
        ("timeout = true", "timeout = true must be a number of seconds, above 0 and at"),
        ("gpu-memory-fraction = 1.5", "must be a number, above 0 and at most 1."),
        ("memory-limit = inf", "memory-limit = inf must be a number of MB, of at least 0 and at"),
        ("fix-candidates = 1.5", "must be a whole number, of at least 0 and at"),
        ('modes = ["eager"]', "must be a list of one or more of non-strict or strict."),
        ("modes = []", "must be a list of one or more of non-strict or strict."),
        ('run = "always"', "must be one of onSave or manual."),
        ("exclude = [1]", "must be a list of strings."),
        ('extra-paths = "src"', "must be a list of strings."),
        ("interpreter = 3", "interpreter = 3 must be a path to a Python interpreter"),
        ('standby = "yes"', 'standby = "yes" must be true or false.'),
        ("severities = 1", "severities = 1 must be a table."),
        ('timout = "x"', 'timout = "x" is not a setting (did you mean timeout?)'),
        ("gpu_memory_fraction = 1", "is not a setting (did you mean gpu-memory-fraction?)"),
        ('log-level = "debug"', 'log-level = "debug" can only be set in the editor.'),
    ],
)
def test_a_bad_value_is_reported_and_the_others_count(
    project: Project, line: str, sentence: str
) -> None:
    folder = project(f"[tool.export-lsp]\n{line}\n[tool.export-lsp.environment]\nA = '1'\n")
    resolved = resolve(folder, options={})
    (message,) = messages(resolved)
    assert message.startswith(f"{folder / 'pyproject.toml'}:2: ")
    assert sentence in message
    assert resolved.settings == Settings(environment={"A": "1"})


def test_a_whole_number_is_an_int(project: Project) -> None:
    folder = project("[tool.export-lsp]\nfix-candidates = 3.0\n")
    candidates = resolve(folder, options={}).settings.fix_candidates
    assert (candidates, type(candidates)) == (3, int)


def test_one_bad_entry_of_a_table_does_not_drop_the_others(project: Project) -> None:
    folder = project(
        "[tool.export-lsp]\n[tool.export-lsp.severities]\n"
        'graph-brake = "off"\ngraph-break = "loud"\nload-error = "hint"\n'
    )
    resolved = resolve(folder, options={})
    assert resolved.settings.severities == {"load-error": "hint"}
    unknown, loud = messages(resolved)
    assert 'pyproject.toml:3: severities.graph-brake = "off" is under no known key' in unknown
    assert 'pyproject.toml:4: severities.graph-break = "loud" must be one of error' in loud


def test_errors_of_editor_and_command_line_name_their_spelling(tmp_path: Path) -> None:
    resolved = resolve(
        tmp_path,
        options={"gpuMemoryFracton": 1, "memory-limit": 1, "logLevel": "loud"},
        overrides={"device": "gpu", "memory_limit": -1},
    )
    assert messages(resolved) == [
        "the editor's settings: gpuMemoryFracton = 1 is not a setting (did you mean "
        "gpuMemoryFraction?).",
        "the editor's settings: memory-limit = 1 is not a setting (did you mean memoryLimit?).",
        'the editor\'s settings: logLevel = "loud" must be one of debug, info, warning or error.',
        'the command line: --device = "gpu" must be auto, cpu, cuda or cuda:N with the number of '
        "a device.",
        "the command line: --memory-limit = -1 must be a number of MB, of at least 0 and at "
        "most 100000000.",
    ]


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        (b"[tool.export-lsp]\ndevice = \n", ":2: ", "cannot be read: invalid value"),
        (b"[tool.export-lsp]\ndevice = 'cpu", ":2: ", "cannot be read: "),
        (b"[project]\nname = '\xff'\n", ":2: ", "cannot be read: it is not UTF-8."),
        (b"tool = {export-lsp = 3}\n", ": ", "tool.export-lsp = 3 must be a table."),
    ],
)
def test_a_pyproject_that_cannot_be_read_is_one_error(
    tmp_path: Path, content: bytes, place: str, words: str
) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content)
    resolved = resolve(tmp_path, options={"device": "cpu"})
    (message,) = messages(resolved)
    assert message.startswith(f"{tmp_path / 'pyproject.toml'}{place}")
    assert words in message
    assert resolved.settings == Settings(device="cpu")


def test_a_pyproject_above_the_folder_counts_if_it_has_our_table(project: Project) -> None:
    root = project('[tool.export-lsp]\ndevice = "cpu"\nextra-paths = ["src", "/opt/x"]\n')
    below = root / "models" / "vision"
    below.mkdir(parents=True)
    resolved = resolve(below, options={"interpreter": ".venv/bin/python"})
    assert resolved.settings.device == "cpu"
    assert resolved.settings.extra_paths == (str(root / "src"), "/opt/x")
    assert resolved.settings.interpreter == str(below / ".venv/bin/python")
    assert resolved.pyproject == root / "pyproject.toml"
    (below / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert resolve(below, options={}).settings.device == "auto"


@pytest.mark.parametrize("name", ["~/env/bin/python", "python3.12", "${workspaceFolder}/p/python"])
def test_interpreters_that_are_not_relative_paths_are_kept(tmp_path: Path, name: str) -> None:
    assert resolve(tmp_path, options={"interpreter": name}).settings.interpreter == name


TARGETS = '''\
[tool.other]
text = """
[[tool.export-lsp.target]]
"""

[tool.export-lsp]
device = "cpu"

[[tool.export-lsp.target]]
file = "models/net.py"
name = "small"
model = "Net(width=8)"
args = "(torch.ones(2, 8),)"
dynamic_shapes = "{'x': {0: Dim.AUTO}}"
modes = ["strict"]

[[ tool . export-lsp . target ]]  # a second one
file = "models/net.py"
model = "Net"
'''


def test_targets_know_their_line(project: Project) -> None:
    folder = project(TARGETS)
    (folder / "models").mkdir()
    (folder / "models" / "net.py").touch()
    resolved = resolve(folder, options={})
    assert messages(resolved) == []
    small, default = resolved.targets[folder / "models" / "net.py"]
    file = str(folder / "pyproject.toml")
    assert small == DeclaredTarget(
        name="small",
        model="Net(width=8)",
        args="(torch.ones(2, 8),)",
        kwargs=None,
        dynamic_shapes="{'x': {0: Dim.AUTO}}",
        modes=("strict",),
        location=Location(file, Position(8, 0), Position(8, 26)),
    )
    assert default.name == "Net"
    assert default.location.start == Position(16, 0)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ('model = "M"', 'target.file = "" must be given.'),
        ('file = "m.py"', 'target.model = "" must be given.'),
        ('file = "m.py"\nmodel = "M"\nargs = [1]', "target.args = [1] must be a string;"),
        (
            'file = "m.py"\nmodel = "M"\ninputs = "x"',
            'target.inputs = "x" is not a key of a target;',
        ),
        ('file = "m.py"\nmodel = "M"\nmodes = ["x"]', "target.modes = ['x'] must be a list of"),
        ('file = "typo.py"\nmodel = "M"', 'target.file = "typo.py" does not exist.'),
    ],
)
def test_a_bad_target_is_reported_and_the_others_count(
    project: Project, table: str, sentence: str
) -> None:
    header = "[[tool.export-lsp.target]]\n"
    folder = project(f'{header}{table}\n{header}file = "good.py"\nmodel = "M"\n')
    (folder / "good.py").touch()
    resolved = resolve(folder, options={})
    (message,) = messages(resolved)
    assert message.startswith(f"{folder / 'pyproject.toml'}:1: {sentence}")
    assert list(resolved.targets) == [folder / "good.py"]


def test_targets_that_are_not_a_list_are_one_error(project: Project) -> None:
    folder = project('[tool.export-lsp.target]\nfile = "m.py"\nmodel = "M"\n')
    (message,) = messages(resolve(folder, options={}))
    assert "must be a list of tables: [[tool.export-lsp.target]]" in message


def test_every_setting_has_a_description_and_a_valid_default() -> None:
    for name, setting in SETTINGS.items():
        assert setting.description.endswith("."), name
        assert setting.where in ("everywhere", "editor")
        default: Any = getattr(Settings(), name)
        if default is not None:
            assert setting.value_type.parse(default, Path("/")) == default, name


def test_spellings() -> None:
    assert kebab("gpu_memory_fraction") == "gpu-memory-fraction"
    assert camel("gpu_memory_fraction") == "gpuMemoryFraction"


def test_vs_code_has_the_settings() -> None:
    """After a change, run `python -m tests.vscode_settings`."""
    manifest = json.loads(vscode_settings.MANIFEST.read_text())
    groups = vscode_settings.configuration()
    assert manifest["contributes"]["configuration"] == groups
    names = [name for group in groups for name in group["properties"]]
    assert sorted(names) == sorted(vscode_settings.properties())


@pytest.mark.parametrize("name", SETTINGS)
def test_the_schema_allows_the_default(name: str) -> None:
    default = json.loads(json.dumps(getattr(Settings(), name)))
    jsonschema.validate(default, SETTINGS[name].value_type.schema())


def test_the_schema_of_pyproject_knows_the_settings_by_their_names_there() -> None:
    example = {"modes": ["strict"], "gpu-memory-fraction": 0.5, "severities": {"timeout": "off"}}
    jsonschema.validate(example, settings_schema())
    mistakes: list[dict[str, Any]] = [
        {"mode": []},
        {"logLevel": "info"},
        {"severities": {"timeout": "loud"}},
    ]
    for wrong in mistakes:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, settings_schema())


def test_a_check_carries_the_settings_that_runs_need(tmp_path: Path) -> None:
    settings = {"device": "cpu", "timeout": 2.5, "memoryLimit": 1, "runMain": True}
    check = resolve(tmp_path, options=settings).check(tmp_path, tmp_path / "m.py", run=3)
    assert check == Check(
        run=3,
        folder=str(tmp_path),
        file=str(tmp_path / "m.py"),
        device="cpu",
        memory_limit=2**20,
        cpu_limit=10,
        export=ANY_EXPORT,
    )


def test_no_memory_limit_is_none_in_a_check(tmp_path: Path) -> None:
    resolved = resolve(tmp_path, options={"memoryLimit": 0})
    assert resolved.check(tmp_path, tmp_path / "m.py").memory_limit is None
