"""The processor time of processes, as Linux reports it."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from export_lsp.engine.hosts.processor_time import processor_time

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")

# Above the process ids that Linux assigns (pid_max is at most 2 ** 22).
NO_PROCESS = 1 << 23

COMPUTE = "import time\nwhile time.process_time() < 0.3: pass\n"
# By name: programs that compute for 0.3 s, report it, and wait.
PROGRAMS = {
    "itself": COMPUTE + "print(flush=True); input()",
    "in-a-thread": "import threading\n"
    f"thread = threading.Thread(target=exec, args=({COMPUTE!r},))\n"
    "thread.start(); thread.join(); print(flush=True); input()",
    "in-a-child": f"import os\nif os.fork() == 0:\n exec({COMPUTE!r}); print(flush=True)\ninput()",
    "in-a-child-that-has-ended": "import os\n"
    f"if os.fork() == 0:\n exec({COMPUTE!r}); os._exit(0)\n"
    "os.wait(); print(flush=True); input()",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_process_and_its_descendants(name: str) -> None:
    command = [sys.executable, "-c", PROGRAMS[name]]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        used = processor_time(process.pid)
        assert used is not None
        assert 0.25 < used < 3
        process.communicate(b"\n")


def test_this_process() -> None:
    used = processor_time(os.getpid())
    assert used is not None
    assert used >= time.process_time() - 0.5


def test_no_process() -> None:
    assert processor_time(NO_PROCESS) is None
