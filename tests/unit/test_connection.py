"""A connection forgets handled messages, bounds waiting ones, and rejects invalid answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types

from export_lsp.server import app
from export_lsp.server.app import Server, make_server
from export_lsp.server.connection.connection import Connection
from export_lsp.server.connection.outbox import Outbox
from export_lsp.server.view import View


@pytest_asyncio.fixture
async def connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Connection[Server]]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    connection = Connection(make_server())
    receive(connection, id=1, method="initialize", params={"capabilities": {}, "processId": None})
    yield connection
    await connection.server.close()


def receive(connection: Connection[Server], **fields: Any) -> None:
    body = json.dumps({"jsonrpc": "2.0", **fields}).encode()
    connection.receive(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))


async def test_a_row_in_the_table_of_features_is_a_method(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The capability is declared, and requests are answered from the view."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    asked = []

    def document_symbols(view: View, params: types.DocumentSymbolParams) -> list[Any]:
        asked.append(view.document(params.text_document.uri))
        return []

    row = (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, document_symbols, None)
    monkeypatch.setattr(app, "FEATURES", (*app.FEATURES, row))
    connection = Connection(make_server())
    receive(connection, id=1, method="initialize", params={"capabilities": {}, "processId": None})
    params = {"textDocument": {"uri": "file:///model.py"}}
    receive(connection, id=2, method="textDocument/documentSymbol", params=params)
    assert asked == [None]
    outbox = connection.server.protocol.outbox
    outbox.close()
    sent = outbox.take() or b""
    assert b'"documentSymbolProvider": true' in sent
    assert b'"result": []' in sent
    await connection.server.close()


async def test_handled_messages_leave_nothing_behind(connection: Connection[Server]) -> None:
    server: Server = connection.server
    item = {"uri": "untitled:x", "languageId": "python", "version": 1, "text": "x"}
    for _ in range(100):
        receive(connection, method="textDocument/didOpen", params={"textDocument": item})
        receive(connection, id="x", method="unknown")
    assert server.protocol._request_futures == {}
    assert server.protocol._result_types == {}


async def test_an_invalid_answer_ends_the_request(connection: Connection[Server]) -> None:
    server: Server = connection.server
    asked = server.protocol.send_request(
        types.WINDOW_SHOW_MESSAGE_REQUEST,
        types.ShowMessageRequestParams(types.MessageType.Info, "?"),
        msg_id="q",
    )
    receive(connection, method="$/cancelRequest", params={"id": "q"})
    assert not asked.done()
    receive(connection, id="q", result=[5])
    assert "not valid" in str(asked.exception())


async def test_a_client_that_reads_nothing_is_disconnected(
    connection: Connection[Server], caplog: pytest.LogCaptureFixture
) -> None:
    connection.server.protocol.outbox = Outbox(limit=1000)
    for _ in range(100):
        receive(connection, id="x" * 100, method="unknown")
    assert connection.ended
    lines = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert len(lines) == 1
    assert "the connection is given up" in lines[0]


async def test_only_the_newest_waiting_diagnostics_are_sent(connection: Connection[Server]) -> None:
    protocol = connection.server.protocol
    protocol.outbox = Outbox(crowded=0)
    for message in ("old", "new"):
        place = types.Range(types.Position(0, 0), types.Position(0, 1))
        for uri in ("file:///a.py", "file:///b.py"):
            connection.server.session.client.publish(uri, [types.Diagnostic(place, message)], None)
        protocol.notify("exportLsp/status", {"busy": message == "old"})
    protocol.outbox.close()
    sent = protocol.outbox.take() or b""
    assert b"old" not in sent
    assert sent.count(b"new") == 2
    assert sent.count(b"busy") == 1
