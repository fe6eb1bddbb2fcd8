"""Processes that are killed: the host, the server, the editor."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.faults.harmful_models import BARE_SESSION, in_forward
from tests.faults.sandbox import Effect, Sandbox, working_below
from tests.server.editor import gone

ENDLESS = in_forward("time.sleep(10**6)")

# Seconds until all processes of a killed server must have ended.
ORPHANS = 2.0


async def host_killed_while_idle(sandbox: Sandbox) -> Effect:
    file = sandbox.file("idle")
    await sandbox.normal_save(file)
    for pid in sandbox.hosts():
        os.kill(pid, signal.SIGKILL)
    return Effect("nothing: the next save starts a new host", await sandbox.normal_save(file))


async def host_killed_meanwhile(sandbox: Sandbox) -> Effect:
    file = sandbox.file("killed")
    await _in_forward(sandbox, file)
    for pid in sandbox.hosts():
        os.kill(pid, signal.SIGKILL)
    await sandbox.editor.idle()
    shown = sandbox.diagnostic(file)
    assert "killed from outside" in shown, shown
    return Effect(shown, await sandbox.normal_save(file))


async def server_killed(sandbox: Sandbox) -> Effect:
    file = sandbox.file("server_killed")
    await _in_forward(sandbox, file)
    sandbox.editor.process.kill()
    assert await sandbox.editor.exited() == -signal.SIGKILL
    return await _after_the_server(sandbox, file, "by the editor: the server has ended")


async def editor_gone_meanwhile(sandbox: Sandbox) -> Effect:
    file = sandbox.file("editor_gone")
    await _in_forward(sandbox, file)
    assert sandbox.editor.process.stdin is not None
    sandbox.editor.process.stdin.close()
    assert await sandbox.editor.exited() == 0
    return await _after_the_server(sandbox, file, "nothing: the editor has exited")


async def leaves_a_bare_session_in_standby(sandbox: Sandbox) -> Effect:
    """Leave a session without an environment behind a standby process, which is no host."""
    folder, editor = sandbox.base / sandbox.file("standby").stem, sandbox.editor
    folder.mkdir()
    await editor.join(folder, {**sandbox.options, "standby": True})
    file = folder / "model.py"
    file.write_text(in_forward(BARE_SESSION))
    await editor.checked(lambda: editor.open(file))
    assert sandbox.diagnostic(file) == ""
    await gone(lambda: [pid for pid in working_below(folder) if _sleeps(pid)], ORPHANS)
    await editor.leave(folder)
    return Effect("nothing: the file is not at fault", await sandbox.normal_save(sandbox.file("x")))


async def leaves_a_bare_session_at_the_end(sandbox: Sandbox) -> Effect:
    """Close the editor right after a model has killed its host and left a session behind."""
    file = sandbox.file("ends")
    await sandbox.save(file, in_forward(f"{BARE_SESSION}; os.kill(os.getppid(), 9)"))
    shown = sandbox.diagnostic(file)
    assert await sandbox.editor.stop() == 0
    assert [pid for pid in working_below(sandbox.base) if _sleeps(pid)] == []
    return await _after_the_server(sandbox, file, shown)


def _sleeps(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == "sleep"
    except OSError:
        return False  # it has ended


async def _in_forward(sandbox: Sandbox, file: Path) -> None:
    """Save a file whose `forward` does not end, and wait until its check captures it."""
    seen = len(sandbox.editor.notifications)
    sandbox.start_save(file, ENDLESS)
    await sandbox.editor.wait_until(lambda: "capturing" in str(sandbox.editor.notifications[seen:]))


async def _after_the_server(sandbox: Sandbox, file: Path, shown: str) -> Effect:
    """Wait until all processes of the server have ended, and start a new server."""
    await gone(sandbox.editor.marked_processes, ORPHANS)
    await sandbox.start()
    return Effect(shown, await sandbox.normal_save(file))


ALL = (
    host_killed_while_idle,
    host_killed_meanwhile,
    server_killed,
    editor_gone_meanwhile,
    leaves_a_bare_session_in_standby,
    leaves_a_bare_session_at_the_end,
)
