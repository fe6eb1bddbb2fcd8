"""Tries the artefacts as users do: each in a clean environment, on a model with one problem."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

from export_lsp.version import VERSION
from tests.release.commands import environment, install, require, run

ROOT = Path(__file__).parents[2]
MODEL = """\
import torch


class Gate(torch.nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x
        return -x


model = Gate
example_args = (torch.ones(3),)
"""
PROBLEM = "gate.py:6:12: error[data-dependent-branch]"


def try_package(package: Path, python: Path, torch_python: Path, folder: Path) -> None:
    """Install a wheel or an sdist without torch, and check a model with another's torch."""
    programs = environment(folder / "environment", python)
    install(programs, package)
    command = programs / "export-lsp"
    require(run([command, "--version"]), VERSION)
    project = _project(folder)
    checked = run([command, "check", "--python", torch_python, "gate.py"], folder=project, status=1)
    require(checked, PROBLEM)
    require(run([command, "explain", "ci"]), "GitHub Actions")
    program = f"import export_lsp; print(export_lsp.check('gate.py', python={str(torch_python)!r}))"
    require(run([programs / "python", "-c", program], folder=project), PROBLEM)


def try_pytest(package: Path, python: Path, torch_python: Path, folder: Path) -> None:
    """Install the package beside pytest-xdist, and run the targets as tests."""
    programs = environment(folder / "environment", python)
    install(programs, package, "pytest", "pytest-xdist")
    project = _project(folder)
    (project / "pytest.ini").write_text(f"[pytest]\nexport_lsp_python = {torch_python}\n")
    pytest = [programs / "python", "-m", "pytest", "-n", "2"]
    output = run([*pytest, "--export-lsp"], folder=project, status=1)
    require(output, PROBLEM, "FAILED gate.py::model - Branch on tensor data")
    run(pytest, folder=project, status=5)  # nothing is collected


def try_hook(tools: Path, torch_python: Path, folder: Path) -> None:
    """Commit to a repository with the pre-commit hook, first a model with a problem."""
    project = _project(folder)
    run(["git", "init", "--quiet", "."], folder=project)
    run([torch_python, "-m", "venv", "--without-pip", ".venv"], folder=project)
    packages = run([torch_python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"])
    [site] = (project / ".venv").glob("lib/python*/site-packages")
    (site / "torch.pth").write_text(packages)
    (project / ".gitignore").write_text(".venv\n")
    run(["git", "add", "."], folder=project)
    home = {"PRE_COMMIT_HOME": str(folder / "pre-commit")}
    hook = [tools / "pre-commit", "try-repo", ROOT, "export-lsp", "--all-files", "--verbose"]
    require(run(hook, folder=project, status=1, variables=home), PROBLEM)
    (project / "gate.py").write_text(MODEL.replace("x.sum() > 0", "x.ndim == 1"))
    require(run(hook, folder=project, variables=home), "Passed")


def try_action(torch_python: Path, folder: Path) -> None:
    """Run the steps of the GitHub action with what a runner sets."""
    action = ROOT / ".github" / "actions" / "check"
    project = _project(folder)
    names = ("variables", "output", "summary")
    files = {name: folder / name for name in names}
    for file in files.values():
        file.touch()
    variables = {
        "RUNNER_TEMP": str(folder),
        "GITHUB_ENV": str(files["variables"]),
        "GITHUB_OUTPUT": str(files["output"]),
        "GITHUB_STEP_SUMMARY": str(files["summary"]),
        "INPUT_PATHS": ".",
        "INPUT_ARGUMENTS": "",
        "INPUT_PYTHON": str(torch_python),
    }
    run(["bash", action / "install.sh"], folder=project, variables=variables)
    name, _, command = files["variables"].read_text().strip().partition("=")
    step = run(
        ["bash", action / "check.sh"],
        folder=project,
        status=1,
        variables={**variables, name: command},
    )
    require(step, PROBLEM, "::error title=Branch on tensor data")
    sarif = dict(line.split("=", 1) for line in files["output"].read_text().splitlines())["sarif"]
    require(json.dumps(json.loads(Path(sarif).read_text())), "data-dependent-branch")


def try_extension(vsix: Path, python: Path, torch_python: Path, folder: Path) -> None:
    """Check with what an extension includes, started by a Python that has no packages."""
    with zipfile.ZipFile(vsix) as archive:
        archive.extractall(folder / "vsix")
    programs = environment(folder / "environment", python)
    start = folder / "vsix" / "extension" / "bundled" / "run_server.py"
    command = [programs / "python", start, "useBundled"]
    require(run([*command, "--version"]), VERSION)
    check = [*command, "check", "--python", torch_python, "gate.py"]
    require(run(check, folder=_project(folder), status=1), PROBLEM)


def try_vscode(vsix: Path, editors: Path, folder: Path) -> str:
    """Install the extension in VS Code's server; return what was left out, "" if nothing."""
    server = editors / "code" / "node_modules" / "code-server"
    node = editors / "bin" / "node"
    if not server.exists():
        return "tests/editors/install has not been run"
    command = [
        node,
        server / "out" / "node" / "entry.js",
        "--extensions-dir",
        folder / "extensions",
    ]
    command += ["--user-data-dir", folder / "data"]
    run([*command, "--install-extension", vsix])
    listed = run([*command, "--list-extensions", "--show-versions"])
    require(listed, f"export-lsp.export-lsp@{VERSION}")
    return ""


def _project(folder: Path) -> Path:
    project = folder / "project"
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir(parents=True)
    (project / "gate.py").write_text(MODEL)
    return project
