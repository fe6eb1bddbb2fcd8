"""Messages of an ordinary session leave nothing behind in the protocol."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types

from export_lsp.server.app import Server, make_server
from export_lsp.server.connection.outbox import Outbox
from export_lsp.server.connection.serving import Serving


@pytest_asyncio.fixture
async def serving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Serving[Server]]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    serving = Serving(make_server())
    say(serving, id=1, method="initialize", params={"capabilities": {}, "processId": None})
    yield serving
    await serving.server.session.close()


def say(serving: Serving[Server], **fields: Any) -> None:
    body = json.dumps({"jsonrpc": "2.0", **fields}).encode()
    serving.receive(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))


async def test_nothing_is_kept_of_what_was_handled(serving: Serving[Server]) -> None:
    server: Server = serving.server
    item = {"uri": "untitled:x", "languageId": "python", "version": 1, "text": "x"}
    for _ in range(100):
        say(serving, method="textDocument/didOpen", params={"textDocument": item})
        say(serving, id="x", method="unknown")
    assert server.protocol._request_futures == {}
    assert server.protocol._result_types == {}


async def test_an_answer_of_the_wrong_type_ends_the_waiting(serving: Serving[Server]) -> None:
    server: Server = serving.server
    asked = server.protocol.send_request(
        types.WINDOW_SHOW_MESSAGE_REQUEST,
        types.ShowMessageRequestParams(types.MessageType.Info, "?"),
        msg_id="q",
    )
    say(serving, method="$/cancelRequest", params={"id": "q"})
    assert not asked.done()
    say(serving, id="q", result=[5])
    assert "not valid" in str(asked.exception())


async def test_a_client_that_reads_nothing_is_given_up(
    serving: Serving[Server], caplog: pytest.LogCaptureFixture
) -> None:
    serving.server.protocol.outbox = Outbox(limit=1000)
    for _ in range(100):
        say(serving, id="x" * 100, method="unknown")
    assert serving.ended
    lines = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert len(lines) == 1
    assert "the connection is given up" in lines[0]


async def test_of_diagnostics_that_wait_the_newest_are_sent(serving: Serving[Server]) -> None:
    protocol = serving.server.protocol
    protocol.outbox = Outbox(crowded=0)
    for message in ("old", "new"):
        place = types.Range(types.Position(0, 0), types.Position(0, 1))
        for uri in ("file:///a.py", "file:///b.py"):
            serving.server.session.client.publish(uri, [types.Diagnostic(place, message)], None)
        protocol.notify("exportLsp/status", {"busy": message == "old"})
    protocol.outbox.close()
    said = protocol.outbox.take() or b""
    assert b"old" not in said
    assert said.count(b"new") == 2
    assert said.count(b"busy") == 1
