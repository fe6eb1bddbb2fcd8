"""Strangers on the port of a server that waits for its editor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.faults.sandbox import Effect, Sandbox
from tests.server.models import GUARD
from tests.server.socket_server import SocketServer, framed, initialize, socket_server


async def browser_on_the_port(sandbox: Sandbox) -> Effect:
    """A page posts the messages of an editor, as any site may without asking."""

    async def post(server: SocketServer, frames: bytes) -> None:
        client = await server.connect()
        head = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
        client.send(b"%sContent-Length: %d\r\n\r\n%s" % (head, len(frames), frames))
        assert b'"result"' not in await client.rest()

    return await _strangers(sandbox, post)


async def editor_of_another_on_the_port(sandbox: Sandbox) -> Effect:
    """Another user of the machine connects first, with all but the token."""

    async def connect(server: SocketServer, frames: bytes) -> None:
        client = await server.connect()
        client.send(frames)
        assert b'"result"' not in await client.rest()

    return await _strangers(sandbox, connect)


async def port_scanned(sandbox: Sandbox) -> Effect:
    """Clients leave at once, send what is no message, or nothing at all."""

    async def scan(server: SocketServer, frames: bytes) -> None:
        for data in (b"", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.0\r\n\r\n", frames[:40]):
            client = await server.connect()
            client.send(data)
            await client.close()
        for _ in range(100):
            await server.connect()

    return await _strangers(sandbox, scan)


async def _strangers(
    sandbox: Sandbox, act: Callable[[SocketServer, bytes], Awaitable[None]]
) -> Effect:
    """Let strangers act on a server, whose editor connects then; their frames name a model."""
    file, mark = sandbox.file("stranger"), sandbox.base / "run"
    text = f"open({str(mark)!r}, 'w').close()\n{GUARD}"
    file.write_text(text)
    item: dict[str, Any] = {
        "uri": file.as_uri(),
        "languageId": "python",
        "version": 1,
        "text": text,
    }
    frames = (
        initialize(sandbox.folder, **sandbox.options)
        + framed(method="initialized", params={})
        + framed(method="textDocument/didOpen", params={"textDocument": item})
    )
    async with socket_server(sandbox.environment, "--tcp", "127.0.0.1:0") as server:
        await server.listening()
        await act(server, frames)
        await server.serve_one(token=server.token)
    assert not mark.exists()
    file.unlink()
    return Effect("nothing: the server waits for the editor", await sandbox.normal_save(file))


ALL = (
    browser_on_the_port,
    editor_of_another_on_the_port,
    port_scanned,
)
