"""Names that the editor plugins copy from the server are up to date."""

from __future__ import annotations

import json
import re
import typing
from pathlib import Path

import pytest

from export_lsp.server.app import FEATURES
from export_lsp.server.editor.client import (
    NAME,
    SECTION,
    STATUS_METHOD,
    TOAST_METHOD,
    VERDICT_METHOD,
    Button,
)
from export_lsp.server.example_inputs import LABEL
from export_lsp.server.features.code_actions import FIX_ALL
from export_lsp.server.features.example_inputs_action import COMMAND
from export_lsp.verdicts.verdict import State
from tests.vscode_settings import EXTENSION_SETTINGS

ROOT = Path(__file__).parents[2]
EDITORS = ROOT / "editors"
NAMES = EDITORS / "vscode" / "src"
VSCODE = "\n".join(file.read_text("utf-8") for file in sorted(NAMES.glob("*.ts")))
NEOVIM = "\n".join(file.read_text("utf-8") for file in sorted((EDITORS / "neovim").rglob("*.lua")))


def test_the_extension_knows_its_own_settings() -> None:
    found = re.search(r"^const OWN = \[(.+)\];$", VSCODE, re.MULTILINE)
    assert found is not None
    own = {name.partition(".")[0] for name in EXTENSION_SETTINGS}
    assert set(re.findall(r'"(\w+)"', found[1])) == own


@pytest.mark.parametrize("text", [VSCODE, NEOVIM], ids=["VS Code", "Neovim"])
def test_both_plugins_know_the_status_the_verdicts_and_the_diagnostics(text: str) -> None:
    assert STATUS_METHOD in text
    assert VERDICT_METHOD in text
    assert any(method == f"{SECTION}/verdicts" for method, *_ in FEATURES)
    assert f"{SECTION}/verdicts" in text
    assert f"{SECTION}.checkAll" in text
    assert re.search(rf"""source ={{2,3}} ['"]{NAME}['"]""", text)


@pytest.mark.parametrize("text", [VSCODE, NEOVIM], ids=["VS Code", "Neovim"])
def test_both_plugins_ask_for_example_inputs(text: str) -> None:
    assert COMMAND in text


def test_neovim_knows_the_label_of_the_edit_that_it_shows() -> None:
    assert f"M.LABEL = '{LABEL}'" in NEOVIM


def test_both_plugins_know_the_states_of_verdicts() -> None:
    states = set(typing.get_args(State))
    icons = VSCODE.partition("const ICONS: Record<State")[2].partition("};")[0]
    assert set(re.findall(r"^  (\w+): \[", icons, re.MULTILINE)) == states
    groups = NEOVIM.partition("local HIGHLIGHTS = {")[2].partition("}")[0]
    assert set(re.findall(r"(\w+) = '", groups)) == states


def test_neovim_requests_the_kind_of_fix_all() -> None:
    assert f"only = {{ '{FIX_ALL}' }}" in NEOVIM


def test_the_extension_knows_the_messages_with_buttons() -> None:
    assert f'"{TOAST_METHOD}"' in VSCODE
    buttons = re.search(r"^type Button = (.+);$", VSCODE, re.MULTILINE)
    assert buttons is not None
    assert tuple(re.findall(r'"(\w+)"', buttons[1])) == typing.get_args(Button)


def test_commands_have_one_name_in_all_editors() -> None:
    manifest = json.loads((EDITORS / "vscode" / "package.json").read_text("utf-8"))
    entries = manifest["contributes"]["menus"]["commandPalette"]
    hidden = {each["command"] for each in entries if each["when"] == "false"}
    commands = manifest["contributes"]["commands"]
    titles = [each["title"] for each in commands if each["command"] not in hidden]
    palette = {title.lower().replace(" ", "-") for title in titles}
    subcommands = set(re.findall(r"^  \['([\w-]+)'\] = \{ run", NEOVIM, re.MULTILINE))
    assert subcommands - palette == {"check-open-files"}
    assert palette <= subcommands
    page = (EDITORS / "vscode" / "README.md").read_text("utf-8")
    assert all(f"| {title} |" in page for title in titles)
    manual = (EDITORS / "neovim" / "doc" / "export-lsp.txt").read_text("utf-8")
    assert all(f"\n  {name} " in manual for name in subcommands)
