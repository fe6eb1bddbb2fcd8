"""VS Code's server on a local port, with the extension installed from its .vsix."""

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
# Seconds until the server accepts connections.
PATIENCE = 60.0
LISTENING = re.compile(rb"listening on (\d+)")


@dataclass(frozen=True)
class VSCode:
    """A running server.

    Attributes:
        editors: the folder with the installed editors.
        port: the server's port.
        results: the file into which a suite writes its results.
        started: the file with the time at which a window was opened.
        log: the server's log.
    """

    editors: Path
    port: int
    results: Path
    started: Path
    log: Path

    def run(self, script: str, *args: str) -> subprocess.CompletedProcess[str]:
        """Run a script in `vscode/`, which gets the server's port and these arguments."""
        command = [str(self.editors / "bin" / "node"), str(HERE / script), str(self.port), *args]
        environment = {
            **os.environ,
            "EDITORS": str(self.editors),
            "EXPORT_LSP_STARTED": str(self.started),
        }
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=300, check=False
        )

    def run_suite(
        self, name: str, opened: str, extension: str = "harness"
    ) -> dict[str, dict[str, Any]]:
        """Run a suite in the extension host; return the result of each scenario.

        Args:
            name: the suite's file in `vscode/`.
            opened: ``folder=PATH`` or ``workspace=PATH``, to open.
            extension: the folder in `vscode/` of the extension under development.
        """
        self.results.unlink(missing_ok=True)
        ended = self.run("run_suite.mjs", opened, name, extension)
        log = f"{ended.stdout}{ended.stderr}{self.log.read_text(errors='replace')}"
        assert self.results.exists(), log
        results: dict[str, dict[str, Any]] = json.loads(self.results.read_text())
        return results


def build_vsix(to: Path) -> Path:
    """Build the .vsix as the extension's README describes, and return its path."""
    vsix = to / "export-lsp.vsix"
    command = ["npm", "run", "--silent", "package", "--", "--out", str(vsix)]
    environment = {**os.environ, "PYTHON": sys.executable}
    ended = subprocess.run(
        command, cwd=EXTENSION, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, f"{ended.stdout}{ended.stderr}"
    return vsix


@contextlib.contextmanager
def run_server(
    editors: Path,
    vsix: Path,
    state: Path,
    *,
    driven: bool = True,
    trusting: bool = True,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[VSCode]:
    """Context manager that runs a server.

    Args:
        editors: the folder with the installed editors.
        vsix: the extension to install.
        state: an empty folder for settings and results.
        driven: enable suites, which hides notifications.
        trusting: trust all workspaces.
        variables: additional environment variables.
    """
    for part in ("User", "Machine"):
        (state / "data" / part).mkdir(parents=True)
        (state / "data" / part / "settings.json").write_text(json.dumps(SETTINGS))
    main = editors / "code/node_modules/code-server/lib/vscode/out/server-main.js"
    base = [str(editors / "bin" / "node"), str(main), "--server-data-dir", str(state)]
    base += ["--accept-server-license-terms", "--telemetry-level", "off"]
    results, started, log = state / "results.json", state / "started", state / "log"
    environment = {
        **os.environ,
        # Without a gallery, nothing is downloaded.
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
        yield VSCode(editors, _port(server, log), results, started, log)
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _port(server: subprocess.Popen[bytes], log: Path) -> int:
    """Wait until the server logs its port, and return it; copy all output to the log."""
    assert server.stdout is not None
    found: queue.Queue[int | None] = queue.Queue()

    def read(stream: IO[bytes]) -> None:
        with log.open("wb", buffering=0) as file:
            for line in stream:
                file.write(line)
                if match := LISTENING.search(line):
                    found.put(int(match[1]))
        found.put(None)

    threading.Thread(target=read, args=(server.stdout,), daemon=True).start()
    port = found.get(timeout=PATIENCE)
    assert port is not None, log.read_text(errors="replace")
    return port
