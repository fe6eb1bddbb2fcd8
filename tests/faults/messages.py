"""Malformed messages that an editor may send: cases for the tests and the fuzzer."""

from __future__ import annotations

from typing import Any

from tests.faults.raw_editor import framed, message
from tests.server.models import GUARD

PARSE, INVALID, UNKNOWN, PARAMS = -32700, -32600, -32601, -32602
ORIGIN = {"line": 0, "character": 0}


def hover(uri: str = "file:///nowhere.py", **place: Any) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {**ORIGIN, **place}}


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


# --- answered ----------------------------------------------------------------------------------

# Bodies without a usable id, with the code of the error that answers them.
NAMELESS = {
    "nothing": (b"", PARSE),
    "no JSON": (b"{not json", PARSE),
    "cut off": (message(id=1, method="shutdown")[:-1], PARSE),
    "not UTF-8": (b'{"jsonrpc": "2.0", "method": "\xff\xfe"}', PARSE),
    "UTF-16": (message(id=1, method="shutdown").decode().encode("utf-16"), PARSE),
    "NaN": (b'{"jsonrpc": "2.0", "id": NaN, "method": "shutdown"}', PARSE),
    "deep nesting": (nested(100_000), PARSE),
    "an unclosed tower": (b'{"a":' * 100_000, PARSE),
    "an integer of 5000 digits": (b'{"id": %s}' % (b"9" * 5000), PARSE),
    "a batch": (b"[%s]" % message(id=1, method="shutdown"), INVALID),
    "an empty batch": (b"[]", INVALID),
    "a number": (b"5", INVALID),
    "a string": (b'"shutdown"', INVALID),
    "null": (b"null", INVALID),
    "an empty object": (b"{}", INVALID),
    "an id of 1.5": (message(id=1.5, method="shutdown"), INVALID),
    "an infinite id": (b'{"jsonrpc": "2.0", "id": 1e999, "method": "shutdown"}', INVALID),
    "an id that is true": (message(id=True, method="shutdown"), INVALID),
    "an id that is a list": (message(id=[1], method="shutdown"), INVALID),
    "an id that is an object": (message(id={}, method="shutdown"), INVALID),
    "an id that is null": (message(id=None, method="shutdown"), INVALID),
    "a notification whose method is a number": (message(method=7), INVALID),
    "no method": (message(params={}), INVALID),
}

# Requests with the id "x", with the code of the error that answers them.
NAMED = {
    "another version": (b'{"jsonrpc": "1.0", "id": "x", "method": "shutdown"}', INVALID),
    "no version": (b'{"id": "x", "method": "shutdown"}', INVALID),
    "a method that is a number": (message(id="x", method=7), INVALID),
    "neither method nor result": (message(id="x"), INVALID),
    "initialize again": (message(id="x", method="initialize", params={}), INVALID),
    "an unknown method": (message(id="x", method="textDocument/nothing", params={}), UNKNOWN),
    "a method of a megabyte": (message(id="x", method="m" * 2**20), UNKNOWN),
    "a method that is half a character": (message(id="x", method="\ud800"), UNKNOWN),
    "an unknown method of the protocol": (message(id="x", method="$/nothing"), UNKNOWN),
    "a notification as a request": (message(id="x", method="textDocument/didSave"), UNKNOWN),
    "params that are a string": (message(id="x", method="textDocument/hover", params="x"), PARAMS),
    "no params": (message(id="x", method="textDocument/hover"), PARAMS),
    "params that are a list": (message(id="x", method="textDocument/hover", params=[1]), PARAMS),
    "params that lack a field": (
        message(id="x", method="textDocument/hover", params={"position": ORIGIN}),
        PARAMS,
    ),
    "a line that is negative": (
        message(id="x", method="textDocument/hover", params=hover(line=-1)),
        PARAMS,
    ),
    "a line that is no integer": (
        message(id="x", method="textDocument/hover", params=hover(line="one")),
        PARAMS,
    ),
    "a line beyond 2**31": (
        message(id="x", method="textDocument/hover", params=hover(line=2**40)),
        PARAMS,
    ),
    "a tower where an object belongs": (
        b'{"jsonrpc": "2.0", "id": "x", "method": "textDocument/hover", "params": %s}'
        % nested(500),
        PARAMS,
    ),
    "an unknown command": (
        message(id="x", method="workspace/executeCommand", params={"command": "rm"}),
        PARAMS,
    ),
}

# Bodies that are not answered.
SILENT = {
    "an unknown notification": message(method="exportLsp/unknown", params={"x": 1}),
    "an unknown notification of the protocol": message(method="$/unknown"),
    "a request as a notification": message(method="textDocument/hover", params=hover()),
    "an answer to nothing": message(id=10**6, result=None),
    "an error to nothing": message(id="unknown", error={"code": 1, "message": "x"}),
    "an error that is a string": message(id="unknown", error="x"),
    "both result and error": message(id="unknown", result=1, error={}),
    "cancelling what is not there": message(method="$/cancelRequest", params={"id": 10**6}),
    "cancelling a list": message(method="$/cancelRequest", params={"id": [1]}),
    "cancelling nothing": message(method="$/cancelRequest"),
    "a document without text": message(method="textDocument/didOpen", params={"x": 1}),
    "a change with params of a wrong type": message(method="textDocument/didChange", params=[[]]),
    "a bar that was never shown": message(
        method="window/workDoneProgress/cancel", params={"token": "unknown"}
    ),
    "a bar that is a list": message(method="window/workDoneProgress/cancel", params={"token": []}),
    "a trace of no such kind": message(method="$/setTrace", params={"value": "loud"}),
    "settings that are a list": message(
        method="workspace/didChangeConfiguration", params={"settings": [1]}
    ),
}

# Malformed headers; a well-formed message follows.
HEADERS = {
    "no length": b"Content-Type: application/vscode-jsonrpc\r\n\r\n{}",
    "a negative length": b"Content-Length: -5\r\n\r\n{}",
    "a length that is no number": b"Content-Length: many\r\n\r\n{}",
    "a length of 30 digits": b"Content-Length: %s\r\n\r\n{}" % (b"9" * 30),
    "a length of 15 digits": b"Content-Length: %s\r\n\r\n{}" % (b"9" * 15),
    "a length that is too large": b"Content-Length: 5000\r\n\r\n{}",
    "a length that is too small": b'Content-Length: 1\r\n\r\n{"jsonrpc": "2.0"}',
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a header within a body": framed(b"Content-Length:0\n!"),
    "a header without end": b"X-Filling: " + b"x" * 100_000,
    "binary garbage": bytes(range(256)) * 100,
    "what a shell prints": b"Last login: today\r\n\r\n$ ",
}


# URIs that do not name a file that can be checked.
ODD_URIS = {
    "empty": "",
    "unsaved": "untitled:Untitled-1",
    "another scheme": "git:/model.py?ref=HEAD",
    "a scheme alone": "file:",
    "no path": "file://",
    "the root": "file:///",
    "relative": "file:model.py",
    "with NUL": "file:///folder/mo%00del.py",
    "with a raw NUL": "file:///folder/mo\0del.py",
    "a bracket": "file://[::1/model.py",
    "a host": "file://host/share/model.py",
    "half a character": "file:///folder/\ud800.py",
    "not UTF-8": "file:///folder/%ff.py",
    "very long": "file:///" + "x" * 100_000 + ".py",
    "very deep": "file:///" + "x/" * 5000 + "model.py",
    "percent": "file:///folder/100%.py",
    "a directory": "file:///tmp",
    "a device": "file:///dev/stdin",
    "no URI": "model.py",
}


def document_messages(uri: str, text: str = GUARD) -> list[bytes]:
    """Return messages about one document, from its opening to its closing."""
    identifier = {"uri": uri, "version": 2}
    document = {"uri": uri}
    start_to_end = {"start": ORIGIN, "end": ORIGIN}
    item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    changes = [{"range": start_to_end, "text": "#"}]
    context: dict[str, Any] = {"diagnostics": []}
    action = {"textDocument": document, "range": start_to_end, "context": context}
    event = {"added": [{"uri": uri, "name": "x"}], "removed": []}
    messages: list[tuple[str, Any]] = [
        ("textDocument/didOpen", {"textDocument": item}),
        ("textDocument/didChange", {"textDocument": identifier, "contentChanges": changes}),
        ("textDocument/didSave", {"textDocument": document}),
        ("textDocument/hover", hover(uri)),
        ("textDocument/codeAction", action),
        ("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 2}]}),
        ("workspace/executeCommand", {"command": "exportLsp.check", "arguments": [uri]}),
        ("workspace/didChangeWorkspaceFolders", {"event": event}),
        ("textDocument/didClose", {"textDocument": document}),
        ("workspace/didChangeWorkspaceFolders", {"event": {**event, "added": []}}),
    ]
    requests = ("textDocument/hover", "textDocument/codeAction", "workspace/executeCommand")
    return [
        message(method=method, params=params, **({"id": method} if method in requests else {}))
        for method, params in messages
    ]
