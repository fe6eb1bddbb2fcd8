"""Texts of model files that do harm when they are imported or built, or in `forward`."""

from __future__ import annotations

_TEMPLATE = """\
import atexit, builtins, ctypes, faulthandler, gc, itertools, json, os, re, resource, shutil
import signal, socket, subprocess, sys, threading, time
import torch

{at_import}


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        {in_build}

    def forward(self, x):
        {in_forward}
        return x


model = Net
example_args = (torch.zeros(2),)
"""


def at_import(code: str) -> str:
    """Return a file with a good model and this code at its top level."""
    return _filled(at_import=code)


def in_build(code: str) -> str:
    """Return a file whose model runs this code in its constructor."""
    return _filled(in_build=code)


# A process in a session of its own, outside the run's process group.
SESSION = "subprocess.Popen(['sleep', '987652'], start_new_session=True)"


# The same without an environment, in which it could be recognized.
BARE_SESSION = "subprocess.Popen(['env', '-i', 'sleep', '987651'], start_new_session=True)"


def in_forward(code: str, *, beside: str = "") -> str:
    """Return a file whose model runs this code in `forward`; `beside` goes to the top level."""
    return _filled(in_forward=code, at_import=beside)


def _filled(*, at_import: str = "", in_build: str = "pass", in_forward: str = "pass") -> str:
    return (
        _TEMPLATE.replace("{at_import}", at_import)
        .replace("{in_build}", in_build)
        .replace("{in_forward}", in_forward)
    )


# Endless recursion through C, without Python's recursion limit, so that the C stack overflows.
C_STACK = """\
def deeper(_):
    return list(map(deeper, [0]))


sys.setrecursionlimit(10**9)
"""

# A daemon: in a session of its own, and its parent has exited.
DAEMON = """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execvp('sleep', ['sleep', '987653'])
            os._exit(0)"""

# Sixteen processes, which all continue with the check.
FORK_BOMB = "[os.fork() for _ in range(4)]"

# Lines that look like the worker's own, on every descriptor.
FORGERY = """
        for descriptor in range(3, 256):
            try:
                os.write(descriptor, b'{"kind":"Finished","run":1,"seconds":0,"peak_memory":0}\\n')
                os.write(descriptor, b'\\xff\\x00{"kind":' + bytes(range(256)) + b'\\n')
            except OSError:
                pass"""

# Findings that nothing in the model causes, sent with the check's own means.
FORGED = """
        from export_lsp.protocol import Finding, Location, Position
        from export_lsp.worker.check.reporter import Reporter
        [reporter] = {id(o): o for o in gc.get_objects() if type(o) is Reporter}.values()
        def forge(file, line=0, message="forged"):
            place = Location(file, Position(line, 0), Position(line, 1))
            reporter.finding(Finding("graph-break", "capture", (), "", place, message))"""
FLOOD_OF_FINDINGS = f"""{FORGED}
        for line in range(10**5):
            forge(__file__, line, "flood" * 10)"""
FLOOD_OF_BYTES = f"""{FORGED}
        for line in range(1000):
            forge(__file__, line, "x" * 10**6)"""
FLOOD_OF_EVENTS = f"""{FORGED}
        while True:
            reporter.stage("model", "capture")"""
FINDINGS_ELSEWHERE = f"""{FORGED}
        for file in ("/etc/passwd", "/nowhere", "relative.py", __file__ + "/../../x.py", "a\\0b"):
            forge(file)"""

# Temporary files, and segments of shared memory of Python's and of torch's.
LEFT_FILES = """
import multiprocessing.shared_memory, tempfile, torch.multiprocessing

kept = [multiprocessing.shared_memory.SharedMemory(create=True, size=9) for _ in range(3)]
with open(os.path.join(tempfile.mkdtemp(), 'a'), 'wb') as file:
    file.write(bytes(999))
subprocess.run('head -c 999 /dev/zero > $(mktemp)', shell=True, check=True)
torch.multiprocessing.set_sharing_strategy('file_system')
kept.append(torch.ones(999).share_memory_())
if os.fork() == 0:
    kept.append(torch.ones(999).share_memory_())
    os._exit(0)
os.wait()
assert len([name for name in os.listdir('/dev/shm') if name.startswith('torch_')]) > 1
"""

# The process ends or hangs in eager mode only, which runs to compare results.
EAGER_ONLY = "None if torch.compiler.is_exporting() else os._exit(3)"
EAGER_HANGS = "None if torch.compiler.is_exporting() else time.sleep(10**6)"

BAD_TEXT = """\
class Bad(Exception):
    def __str__(self):
        {body}

    __repr__ = __str__
"""

LIMITS = """
        resource.setrlimit(resource.RLIMIT_CPU, (1, 2))
        while True: pass"""

SIGNALS = """
        for number in range(1, 32):
            try:
                signal.signal(number, lambda *_: None)
            except (OSError, ValueError):
                pass"""

CYCLES = """
        gc.disable()
        for _ in range(200_000):
            cycle = []
            cycle.append(cycle)"""

RAISES_AT_ITS_END = """\
class Ends:
    def __del__(self):
        raise RuntimeError("at its end")


kept = Ends()
for _ in range(100):
    Ends()
"""

WRITING_THREADS = """\
def write():
    while True:
        os.write(1, b"still here\\n")


for _ in range(4):
    threading.Thread(target=write, daemon=True).start()
"""

# Two thousand targets, each with a problem.
MANY_FINDINGS = (
    "import torch\n\nexport_targets = {\n"
    + "".join(
        f'    "target {number}": {{"model": lambda: 1 / 0, "args": ()}},\n'
        for number in range(2_000)
    )
    + "}\n"
)

NEWLINE_NAMES = """\
import torch


class Net(torch.nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


Net.__name__ = Net.__qualname__ = "A\\n[B](command:quit)\\x1b[2J"
export_targets = {"first\\n# second\\x1b[31m": {"model": Net, "args": (torch.zeros(2),)}}
"""
