"""The modules that the server has imported when it answers the first request."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

# Each is imported later, when it is first needed or while torch is imported elsewhere.
LATER = ("export_lsp.fixes.writers", "rich", "torch", "export_lsp.worker")

IMPORTED = re.compile(r"^import time: +\d+ \| +\d+ \| +(\S+)$", re.MULTILINE)


def imported_for(request: dict[str, object], log: Path) -> set[str]:
    """All modules that a server imports until it has answered a request."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, **request}).encode()
    with (
        log.open("wb") as stderr,
        subprocess.Popen(
            [sys.executable, "-X", "importtime", "-m", "export_lsp", "server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
        ) as server,
    ):
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        server.stdin.flush()
        assert server.stdout.readline().startswith(b"Content-Length")
        server.kill()
    return set(IMPORTED.findall(log.read_text()))


def test_initialize_is_answered_with_few_imports(tmp_path: Path) -> None:
    params: dict[str, object] = {"processId": None, "rootUri": None, "capabilities": {}}
    imported = imported_for({"method": "initialize", "params": params}, tmp_path / "imports")
    assert "export_lsp.server.app" in imported
    assert not {name for name in imported if name.startswith(LATER)}
