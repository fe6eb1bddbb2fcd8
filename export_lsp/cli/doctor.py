"""``export-lsp doctor``: prints what a check would use here, and why."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.folders import folder_of, interpreter_of, settings_of
from export_lsp.cli.unusable import unusable_message
from export_lsp.engine.checker import consider_interpreters
from export_lsp.engine.environment import neutral_directory, neutral_environment
from export_lsp.engine.files.directories import state_directory
from export_lsp.engine.hosts import open_host
from export_lsp.engine.hosts.process_memory import ProcessMemory, worker_processes
from export_lsp.engine.interpreters import Interpreter
from export_lsp.engine.trust_store import ANSWERS, TrustStore
from export_lsp.protocol import KEPT_LIBRARY_HOSTS, KEPT_MODEL_HOSTS, ROLES, Ready, Unusable
from export_lsp.safe_text import one_line
from export_lsp.settings import Resolved, kebab
from export_lsp.settings.pyproject import NAME
from export_lsp.version import VERSION

# Run by the user's interpreter; prints one line of JSON.
_DEVICE_SCRIPT = """
import json, os, platform, torch
count = torch.cuda.device_count()
print(json.dumps({
    "python": platform.python_version(),
    "built for CUDA": torch.version.cuda,
    "devices": [torch.cuda.get_device_name(i) for i in range(count)],
    "visible": os.environ.get("CUDA_VISIBLE_DEVICES"),
}))
"""
_DEVICE_TIMEOUT = 60

Row = tuple[str, str]


@click.command()
@click.option("--python", metavar="PATH", help="The interpreter that has torch.")
def command(python: str | None) -> None:
    """Say which interpreter, torch and device are used, and why.

    Nothing of a folder that is not trusted is run: not its interpreter, unless it is given with
    --python.  Exits 2 if nothing can be checked.
    """
    console = Console()
    folder = folder_of(Path.cwd())
    resolved = settings_of(folder, {"interpreter": python})
    interpreter = interpreter_of(folder, resolved)
    _print(console, "export-lsp", [
        ("version", VERSION),
        ("runs on", f"{sys.executable} (Python {sys.version.split()[0]})"),
        ("workspace folder", str(folder)),
        ("pyproject.toml", str(resolved.pyproject or "none")),
    ])  # fmt: skip
    used = [("path", str(interpreter.path)), ("chosen by", interpreter.reason)]
    considered = [
        (each.place, f"{each.path}  ({each.outcome})" if each.path else each.outcome)
        for each in consider_interpreters(folder, resolved)
    ]
    _print(console, "Interpreters considered", considered)
    if python is None and (untrusted := _untrusted(folder, resolved, interpreter)) is not None:
        _print(console, "Interpreter", used)
        _print(console, "Settings", list(_settings(resolved)))
        raise CannotRun(
            f"{interpreter.path} is not started, as {untrusted} is not trusted: name it with"
            " --python, or trust the folder in your editor."
        )
    ready, running = asyncio.run(_warm_up(interpreter.path, resolved))
    if isinstance(ready, Unusable):
        _print(console, "Interpreter", used)
        raise CannotRun(unusable_message(ready))
    info = asyncio.run(_device_info(interpreter.path))
    _print(console, "Interpreter", [*used, *_worker(ready, info)])
    _print(console, "Processes", list(_processes(running)))
    _print(console, "Devices", list(_devices(info, resolved)))
    _print(console, "Settings", list(_settings(resolved)))


def _untrusted(folder: Path, resolved: Resolved, interpreter: Interpreter) -> Path | None:
    """Return the folder that an interpreter comes from, None if it is trusted or there is none.

    An interpreter comes from a folder if it lies there, links resolved or not, or if the folder's
    pyproject.toml names it.
    """
    store = TrustStore(state_directory() / ANSWERS)
    sources = [folder] if _lies_in(interpreter.path, folder) else []
    if resolved.pyproject is not None and resolved.origins["interpreter"].startswith(NAME):
        sources.append(resolved.pyproject.parent)
    return next((each for each in sources if not store.answer(each)), None)


def _lies_in(path: Path, folder: Path) -> bool:
    real = os.path.realpath(folder)
    # The environment of an interpreter is beside the link that it is started by.
    lexical = Path(os.path.realpath(path.parent), path.name)
    return any(each.is_relative_to(real) for each in (lexical, Path(os.path.realpath(path))))


async def _warm_up(
    interpreter: Path, resolved: Resolved
) -> tuple[Ready | Unusable, list[ProcessMemory]]:
    """The outcome of a host's warm-up, and all worker processes while that host runs."""

    def log(level: str, text: str) -> None:
        if level == "error":
            click.echo(one_line(text), err=True)

    host = open_host(interpreter, standby=resolved.settings.standby, log=log)
    try:
        return await host.ready(), list(worker_processes())
    finally:
        await host.close()


async def _device_info(interpreter: Path) -> dict[str, Any]:
    """Return what torch reports about its devices.

    It is asked in a process of its own: hosts must not use CUDA.

    Raises:
        CannotRun: the process fails or takes too long.
    """
    process = await asyncio.create_subprocess_exec(
        str(interpreter),
        "-c",  # puts the working directory on sys.path
        _DEVICE_SCRIPT,
        cwd=neutral_directory(),
        env=neutral_environment(os.environ),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(), _DEVICE_TIMEOUT)
        info: dict[str, Any] = json.loads(output.splitlines()[-1])
    except asyncio.TimeoutError as error:
        process.kill()
        await process.wait()
        raise CannotRun(f"torch has not listed its devices in {_DEVICE_TIMEOUT} s.") from error
    except (ValueError, IndexError) as error:
        reason = errors.decode(errors="replace").strip().rpartition("\n")[2]
        raise CannotRun(f"torch cannot list its devices: {reason}") from error
    return info


def _worker(ready: Ready, info: dict[str, Any]) -> Iterator[Row]:
    yield "Python", info["python"]
    yield "torch", ready.torch
    yield "worker starts in", f"{ready.seconds:.1f} s"
    yield "runs start by", "fork" if ready.fork else "a standby process"


def _processes(running: Iterable[ProcessMemory]) -> Iterator[Row]:
    yield (
        "kept while idle",
        "for each interpreter a main host and at most"
        f" {KEPT_LIBRARY_HOSTS} hosts with the libraries of some files; for each of these at most"
        f" {KEPT_MODEL_HOSTS} hosts with the model of a file; for each host one spare run",
    )
    total = 0
    for process in running:
        total += process.size
        role = f"  {ROLES[process.role]}" if process.role in ROLES else ""
        yield f"{process.role} {process.pid}", f"{_megabytes(process.size)}{role}"
    yield "total", _megabytes(total) if total else "unknown on this system"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def _devices(info: dict[str, Any], resolved: Resolved) -> Iterator[Row]:
    visible = info["visible"]
    yield "setting `device`", resolved.settings.device
    yield "torch built for CUDA", info["built for CUDA"] or "no"
    yield "CUDA devices", ", ".join(info["devices"]) or "none"
    yield "$CUDA_VISIBLE_DEVICES", "not set" if visible is None else repr(visible)


def _settings(resolved: Resolved) -> Iterator[Row]:
    for name, value in dataclasses.asdict(resolved.settings).items():
        origin = resolved.origins[name]
        shown = json.dumps(value, ensure_ascii=False)
        yield kebab(name), f"{shown}  ({origin})"


def _print(console: Console, title: str, rows: list[Row]) -> None:
    width = max(len(name) for name, _ in rows)
    text = Text(f"{title}\n", style="bold")
    for name, value in rows:
        text.append(f"  {name:<{width}}  {one_line(value)}\n", "not bold")
    console.print(text, soft_wrap=True, highlight=False)
