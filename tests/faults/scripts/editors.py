"""What an editor does too often, wrongly or too slowly."""

from __future__ import annotations

import asyncio

from tests.faults.scene import Ended, Scene
from tests.server.models import GUARD

BURST = 50


async def fifty_saves(scene: Scene) -> Ended:
    """Of which the last one alone counts."""
    file = scene.file("burst")
    for number in range(BURST):
        scene.put(file, f"{GUARD}# {number}\nnumber = {number}\n")
        await asyncio.sleep(2.0 / BURST)
    seconds = await scene.normal_save(file)
    return Ended(scene.told(file), seconds)


async def malformed_messages(scene: Scene) -> Ended:
    file = scene.file("messages")
    scene.editor.notifications.clear()
    scene.editor.send_raw(b"{not json")
    scene.editor.send_raw(b'{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {}}')
    scene.editor.notify("exportLsp/unknown", {})
    seconds = await scene.normal_save(file)
    told = [text for text in scene.editor.messages("window/logMessage") if "not valid" in text]
    assert told
    return Ended(f"in the log: {told[0]}", seconds)


async def slow_reader(scene: Scene) -> Ended:
    """An editor that reads nothing while there is much to be said."""
    file = scene.file("slow")
    scene.editor.reads.clear()
    for number in range(BURST):
        scene.put(file, f"print('y' * 50_000)\n{GUARD}number = {number}\n")
        await asyncio.sleep(1.0 / BURST)
    scene.editor.reads.set()
    return Ended("all of it, late", await scene.normal_save(file))


ALL = (
    fifty_saves,
    malformed_messages,
    slow_reader,
)
