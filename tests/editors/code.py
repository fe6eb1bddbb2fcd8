"""VS Code's server, with the extension installed from its .vsix, on a port of this machine."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent / "vscode"
EXTENSION = ROOT / "editors" / "vscode"

SETTINGS = {
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "extensions.autoUpdate": False,
    "extensions.autoCheckUpdates": False,
    "extensions.ignoreRecommendations": True,
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "workbench.enableExperiments": False,
    "chat.disableAIFeatures": True,
    "git.enabled": False,
    "files.autoSave": "off",
    "window.dialogStyle": "custom",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "editor.accessibilitySupport": "off",
    "security.workspace.trust.startupPrompt": "never",
    "security.workspace.trust.banner": "never",
}
# Seconds until the server takes connections.
PATIENCE = 60.0
LISTENING = re.compile(rb"listening on (\d+)")


@dataclass(frozen=True)
class Code:
    """A running server.

    Suites write their results into `results`; `started` has the time when a window was opened.
    """

    editors: Path
    port: int
    results: Path
    started: Path
    log: Path

    def run(self, script: str, *args: str) -> subprocess.CompletedProcess[str]:
        """A script of `vscode/` with the server's port."""
        command = [str(self.editors / "bin" / "node"), str(HERE / script), str(self.port), *args]
        environment = {
            **os.environ,
            "EDITORS": str(self.editors),
            "EXPORT_LSP_STARTED": str(self.started),
        }
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=300, check=False
        )

    def suite(self, name: str, what: str, extension: str = "harness") -> dict[str, dict[str, Any]]:
        """How the scenarios of a suite went; `what` says what is open."""
        self.results.unlink(missing_ok=True)
        said = self.run("run_suite.mjs", what, name, extension)
        told = f"{said.stdout}{said.stderr}{self.log.read_text(errors='replace')}"
        assert self.results.exists(), told
        results: dict[str, dict[str, Any]] = json.loads(self.results.read_text())
        return results


def package(to: Path) -> Path:
    """The .vsix, made as its README says."""
    vsix = to / "export-lsp.vsix"
    command = ["npx", "--no-install", "vsce", "package", "--no-dependencies", "-o", str(vsix)]
    environment = {**os.environ, "PYTHON": sys.executable}
    said = subprocess.run(
        command, cwd=EXTENSION, env=environment, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, f"{said.stdout}{said.stderr}"
    return vsix


@contextlib.contextmanager
def serving(
    editors: Path,
    vsix: Path,
    state: Path,
    *,
    driven: bool = True,
    trusting: bool = True,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Code]:
    """A server on its own state; `driven` lets suites run in it, and hides notifications."""
    for part in ("User", "Machine"):
        (state / "data" / part).mkdir(parents=True)
        (state / "data" / part / "settings.json").write_text(json.dumps(SETTINGS))
    main = editors / "code/node_modules/code-server/lib/vscode/out/server-main.js"
    base = [str(editors / "bin" / "node"), str(main), "--server-data-dir", str(state)]
    base += ["--accept-server-license-terms", "--telemetry-level", "off"]
    results, started, log = state / "results.json", state / "started", state / "log"
    environment = {
        **os.environ,
        # No gallery: nothing is looked up elsewhere.
        "EXTENSIONS_GALLERY": "{}",
        "EXPORT_LSP_RESULTS": str(results),
        "EXPORT_LSP_STARTED": str(started),
        **variables,
    }
    install = [*base, "--install-extension", str(vsix), "--force"]
    subprocess.run(install, env=environment, check=True, capture_output=True)
    command = [*base, "--host", "127.0.0.1", "--port", "0", "--without-connection-token"]
    command += ["--enable-smoke-test-driver"] if driven else []
    command += ["--disable-workspace-trust"] if trusting else []
    server = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield Code(editors, _port(server, log), results, started, log)
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _port(server: subprocess.Popen[bytes], log: Path) -> int:
    """The port that the server says it listens on; all that it says is logged."""
    assert server.stdout is not None
    told: queue.Queue[int | None] = queue.Queue()

    def read(stream: IO[bytes]) -> None:
        with log.open("wb", buffering=0) as file:
            for line in stream:
                file.write(line)
                if match := LISTENING.search(line):
                    told.put(int(match[1]))
        told.put(None)

    threading.Thread(target=read, args=(server.stdout,), daemon=True).start()
    port = told.get(timeout=PATIENCE)
    assert port is not None, log.read_text(errors="replace")
    return port
