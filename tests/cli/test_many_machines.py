"""``check --executor dask://…``: a real scheduler, and three worker processes."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from export_lsp import version, wire
from export_lsp.protocol import Check, Loaded, Location, Log, Position
from tests.checking import wait_until
from tests.cli.command import SECONDS, Command
from tests.cli.test_check import BRANCH, CLEAN, LAYERS, MODEL

pytest.importorskip("distributed")

from export_lsp.engine.nodes.moved_paths import MovedFolder
from export_lsp.engine.nodes.node import Node, NodeRefusedError, NodeTask
from export_lsp.engine.nodes.shipped_files import packed, unpack
from tests.dask_cluster import DaskCluster, dask_cluster

WORKERS = 3
# The first run of it waits to be killed.
SLOW = """\
import os
import time
from pathlib import Path

import torch

mark = Path({mark!r})
if not mark.exists():
    mark.write_text(str(os.getpid()))
    time.sleep(10**6)
model = torch.nn.Linear(4, 2)
example_args = (torch.randn(3, 4),)
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("cluster"), WORKERS) as started:
        yield started


@pytest.fixture
def project(command: Command) -> Command:
    command.write("layers.py", LAYERS)
    command.write("model.py", MODEL)
    command.write("branch.py", BRANCH)
    command.write("clean.py", CLEAN)
    command.write("raises.py", "import torch\n\nmodel = torch.nn.Linear(4)\n")
    return command


def report(command: Command, *arguments: str) -> str:
    """Return the problems and verdicts of a check, without its times."""
    wanted = ["--no-cache", "--output-format", "json", "--verdicts"]
    result = command.check(*wanted, *arguments)
    assert result.code == 1, result.stderr
    return without_times(result.stdout)


def without_times(output: str) -> str:
    """Return JSON output without the times that checks took."""
    return re.sub(r'("seconds": |"text": ")[\d.]+( s")?', r"\1", output)


@pytest.mark.long
def test_results_are_those_of_this_machine(project: Command, cluster: DaskCluster) -> None:
    local = report(project)
    assert report(project, "--executor", cluster.executor) == local
    shared = ["--shared-path", str(project.folder)]
    assert report(project, "--executor", cluster.executor, *shared) == local
    # Nodes that take long to end their hosts remove the folder after that.
    wait_until(lambda: not list(Path(tempfile.gettempdir()).glob("export-lsp-*/0/branch.py")))


@pytest.mark.long
def test_fixes_are_proved_on_other_machines_and_written_here(
    project: Command, cluster: DaskCluster
) -> None:
    result = project.check("--executor", cluster.executor, "--fix", "branch.py")
    assert result.code == 0
    assert "torch.where" in (project.folder / "branch.py").read_text()


@pytest.mark.long
def test_checks_of_a_lost_machine_are_carried_out_by_others(
    project: Command, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    mark.touch()
    project.write("slow.py", SLOW.format(mark=str(mark)))
    local = report(project)
    mark.unlink()
    home = tmp_path / "cluster"
    home.mkdir()
    with dask_cluster(home, WORKERS) as cluster:
        process = subprocess.Popen(
            [
                *(project.python, "-m", "export_lsp", "check", "--python", project.python),
                *("--executor", cluster.executor),
                *("--no-cache", "--output-format", "json", "--verdicts"),
            ],
            cwd=project.folder,
            env=project.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        wait_until(lambda: mark.exists() and mark.read_text(), seconds=SECONDS)
        [lost] = [each for each in cluster.workers if each.pid in ancestors(int(mark.read_text()))]
        lost.kill()
        output, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert without_times(output) == local


def ancestors(pid: int) -> set[int]:
    """Return the processes that a process descends from."""
    found: set[int] = set()
    while pid > 1:
        status = Path(f"/proc/{pid}/status").read_text()
        match = re.search(r"^PPid:\s*(\d+)", status, re.MULTILINE)
        assert match is not None
        pid = int(match[1])
        found.add(pid)
    return found


def test_there_is_no_scheduler(command: Command) -> None:
    command.write("clean.py", CLEAN)
    result = command.check("--executor", "dask://127.0.0.1:1")
    assert result.code == 2
    assert "No scheduler of Dask answers at tcp://127.0.0.1:1." in result.stderr
    wrong = command.check("--executor", "127.0.0.1")
    assert wrong.code == 2
    assert "dask://HOST:PORT" in wrong.stderr


@pytest.mark.parametrize(
    ("versions", "reason"),
    [
        ({"torch": "1.0", "version": version.VERSION}, r"has torch \S+, and here it is 1.0"),
        ({"torch": "1.0", "version": "0"}, r"has export-lsp \S+, and here it is 0"),
    ],
)
async def test_a_node_with_other_versions_refuses(
    tmp_path: Path, versions: dict[str, str], reason: str
) -> None:
    node = Node("test", {})
    await node.setup(None)
    line = wire.encode(Check(1, str(tmp_path), str(tmp_path / "model.py")))
    task = NodeTask("test", line, 60.0, None, standby=False, **versions)
    try:
        with pytest.raises(NodeRefusedError, match=reason):
            await node.carry_out(task, "tcp://node:1")
    finally:
        await node.teardown(None)


def test_a_folder_travels_without_what_is_excluded(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "run.sh").write_text("x")
    (folder / "inner" / "run.sh").chmod(0o755)
    (folder / "left.bin").write_bytes(b"")
    os.mkfifo(folder / "pipe")
    archive = packed(folder, lambda path: path.suffix == ".bin")
    unpack(archive, tmp_path / "there")
    assert [path.name for path in (tmp_path / "there").rglob("*")] == ["inner", "run.sh"]
    assert os.access(tmp_path / "there" / "inner" / "run.sh", os.X_OK)


def test_paths_of_a_check_and_of_its_events_are_moved() -> None:
    moved = MovedFolder("/home/ä", "/tmp/export-lsp-1/0")
    place = Location("/home/ä/a.py", Position(0, 0), Position(0, 1))
    check = Check(
        1, "/home/ä", "/home/ä/a.py", extra_paths=("/home/äb", "/home/ä/lib"),
        texts={"/home/ä/a.py": "'/home/ä/a.py'"}, guard=place,
    )  # fmt: skip
    there = moved.check(check)
    assert (there.folder, there.file) == (moved.there, f"{moved.there}/a.py")
    assert there.extra_paths == ("/home/äb", f"{moved.there}/lib")
    assert there.texts == {f"{moved.there}/a.py": "'/home/ä/a.py'"}
    assert there.guard is not None
    assert there.guard.file == there.file
    event = Loaded(1, {there.file: "digest"}, {"kind:/usr": "x"})
    assert wire.decode(moved.encoded(event)) == Loaded(1, {check.file: "digest"})
    text = Log(1, "info", "at /tmp/export-lsp-1/0/a.py and (mp/export-lsp-1/0/a.py:1)")
    assert wire.decode(moved.encoded(text)) == Log(1, "info", "at /home/ä/a.py and (ome/ä/a.py:1)")
