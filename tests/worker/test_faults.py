"""Files that harm their run: each gets a finding, and the next check works."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import itertools
import os
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

import export_lsp
from export_lsp import wire
from export_lsp.protocol import PROCESS_PREFIX, Check, Exited, Finished, Found, Loaded
from tests.checking import Checked, Worker, wait_until

BOOT = Path(export_lsp.__file__).parent / "worker" / "boot.py"

MODEL = """
import ctypes, os, resource, signal, subprocess, sys, threading, time
import torch


class Net(torch.nn.Module):
    def forward(self, x):
        {body}
        return x


model = Net()
example_args = (torch.zeros(2),)
"""

# By name: the body of forward, the rule, and part of the message.
FAULTS = {
    "segfault": ("ctypes.string_at(0)", "worker-crash", "SIGSEGV"),
    "abort": ("os.abort()", "worker-crash", "SIGABRT"),
    "os-exit": ("os._exit(3)", "worker-crash", "status 3"),
    "closes-descriptors": ("os.closerange(3, 1024)", "worker-crash", "status 1"),
    "killed": ("os.kill(os.getpid(), signal.SIGKILL)", "out-of-memory", "killed from outside"),
    "endless": ("while True: pass", "timeout", "stopped the check"),
    "endless-in-c": ("time.sleep(10**6)", "timeout", "stopped the check"),
    "ignores-sigterm": (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(10**6)",
        "timeout",
        "stopped the check",
    ),
    "interrupts": ("raise KeyboardInterrupt", "forward-error", "KeyboardInterrupt"),
    "sys-exit": ("sys.exit(0)", "forward-error", "SystemExit"),
    "recursion": ("self.forward(x)", "forward-error", "RecursionError"),
    "memory-bomb": (
        "b = bytearray(10**15)",
        "out-of-memory",
        "more memory than this machine has",
    ),
}

# Bodies of forward that are harmless.
NOISE = {
    "prints-a-lot": "print('y' * 3_000_000)",
    "binary-garbage": "os.write(1, bytes(range(256)) * 16); os.write(2, b'\\xff\\n{}\\n')",
    "writes-to-numbers": """
        for descriptor in range(3, 64):
            try: os.write(descriptor, b'{"kind":"Finished"}\\n')
            except OSError: pass""",
    "reads-stdin": "assert sys.stdin.read() == ''",
    "changes-directory": "os.chdir('/')",
    "leaves-a-thread": "threading.Thread(target=time.sleep, args=(10**6,), daemon=True).start()",
    "leaves-a-child": "os.system('sleep 987654 &')",
    "leaves-a-session-that-prints": "subprocess.Popen(['yes', '987654'], start_new_session=True)",
    "leaves-a-daemon": """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execvp('sleep', ['sleep', '987654'])
            os._exit(0)""",
    "closes-its-output": "os.close(1); os.close(2)",
    "replaces-its-output": "print('lost', end=''); sys.stdout = object()",
    "may-not-write-huge-files": """
        with open(__file__ + ".bin", "wb") as file:
            try: file.truncate(10**15)
            except OSError as error: os.remove(file.name)
            else: raise AssertionError""",
    "may-not-raise-limits": """
        for name in ("FSIZE", "NPROC", "CORE"):
            soft, hard = resource.getrlimit(getattr(resource, "RLIMIT_" + name))
            assert soft == hard != resource.RLIM_INFINITY, name""",
    "may-start-many-threads": """
        threads = [threading.Thread(target=time.sleep, args=(0.1,)) for _ in range(500)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()""",
    "may-not-dump-core": "assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)",
}


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory, worker: Worker) -> dict[str, Checked]:
    folder = tmp_path_factory.mktemp("faults")
    bodies = {name: body for name, (body, _, _) in FAULTS.items()} | NOISE
    for name, body in bodies.items():
        (folder / f"{name}.py").write_text(MODEL.replace("{body}", body))
    results = worker.check_all(sorted(folder.glob("*.py")), timeout=10, modes=("non-strict",))
    return {file.stem: result for file, result in results.items()}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_a_finding(name: str, checked: dict[str, Checked]) -> None:
    _, rule, words = FAULTS[name]
    [finding] = checked[name].findings
    assert finding.rule == rule
    assert words in finding.message
    assert "Traceback" not in finding.message


# Faults whose location comes from the stack of the run.
PLACES = ("segfault", "abort", "endless", "endless-in-c")


@pytest.mark.parametrize("name", PLACES)
def test_a_fault_is_located_at_the_last_line(name: str, checked: dict[str, Checked]) -> None:
    body, _, _ = FAULTS[name]
    [finding] = checked[name].findings
    assert finding.location.start.line == 7
    assert finding.location.start.character >= 8
    assert f"at `{body.removeprefix('while ').removesuffix(': pass')}`" in finding.message


def test_the_callers_of_the_last_line_are_related(tmp_path: Path, worker: Worker) -> None:
    """The fault is in the fork that runs the model in eager mode."""
    file = tmp_path / "eager.py"
    text = MODEL.replace("{body}", "self.step(x)") + (
        "\ndef step(self, x):\n"
        "    if not torch.compiler.is_exporting():\n"
        "        while True: pass\n"
        "Net.step = step\n"
    )
    file.write_text(text)
    checked = worker.check(file, modes=("non-strict",), timeout=5)
    [finding] = checked.findings
    assert finding.rule == "timeout"
    assert file.read_text().splitlines()[finding.location.start.line].strip() == "while True: pass"
    assert [related.location.start.line for related in finding.related] == [7]
    assert "in step" in checked.log  # all of its stack
    assert "in run_check" in checked.log


@contextlib.contextmanager
def busy_machine() -> Iterator[None]:
    """Context manager in which each processor has other work to do."""
    command = [sys.executable, "-c", "while True: pass"]
    # In separate sessions: Linux may share processors between sessions first.
    others = [
        subprocess.Popen(command, start_new_session=True) for _ in range(4 * (os.cpu_count() or 1))
    ]
    try:
        yield
    finally:
        for other in others:
            other.kill()
        for other in others:
            other.wait()


@pytest.mark.parametrize("standby", [False, True])
def test_a_busy_machine_is_not_the_models_fault(tmp_path: Path, standby: bool) -> None:
    """The model takes longer than the timeout, but less processor time."""
    file = tmp_path / "computes.py"
    file.write_text(
        "import time, torch\n"
        "def model():\n"
        "    end = time.monotonic() + 6\n"
        "    while time.monotonic() < end: pass\n"
        "    return torch.nn.Identity()\n"
        "example_args = (torch.zeros(2),)\n"
    )
    worker = Worker(standby=standby)
    with busy_machine():
        checked = worker.check(file, timeout=4, modes=("non-strict",))
    assert checked.findings == []
    worker.close()


@pytest.mark.parametrize("name", NOISE)
def test_noise_has_no_finding(name: str, checked: dict[str, Checked]) -> None:
    assert checked[name].findings == []


def test_output_is_forwarded_up_to_a_limit(checked: dict[str, Checked]) -> None:
    output = checked["prints-a-lot"].output
    assert output.startswith("yyy")
    assert len(output) < 2_000_000
    assert "bytes of output dropped" in output


def test_no_process_is_left_behind(checked: dict[str, Checked]) -> None:
    assert checked
    wait_until(lambda: _left("987654") == [])


def _left(mark: str) -> list[str]:
    """Return the command lines of running processes that contain a text."""
    commands = (_command(path) for path in Path("/proc").iterdir() if path.name.isdigit())
    return [command for command in commands if mark in command]


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def test_lack_of_memory_is_a_finding_of_every_stage(tmp_path: Path, worker: Worker) -> None:
    texts = {
        "load": "table = bytearray(10**15)\nmodel = torch.nn.Identity()\nexample_args = ()\n",
        "build": "model = torch.nn.Linear(2, 2)\ndef example_args():\n    bytearray(10**15)\n",
    }
    for stage, text in texts.items():
        (tmp_path / f"{stage}.py").write_text(f"import torch\n{text}")
    for file, checked in worker.check_all(sorted(tmp_path.glob("*.py"))).items():
        [finding] = checked.findings
        assert (finding.rule, finding.stage) == ("out-of-memory", file.stem)


# By name: code that maps memory, and True if the memory is writable, which is limited.
MAPPINGS = {
    "objects": ("kept = [bytearray(10**5) for _ in range(10**5)]", True),
    "tensors": ("kept = [torch.zeros(10**6) for _ in range(10**4)]", True),
    "private": ("kept = mmap.mmap(-1, 1 << 34, mmap.MAP_PRIVATE)", True),
    "reserved": ("assert reserve(1 << 40) > 0", False),
    "fixed": ("from resource import *; assert len({*getrlimit(RLIMIT_DATA)}) == 1", False),
    "read-only": ("kept = mmap.mmap(-1, 1 << 36, mmap.MAP_PRIVATE, mmap.PROT_READ)", False),
    "file": (
        "file = open('weights', 'w+b'); file.truncate(1 << 33)\n"
        "kept = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)",
        False,
    ),
}
# CUDA reserves address space like this for all memory that the process may use later.
RESERVE = """
import ctypes, mmap, torch
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_ssize_t
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]

def reserve(size):
    PROT_NONE = 0
    return libc.mmap(None, size, PROT_NONE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
"""


@pytest.mark.parametrize("name", MAPPINGS)
def test_the_limit_is_on_writable_memory(tmp_path: Path, worker: Worker, name: str) -> None:
    code, is_limited = MAPPINGS[name]
    file = tmp_path / "maps.py"
    file.write_text(
        f"{RESERVE}\n{code}\nmodel = torch.nn.Identity()\nexample_args = (torch.ones(2),)\n"
    )
    findings = worker.check(file, modes=("non-strict",), memory_limit=1 << 30).findings
    assert [finding.rule for finding in findings] == ["out-of-memory"] * is_limited


def test_the_targets_after_a_crash_are_checked(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "three.py"
    file.write_text(
        "import os, torch\n"
        "class Ends(torch.nn.Module):\n"
        "    def forward(self, x):\n"
        "        os._exit(5)\n"
        "class Branches(torch.nn.Module):\n"
        "    def forward(self, x):\n"
        "        return x if x.sum() > 0 else -x\n"
        "x = (torch.zeros(2),)\n"
        "export_targets = {\n"
        "    'first': {'model': Branches, 'args': x},\n"
        "    'second': {'model': Ends, 'args': x},\n"
        "    'third': {'model': Branches, 'args': x},\n"
        "}\n"
    )
    findings = worker.check(file, modes=("non-strict",)).findings
    assert [(f.target, f.rule) for f in findings] == [
        ("first", "data-dependent-branch"),
        ("second", "worker-crash"),
        ("third", "data-dependent-branch"),
    ]
    assert os.path.samefile(findings[1].location.file, file)
    assert findings[1].location.start.line == 10


def test_a_missing_file_is_a_load_error(tmp_path: Path, worker: Worker) -> None:
    [finding] = worker.check(tmp_path / "gone.py").findings
    assert finding.rule == "load-error"
    assert "No such file" in finding.message


def test_nesting_beyond_the_parsers_depth_is_a_load_error(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "generated.py"
    file.write_text(f"model = {'+'.join(['1'] * 20_000)}\nexample_args = ()\n")
    [finding] = worker.check(file).findings
    assert finding.rule == "load-error"
    assert "RecursionError" in finding.message


def test_a_failure_of_the_worker_is_an_internal_error(tmp_path: Path, worker: Worker) -> None:
    checked = worker.check(tmp_path / "any.py", device="cuda:first")  # no setting allows this
    [finding] = checked.findings
    assert finding.rule == "internal-error"
    assert "Traceback" not in finding.message
    assert "invalid literal for int" in checked.log


def test_a_child_that_returns_from_user_code_reports_nothing(
    tmp_path: Path, worker: Worker
) -> None:
    file = tmp_path / "forks.py"
    body = "child = os.fork(); child and os.waitpid(child, 0); x = x if x.sum() > 0 else -x"
    file.write_text(MODEL.replace("{body}", body))
    checked = worker.check(file, modes=("non-strict",))
    kinds = [type(event) for event in checked.events]
    assert [kinds.count(kind) for kind in (Found, Finished, Exited)] == [1, 1, 1]
    assert "Traceback" not in checked.output


def test_the_files_of_a_crashed_run_are_known(tmp_path: Path, worker: Worker) -> None:
    (tmp_path / "layers.py").write_text("import os\nend = os._exit\n")
    file = tmp_path / "model.py"
    file.write_text("import layers\n" + MODEL.replace("{body}", "layers.end(3)"))
    loaded = [e.files for e in worker.check(file).events if isinstance(e, Loaded)]
    assert {Path(path).name for files in loaded for path in files} == {"layers.py", "model.py"}


def test_characters_that_are_read_in_pieces(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "prints.py"
    file.write_text(MODEL.replace("{body}", "pass") + "print('a' + '数' * 100_000)\n")
    assert worker.check(file).output.count("数") == 100_000


def test_a_host_that_does_not_answer_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "endless.py"
    body = "open('begun', 'w').close(); time.sleep(10**6)"
    file.write_text(MODEL.replace("{body}", body))
    worker = Worker()
    started = worker.start(file, timeout=2)
    wait_until((tmp_path / "begun").exists)
    os.kill(worker.pid, signal.SIGSTOP)
    [finding] = started.result().findings
    assert finding.rule == "timeout"
    assert not worker.alive
    worker.close()


def test_a_check_on_a_dead_host_is_a_crash(tmp_path: Path) -> None:
    """A host may die between two runs of one check."""
    file = tmp_path / "quiet.py"
    file.write_text(MODEL.replace("{body}", "pass"))
    worker = Worker()
    os.kill(worker.pid, signal.SIGKILL)
    wait_until(lambda: not worker.alive)
    [finding] = worker.check(file).findings
    assert finding.rule == "worker-crash"
    assert "was killed from outside (SIGKILL)" in finding.message
    worker.close()


def test_a_run_that_is_killed_before_it_begins_is_replaced(tmp_path: Path, worker: Worker) -> None:
    """The host has already sent the check to the run."""
    for number in itertools.count():
        file = tmp_path / f"quiet_{number}.py"  # a file that has been checked has a model host
        file.write_text(MODEL.replace("{body}", "pass"))
        spare = _spare_run(worker.pid)
        os.kill(spare, signal.SIGSTOP)
        started = worker.start(file)
        wait_until(functools.partial(_was_answered, spare))
        if _runs(spare):
            break
        started.result()  # it was stopped while rehearsing, so that the host did not use it
    os.kill(spare, signal.SIGKILL)
    checked = started.result()
    assert checked.findings == []
    assert Exited(checked.events[-1].run, 0) == checked.events[-1]


def _was_answered(pid: int) -> bool:
    """Return whether a stopped run has received a check, or was killed because it was not ready."""
    return not _runs(pid) or _has_input(pid)


def _runs(pid: int) -> bool:
    """Return whether a process has not ended."""
    return bool(os.path.isdir(f"/proc/{pid}/fd") and os.listdir(f"/proc/{pid}/fd"))


def _has_input(pid: int) -> bool:
    """Return whether the pipe from which a process reads its check has data."""
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        if os.readlink(descriptor).startswith("pipe:"):
            opened = os.open(descriptor, os.O_RDONLY | os.O_NONBLOCK)
            waiting = bytearray(4)
            fcntl.ioctl(opened, termios.FIONREAD, waiting)
            os.close(opened)
            if any(waiting):
                return True
    return False


def test_a_spare_run_that_is_killed_is_replaced(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "quiet.py"
    file.write_text(MODEL.replace("{body}", "pass"))
    worker.check(file)
    spare = _spare_run(worker.pid)
    state = Path(f"/proc/{spare}/status")
    os.kill(worker.pid, signal.SIGSTOP)  # so that it sends the check before it notices the death
    os.kill(spare, signal.SIGKILL)
    wait_until(lambda: "(zombie)" in state.read_text())
    started = worker.start(file)
    os.kill(worker.pid, signal.SIGCONT)
    checked = started.result()
    assert checked.findings == []
    assert Exited(checked.events[-1].run, 0) == checked.events[-1]


def _spare_run(host: int) -> int:
    """Wait until a host has one spare run that waits for a check; return its process id."""
    found: list[int] = []

    def is_one() -> bool:
        children = Path(f"/proc/{host}/task/{host}/children").read_text().split()
        found[:] = [int(child) for child in children if _waits(child)]
        return len(found) == 1

    wait_until(is_one)
    return found[0]


def _waits(pid: str) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False  # it has ended
    return f"\t{PROCESS_PREFIX}spare\n" in status and "(sleeping)" in status


def test_a_standby_process_ends_with_the_server(tmp_path: Path) -> None:
    file = tmp_path / "endless.py"
    file.write_text(MODEL.replace("{body}", "os.system('sleep 987655 &'); time.sleep(10**6)"))
    process = _boot("standby", subprocess.DEVNULL)
    assert process.stdin is not None
    process.stdin.write(wire.encode(Check(1, str(tmp_path), str(file))))
    process.stdin.flush()
    wait_until(lambda: _left("987655"))
    process.stdin.close()
    process.wait(10)
    wait_until(lambda: not _left("987655"))


def test_a_host_that_imports_torch_ends_with_the_server() -> None:
    code = "import os, subprocess, sys\n" + (
        "pipe = subprocess.PIPE\n"
        "command = [sys.executable, *sys.argv[1:]]\n"
        "host = subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True)\n"
        "print(host.pid, flush=True)\n"
        "host.wait()\n"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", code, str(BOOT), "host"], stdout=subprocess.PIPE
    )
    assert server.stdout is not None
    host = Path("/proc") / server.stdout.readline().decode().strip()
    wait_until(lambda: "libtorch" in (host / "maps").read_text())  # it is importing torch
    server.kill()
    server.wait()
    server.stdout.close()
    wait_until(lambda: not _command(host), seconds=1)


def _boot(role: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(BOOT), role],
        stdin=subprocess.PIPE,
        stdout=stdout,
        start_new_session=True,
    )
