"""The server on a socket."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import Any

from tests.server.editor import ROOT


async def test_one_client_is_served_until_it_leaves(environment: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "export_lsp", "server", "--tcp", "127.0.0.1:0"),
        stderr=asyncio.subprocess.PIPE,
        env={**environment, "PYTHONPATH": str(ROOT)},
    )
    assert process.stderr is not None
    line = (await asyncio.wait_for(process.stderr.readline(), 20)).decode()
    found = re.search(r"listening on \('127.0.0.1', (\d+)\)", line)
    assert found is not None, line
    reader, writer = await asyncio.open_connection("127.0.0.1", int(found[1]))

    def send(**message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def receive() -> Any:
        header = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
        length = re.search(rb"Content-Length: (\d+)", header)
        assert length is not None
        return json.loads(await reader.readexactly(int(length[1])))

    send(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}})
    assert (await receive())["result"]["serverInfo"]["name"] == "export-lsp"
    send(id=2, method="shutdown", params=None)
    assert (await receive())["id"] == 2
    send(method="exit", params=None)
    assert await asyncio.wait_for(process.wait(), 10) == 0
