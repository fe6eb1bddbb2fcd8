"""The snippets of `editors/README.md`, and the files for the indexes of editors.

They are tried in those editors that run without a screen.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from export_lsp.server.connection.admission import TOKEN_VARIABLE
from export_lsp.version import VERSION
from tests.conftest import clean_environment
from tests.editors.conftest import ROOT
from tests.server.models import GUARD, GUARD_TEXT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parent / "others"
INDEXES = ROOT / "editors" / "indexes"
PAGE = (ROOT / "editors" / "README.md").read_text(encoding="utf-8")
SEARCH_PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
SECTION = re.compile(r"^## (?P<name>[^\n]+)\n(?P<text>.*?)(?=^## |\Z)", re.M | re.S)
BLOCK = re.compile(r"^```\w+\n(?P<code>.*?)^```$", re.M | re.S)


def snippets() -> dict[str, str]:
    """Return the snippet of each editor."""
    sections = {each["name"]: BLOCK.search(each["text"]) for each in SECTION.finditer(PAGE)}
    return {name: block["code"] for name, block in sections.items() if block}


@pytest.fixture
def folder(editors: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    (folder / "model.py").write_text(GUARD)
    return folder


def probe(command: list[str], snippet: str, folder: Path, **environment: str) -> dict[str, Any]:
    """Run an editor with a snippet; return the diagnostics and actions that it shows."""
    setup, out = folder.parent / "snippet", folder.parent / "results.json"
    setup.write_text(snippet)
    ended = subprocess.run(
        command,
        env={
            **clean_environment(folder.parent / "home"),
            **environment,
            "PATH": SEARCH_PATH,
            "PROBE_SNIPPET": str(setup),
            "PROBE_FILE": str(folder / "model.py"),
            "PROBE_RESULTS": str(out),
        },
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert out.exists(), f"{ended.stdout}{ended.stderr}"
    written: dict[str, Any] = json.loads(out.read_text())
    [[text, message]] = written["diagnostics"]
    assert text == GUARD_TEXT
    assert "depends on the data in" in message
    return written


@pytest.mark.parametrize("client", ["eglot", "lsp-mode"])
def test_emacs(client: str, folder: Path) -> None:
    command = ["emacs", "--batch", "-q", "-l", str(HERE / "emacs.el")]
    command += ["-l", str(HERE / f"{client}.el")]
    written = probe(command, snippets()[f"Emacs: {client}"], folder)
    # The modes follow in the title, once they are known.
    assert any(title.endswith("succeeds") for title in written["actions"])


def test_emacs_on_a_socket(folder: Path) -> None:
    command = ["emacs", "--batch", "-q", "-l", str(HERE / "emacs.el"), "-l", str(HERE / "eglot.el")]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    token = {TOKEN_VARIABLE: "a token of the user's"}
    server = subprocess.Popen(
        [sys.executable, "-m", "export_lsp", "server", "--tcp", f"127.0.0.1:{port}"],
        cwd=ROOT,
        env={**clean_environment(folder.parent / "server"), **token, "PATH": SEARCH_PATH},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        assert "listening" in server.stderr.readline()
        probe(command, snippets()["On a socket"].replace("8000", port), folder, **token)
        assert server.wait(30) == 0
    finally:
        server.kill()
        server.communicate()


def test_ale(folder: Path) -> None:
    command = ["vim", "-Nu", "NONE", "-es", "-S", str(HERE / "ale.vim")]
    probe(command, snippets()["Vim: ALE"], folder)


def test_the_client_for_the_index_of_lsp_mode(folder: Path) -> None:
    command = ["emacs", "--batch", "-q", "-l", str(HERE / "emacs.el")]
    command += ["-l", str(HERE / "lsp-mode.el")]
    probe(command, (INDEXES / "lsp-mode" / "lsp-export.el").read_text("utf-8"), folder)
    entry = json.loads((INDEXES / "lsp-mode" / "lsp-clients.json").read_text("utf-8"))
    assert entry["name"] == "export-lsp"


def test_the_configuration_for_the_index_of_neovim(editors: Path, folder: Path) -> None:
    command = [str(editors / "bin" / "nvim"), "--clean", "--headless"]
    command += ["-l", str(HERE / "index.lua")]
    probe(command, str(INDEXES / "nvim-lspconfig"), folder)


def test_the_files_for_other_indexes_parse() -> None:
    helix = tomllib.loads((INDEXES / "helix" / "languages.toml").read_text("utf-8"))
    assert helix["language-server"]["export-lsp"] == {"command": "export-lsp", "args": ["server"]}
    zed = tomllib.loads((INDEXES / "zed" / "extension.toml").read_text("utf-8"))
    crate = tomllib.loads((INDEXES / "zed" / "Cargo.toml").read_text("utf-8"))
    assert zed["version"] == crate["package"]["version"] == VERSION
    yaml: Any = pytest.importorskip("yaml")
    mason = INDEXES / "mason-registry" / "packages" / "export-lsp" / "package.yaml"
    package = yaml.safe_load(mason.read_text("utf-8"))
    assert package["name"] == mason.parent.name
    assert package["source"]["id"] == f"pkg:pypi/export-lsp@{VERSION}"
    assert package["bin"] == {"export-lsp": "pypi:export-lsp"}
    assert (INDEXES / f"nvim-lspconfig/lsp/{package['neovim']['lspconfig']}.lua").is_file()


def test_the_other_snippets_parse() -> None:
    found = snippets()
    coc = json.loads(found["Vim: coc"])["languageserver"]["export-lsp"]
    sublime = json.loads(found["Sublime Text"])["clients"]["export-lsp"]
    helix = tomllib.loads(found["Helix"])["language-server"]["export-lsp"]
    assert [coc["command"], *coc["args"]] == sublime["command"]
    assert [helix["command"], *helix["args"]] == sublime["command"]
