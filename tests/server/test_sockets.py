"""The server on a socket: it is no door to whoever else can connect."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.server.models import GUARD
from tests.server.socket_server import (
    SocketServer,
    framed,
    initialize,
    socket_server,
)

TCP = ("--tcp", "127.0.0.1:0")
FRAMES = initialize(trusted=True) + framed(method="initialized", params={})
TOKENLESS = json.dumps({"processId": None, "rootUri": None, "capabilities": {}})

# What others send.  The server closes the connection and goes on waiting.
STRANGERS = {
    "a browser": b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(FRAMES), FRAMES),
    "a browser, in its headers": b"GET /Content-Length:2 HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(200)),
    "text": b"hello\r\n",
    "text before the frames": b"\r\n\r\nhello\r\n\r\n" + FRAMES,
    "a header without a length": b"Content-Type: x\r\n\r\n{}" + FRAMES,
    "a header without an end": b"Content-" + b"x" * 100_000,
    "not JSON": b"Content-Length: 5\r\n\r\n{not}" + FRAMES,
    "a batch": b"Content-Length: 2\r\n\r\n[]" + FRAMES,
    "too long": b"Content-Length: 90000000\r\n\r\n" + b" " * 3_000_000,
    "no initialize": framed(id=1, method="shutdown") + FRAMES,
    "a notification first": framed(method="initialized", params={}) + FRAMES,
    "a notification of that name": framed(method="initialize", params={}),
    "an answer first": framed(id=1, result=None) + FRAMES,
    "no params": framed(id=1, method="initialize") + FRAMES,
    "no token": FRAMES,
    "an empty token": initialize(trusted=True, token=""),
    "another token": initialize(trusted=True, token="x" * 43),
    "a token that is no text": initialize(trusted=True, token=["x"]),
    "a token beyond ASCII": initialize(trusted=True, token="é\udcff" * 20),
    "options that are no object": framed(
        id=1, method="initialize", params={**json.loads(TOKENLESS), "initializationOptions": 7}
    ),
}


async def test_strangers_are_refused_and_the_next_client_is_served(
    environment: dict[str, str],
) -> None:
    async with socket_server(environment, *TCP) as server:
        await server.listening()
        assert len(server.token) >= 32
        # These stay connected all the time: they have sent nothing, and a part of a header.
        silent = [await server.connect() for _ in range(3)]
        silent[1].send(b"Content-")
        silent[2].send(b"Content-Length: 100\r\n\r\n{")
        for name, data in STRANGERS.items():
            client = await server.connect()
            client.send(data)
            assert b'"result"' not in await client.rest(), name
        probe = await server.connect()
        await probe.close()
        await server.serve_one(token=server.token)
        for client in silent:
            assert await client.rest() == b""


async def test_a_wrong_token_is_answered_with_the_way_out(environment: dict[str, str]) -> None:
    async with socket_server(environment, *TCP) as server:
        await server.listening()
        client = await server.connect()
        client.send(initialize(token="wrong"))
        reply = await client.receive()
        assert reply["id"] == 1
        assert "`token`" in reply["error"]["message"]
        assert server.token not in reply["error"]["message"]


async def test_many_silent_clients_do_not_keep_others_out(environment: dict[str, str]) -> None:
    async with socket_server(environment, *TCP) as server:
        await server.listening()
        silent = [await server.connect() for _ in range(200)]
        await server.serve_one(token=server.token)
        for client in silent:
            await client.close()


async def test_a_strangers_frames_run_nothing(
    environment: dict[str, str], folder: Path, tmp_path: Path, torch_python: Path
) -> None:
    mark = tmp_path / "run"
    file = folder / "model.py"
    text = f"import pathlib\npathlib.Path({str(mark)!r}).touch()\n{GUARD}"
    file.write_text(text)
    item = {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": text}
    frames = framed(method="initialized", params={}) + framed(
        method="textDocument/didOpen", params={"textDocument": item}
    )
    options: dict[str, Any] = {"trusted": True, "interpreter": str(torch_python)}
    async with socket_server(environment, *TCP) as server:
        await server.listening()
        stranger = await server.connect()
        stranger.send(initialize(folder, **options) + frames)
        await stranger.rest()
        client = await server.connect()
        client.send(initialize(folder, **options, token=server.token) + framed(id=2, method="x"))
        assert (await client.reply(2))["error"]
        assert not mark.exists()
        client.send(frames)
        while (await client.receive()).get("method") != "textDocument/publishDiagnostics":
            pass
        assert mark.exists()


async def test_the_token_of_the_environment(environment: dict[str, str]) -> None:
    token = "a token of the user's own"
    async with socket_server({**environment, "EXPORT_LSP_TOKEN": token}, *TCP) as server:
        await server.listening()
        assert server.token == ""
        assert token not in server.log
        client = await server.connect()
        client.send(initialize(token="another"))
        assert (await client.receive())["error"]
        await server.serve_one(token=token)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="the system has no Unix sockets")
async def test_a_unix_socket_of_the_user(environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "private" / "socket"
    async with socket_server(environment, "--socket", str(path)) as server:
        await server.listening()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        for name, data in STRANGERS.items():
            if "token" in name or name == "options that are no object":
                continue  # none is asked for
            client = await server.connect()
            client.send(data)
            assert b'"result"' not in await client.rest(), name
        await server.serve_one()
    assert not path.exists()


async def test_a_socket_that_was_left_behind_is_replaced(
    environment: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "private" / "socket"
    path.parent.mkdir(mode=0o700)
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    async with socket_server(environment, "--socket", str(path)) as server:
        await server.listening()
        async with socket_server(environment, "--socket", str(path)) as second:
            assert "another server listens" in await refusal(second)
        await server.serve_one()


async def refusal(server: SocketServer) -> str:
    """Wait until a server has refused to start; return its message."""
    assert server.process.stderr is not None
    text = (await asyncio.wait_for(server.process.stderr.read(), 30)).decode()
    assert await server.process.wait() == 2, text
    assert "Traceback" not in text
    return text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tcp", "0.0.0.0:0"], "--allow-remote"),
        (["--tcp", "[::]:0"], "--allow-remote"),
        (["--tcp", "192.0.2.1:8000"], "--allow-remote"),
        (["--tcp", "no.such.host.invalid:8000"], "cannot listen on no.such.host.invalid:8000"),
        (["--tcp", "192.0.2.1:8000", "--allow-remote"], "cannot listen on 192.0.2.1:8000"),
        (["--socket", "/tmp/export-lsp-socket"], "/tmp"),
        (["--socket", "/proc/none/socket"], "/proc/none"),
        (["--allow-remote"], "--tcp"),
        (["--tcp", "127.0.0.1:0", "--socket", "/x/y"], "exclude each other"),
    ],
)
async def test_an_address_that_is_refused(
    environment: dict[str, str], arguments: list[str], words: str
) -> None:
    async with socket_server(environment, *arguments) as server:
        assert words in await refusal(server)


@pytest.mark.parametrize("kind", ["writable by all", "a link", "a file there", "of another"])
async def test_a_place_of_a_socket_that_is_refused(
    environment: dict[str, str], tmp_path: Path, kind: str
) -> None:
    directory = tmp_path / "place"
    directory.mkdir(mode=0o700)
    path = directory / "socket"
    if kind == "writable by all":
        directory.chmod(0o777)
    elif kind == "a link":
        directory.rename(tmp_path / "target")
        directory.symlink_to(tmp_path / "target")
    elif kind == "a file there":
        path.write_text("mine")
    elif os.geteuid() == 0:
        os.chown(directory, 65534, 65534)
    else:
        pytest.skip("only root can give directories away")
    async with socket_server(environment, "--socket", str(path)) as server:
        assert str(directory) in await refusal(server)
    assert kind != "a file there" or path.read_text() == "mine"


async def test_other_machines_only_with_a_warning(environment: dict[str, str]) -> None:
    async with socket_server(environment, "--tcp", "0.0.0.0:0", "--allow-remote") as server:
        await server.listening()
        assert "not encrypted" in await server.logged("WARNING")
        server.address = ("127.0.0.1", server.address[1])  # type: ignore[assignment]
        await server.serve_one(token=server.token)


async def test_a_short_token_is_refused(environment: dict[str, str]) -> None:
    async with socket_server({**environment, "EXPORT_LSP_TOKEN": "short"}, *TCP) as server:
        assert "EXPORT_LSP_TOKEN" in await refusal(server)
