"""Editors that send too much, send malformed messages or read too slowly."""

from __future__ import annotations

import asyncio

from tests.faults.sandbox import Effect, Sandbox
from tests.server.models import GUARD

BURST = 50


async def fifty_saves(sandbox: Sandbox) -> Effect:
    """Save faster than checks run; only the last save counts."""
    file = sandbox.file("burst")
    for number in range(BURST):
        sandbox.start_save(file, f"{GUARD}# {number}\nnumber = {number}\n")
        await asyncio.sleep(2.0 / BURST)
    seconds = await sandbox.normal_save(file)
    return Effect(sandbox.diagnostic(file), seconds)


async def malformed_messages(sandbox: Sandbox) -> Effect:
    file = sandbox.file("messages")
    sandbox.editor.notifications.clear()
    sandbox.editor.send_raw(b"{not json")
    sandbox.editor.send_raw(b'{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {}}')
    sandbox.editor.notify("exportLsp/unknown", {})
    seconds = await sandbox.normal_save(file)
    logged = [text for text in sandbox.editor.messages("window/logMessage") if "not valid" in text]
    assert logged
    return Effect(f"in the log: {logged[0]}", seconds)


async def slow_reader(sandbox: Sandbox) -> Effect:
    """Stop reading while the server has much to send."""
    file = sandbox.file("slow")
    sandbox.editor.reads.clear()
    for number in range(BURST):
        sandbox.start_save(file, f"print('y' * 50_000)\n{GUARD}number = {number}\n")
        await asyncio.sleep(1.0 / BURST)
    sandbox.editor.reads.set()
    return Effect("all of it, late", await sandbox.normal_save(file))


ALL = (
    fifty_saves,
    malformed_messages,
    slow_reader,
)
