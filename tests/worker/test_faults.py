"""Files that hurt the process they are checked in: a finding, and the next check works."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.checking import Checked, Worker

MODEL = """
import ctypes, os, signal, sys, threading, time
import torch


class Net(torch.nn.Module):
    def forward(self, x):
        {body}
        return x


model = Net()
example_args = (torch.zeros(2),)
"""

# What forward does: the rule, and words the message must contain.
FAULTS = {
    "segfault": ("ctypes.string_at(0)", "worker-crash", "SIGSEGV"),
    "abort": ("os.abort()", "worker-crash", "SIGABRT"),
    "os-exit": ("os._exit(3)", "worker-crash", "status 3"),
    "killed": ("os.kill(os.getpid(), signal.SIGKILL)", "out-of-memory", "killed from outside"),
    "endless": ("while True: pass", "timeout", "ended after"),
    "endless-in-c": ("time.sleep(10**6)", "timeout", "ended after"),
    "ignores-sigterm": (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(10**6)",
        "timeout",
        "ended after",
    ),
    "sys-exit": ("sys.exit(0)", "forward-error", "SystemExit"),
    "recursion": ("self.forward(x)", "forward-error", "RecursionError"),
    "memory-bomb": ("b = bytearray(10**15)", "out-of-memory", "ran out of memory"),
}

# What forward does without being at fault.
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
    "closes-its-output": "os.close(1); os.close(2)",
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


@pytest.mark.parametrize("name", NOISE)
def test_noise_is_no_finding(name: str, checked: dict[str, Checked]) -> None:
    assert checked[name].findings == []


def test_output_is_forwarded_up_to_a_limit(checked: dict[str, Checked]) -> None:
    output = checked["prints-a-lot"].output
    assert output.startswith("yyy")
    assert len(output) < 2_000_000
    assert "bytes of output dropped" in output


def test_no_process_is_left(checked: dict[str, Checked]) -> None:
    left = [
        command
        for process in Path("/proc").iterdir()
        if process.name.isdigit() and (command := _command(process)) and "987654" in command
    ]
    assert checked
    assert left == []


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def test_memory_is_the_matter_in_every_stage(tmp_path: Path, worker: Worker) -> None:
    texts = {
        "load": "model = torch.ones(1 << 50)\nexample_args = ()\n",
        "build": "model = torch.nn.Linear(2, 2)\ndef example_args():\n    bytearray(10**15)\n",
    }
    for stage, text in texts.items():
        (tmp_path / f"{stage}.py").write_text(f"import torch\n{text}")
    for file, checked in worker.check_all(sorted(tmp_path.glob("*.py"))).items():
        [finding] = checked.findings
        assert (finding.rule, finding.stage) == ("out-of-memory", file.stem)


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
