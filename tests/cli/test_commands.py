"""The other commands: explain, doctor, and the options of server."""

from __future__ import annotations

import platform
import re
import sys
from importlib import metadata
from pathlib import Path

import pytest

from export_lsp import __main__, __version__
from export_lsp.rules import RULES
from tests.cli.command import Command
from tests.generated_pages import DOCS


def test_version_and_help_load_no_more_than_they_need(command: Command) -> None:
    outcome = command.run([sys.executable, "-X", "importtime", "-m", "export_lsp", "--version"])
    assert outcome.stdout == f"export-lsp, version {__version__}\n"
    loaded = {line.rpartition("|")[2].strip() for line in outcome.stderr.splitlines()}
    assert not loaded & {"rich", "pygls", "lsprotocol", "torch", "asyncio", "export_lsp.rules"}
    listed = command("--help").stdout
    assert all(name in listed for name in ("check", "server", "explain", "doctor"))


def test_explain_lists_all_rules_and_pages(command: Command) -> None:
    outcome = command("explain")
    assert outcome.code == 0
    assert all(code in outcome.stdout for code in RULES)
    assert "targets          Targets: what is checked" in outcome.stdout


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.stem)
def test_explain_a_page(page: Path, command: Command) -> None:
    outcome = command("explain", page.stem)
    assert outcome.code == 0
    title, _, _ = page.read_text(encoding="utf-8").partition("\n")
    assert outcome.stdout.split("\n")[0].strip() == title.removeprefix("# ")
    assert "<!--" not in outcome.stdout


def test_explain_a_rule(command: Command) -> None:
    outcome = command("explain", "unsupported-operator")
    assert outcome.code == 0
    assert "register_fake" in outcome.stdout
    assert "class Clipped(nn.Module):" in outcome.stdout
    assert f"\nMore: {RULES['unsupported-operator'].url}\n" in outcome.stdout


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("graph-brake", "graph-break"),
        ("seting", "settings"),
        ("gurad", "data-dependent-guard"),
        ("branch", "data-dependent-branch"),
        ("Serialisation_Error", "serialization-error"),
    ],
)
def test_explain_names_the_nearest(name: str, nearest: str, command: Command) -> None:
    outcome = command("explain", name)
    assert (outcome.code, outcome.stdout) == (2, "")
    assert outcome.stderr == f"error: There is no rule or page {name}; did you mean {nearest}?\n"


def test_explain_guesses_nothing_from_nonsense(command: Command) -> None:
    outcome = command("explain", "xyz")
    assert outcome.code == 2
    assert outcome.stderr == (
        "error: There is no rule or page xyz: `export-lsp explain` lists them.\n"
    )


def test_errors_heed_no_color(command: Command) -> None:
    command.environment["FORCE_COLOR"] = "1"
    red = "\x1b[1;31merror"
    assert red in command("explain", "xyz").stderr
    command.environment["NO_COLOR"] = "1"
    for arguments in (("explain", "xyz"), ("check", "--bogus"), ("check", "gone.py")):
        assert not re.search(r"\x1b\[[0-9;]*3[0-9]", command(*arguments).stderr)


def test_doctor(command: Command) -> None:
    project = command.write("pyproject.toml", "[tool.export-lsp]\ntimeout = 30\n")
    command.environment["CUDA_VISIBLE_DEVICES"] = ""
    outcome = command("doctor", "--python", command.python)
    assert (outcome.code, outcome.stderr) == (0, "")
    rows = {}
    for line in outcome.stdout.splitlines():
        name, _, value = line.strip().partition("  ")
        rows[name] = value.strip()
    import torch

    assert rows["path"] == str(command.python)
    assert "command line" in rows["chosen by"]
    assert rows["torch"] == torch.__version__
    assert rows["Python"] == platform.python_version()
    assert rows["runs start by"] == "fork"
    assert rows["worker starts in"].endswith(" s")
    hosts = [value for name, value in rows.items() if name.startswith("host ")]
    assert hosts
    assert all(int(value.split(" MB")[0]) > 10 for value in hosts)
    assert rows["total"].endswith(" MB")
    assert rows["CUDA devices"] == "none"
    assert rows["$CUDA_VISIBLE_DEVICES"] == "''"
    assert rows["timeout"] == "30.0  (pyproject.toml:2)"
    assert rows["device"] == '"auto"  (default)'
    assert rows["pyproject.toml"] == str(project)


def test_doctor_without_torch(command: Command, bare_python: Path) -> None:
    outcome = command("doctor", "--python", bare_python)
    assert outcome.code == 2
    assert str(bare_python) in outcome.stdout
    assert "torch" in outcome.stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--tcp", "8000"], "HOST:PORT"),
        (["--tcp", "localhost:high"], "HOST:PORT"),
        (["--stdio", "--tcp", "localhost:8000"], "exclude each other"),
    ],
)
def test_server_refuses_bad_options(command: Command, arguments: list[str], word: str) -> None:
    outcome = command("server", *arguments)
    assert outcome.code == 2
    assert word in outcome.stderr


def test_the_console_script_is_this_command() -> None:
    [script] = metadata.entry_points(group="console_scripts", name="export-lsp")
    assert script.load() is __main__.main
