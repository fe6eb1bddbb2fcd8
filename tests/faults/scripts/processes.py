"""Processes that are killed: the host, the server, the editor."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.faults.models import in_forward
from tests.faults.scene import Ended, Scene
from tests.server.editor import gone

ENDLESS = in_forward("time.sleep(10**6)")

# Seconds after which nothing may be left of a server that was killed.
ORPHANS = 2.0


async def host_killed_while_idle(scene: Scene) -> Ended:
    file = scene.file("idle")
    await scene.normal_save(file)
    for pid in scene.hosts():
        os.kill(pid, signal.SIGKILL)
    return Ended("nothing: the next save starts another", await scene.normal_save(file))


async def host_killed_meanwhile(scene: Scene) -> Ended:
    file = scene.file("killed")
    await _in_forward(scene, file)
    for pid in scene.hosts():
        os.kill(pid, signal.SIGKILL)
    await scene.editor.idle()
    told = scene.told(file)
    assert "killed from outside" in told, told
    return Ended(told, await scene.normal_save(file))


async def server_killed(scene: Scene) -> Ended:
    file = scene.file("server_killed")
    await _in_forward(scene, file)
    scene.editor.process.kill()
    assert await scene.editor.exited() == -signal.SIGKILL
    return await _after_the_server(scene, file, "by the editor: the server has ended")


async def editor_gone_meanwhile(scene: Scene) -> Ended:
    file = scene.file("editor_gone")
    await _in_forward(scene, file)
    assert scene.editor.process.stdin is not None
    scene.editor.process.stdin.close()
    assert await scene.editor.exited() == 0
    return await _after_the_server(scene, file, "nothing: there is nobody to tell")


async def _in_forward(scene: Scene, file: Path) -> None:
    """Save a file whose `forward` does not end, and wait until its check is there."""
    seen = len(scene.editor.notifications)
    scene.put(file, ENDLESS)
    await scene.editor.wait_until(lambda: "capturing" in str(scene.editor.notifications[seen:]))


async def _after_the_server(scene: Scene, file: Path, told: str) -> Ended:
    """See that nothing of the server is left, and start another."""
    await gone(scene.editor.marked_processes, ORPHANS)
    await scene.start()
    return Ended(told, await scene.normal_save(file))


ALL = (
    host_killed_while_idle,
    host_killed_meanwhile,
    server_killed,
    editor_gone_meanwhile,
)
