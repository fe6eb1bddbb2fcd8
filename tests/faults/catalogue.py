"""The faults: what each does, and the diagnostic that the user must see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import get_args

from export_lsp.protocol import RuleCode
from tests.faults import harmful_models, scripts
from tests.faults.harmful_models import at_import, in_build, in_forward
from tests.faults.sandbox import SHORT, Effect, Sandbox


@dataclass(frozen=True)
class ModelFault:
    """A model file that does harm.

    Attributes:
        rule: the rule of its first diagnostic, or several that are right; None if a check must
            report nothing.
        words: parts of the first diagnostic's message.
        also: how many other diagnostics it has.
    """

    name: str
    text: str
    rule: RuleCode | tuple[RuleCode, ...] | None = None
    words: tuple[str, ...] = ()
    also: int = 0

    async def __call__(self, sandbox: Sandbox) -> Effect:
        file = sandbox.file(self.name)
        options = {"timeout": SHORT} if self.rule == "timeout" else {}
        async with sandbox.configured(**options) if options else nullcontext():
            await sandbox.save(file, self.text)
        found = sandbox.editor.raw(file)
        shown = sandbox.diagnostic(file) or "nothing: the file is not at fault"
        assert len(found) == (self.rule is not None) + self.also, shown
        if self.rule is not None:
            rules = (self.rule,) if isinstance(self.rule, str) else self.rule
            assert found[0]["code"] in rules, shown
            assert all(word in found[0]["message"] for word in self.words), shown
        return Effect(shown, await sandbox.normal_save(file))


@dataclass(frozen=True)
class ScriptedFault:
    """A fault that is not a model file: a function of the sandbox."""

    name: str
    cause: Callable[[Sandbox], Awaitable[Effect]]

    async def __call__(self, sandbox: Sandbox) -> Effect:
        return await self.cause(sandbox)


Fault = ModelFault | ScriptedFault

# The process crashed, or could not report anything any more.
ENDED: tuple[RuleCode, ...] = ("worker-crash", "internal-error", "out-of-memory")
ANY: tuple[RuleCode, ...] = get_args(RuleCode)

_SEGFAULT = "ctypes.string_at(0)"
_SLEEP = "time.sleep(10**6)"

ENDS = [
    ModelFault("segfault-in-import", at_import(_SEGFAULT), "worker-crash", ("SIGSEGV",)),
    ModelFault("segfault-in-build", in_build(_SEGFAULT), "worker-crash", ("SIGSEGV",)),
    ModelFault("segfault-in-forward", in_forward(_SEGFAULT), "worker-crash", ("SIGSEGV",)),
    ModelFault("abort", in_forward("os.abort()"), "worker-crash", ("SIGABRT",)),
    ModelFault("os-exit-in-import", at_import("os._exit(0)"), "worker-crash", ("status 0",)),
    ModelFault("os-exit-in-forward", in_forward("os._exit(3)"), "worker-crash", ("status 3",)),
    ModelFault(
        "os-exit-in-eager",
        in_forward(harmful_models.EAGER_ONLY),
        "worker-crash",
        ("comparing with eager",),
    ),
    ModelFault("sys-exit-in-import", at_import("sys.exit(0)"), "load-error", ("sys.exit",)),
    ModelFault("sys-exit-in-forward", in_forward("sys.exit(2)"), "forward-error", ("SystemExit",)),
    ModelFault("kills-its-group", in_forward("os.killpg(0, 15)"), "worker-crash", ("SIGTERM",)),
    ModelFault("interrupts-itself", in_forward("raise KeyboardInterrupt"), "forward-error"),
]

HANGS = [
    ModelFault(
        "endless-in-python", in_forward("while True: pass"), "timeout", ("stopped the check",)
    ),
    ModelFault(
        "endless-in-c",
        in_forward("any(itertools.repeat(0))"),
        "timeout",
        ("stopped the check",),
    ),
    ModelFault("endless-in-import", at_import(_SLEEP), "timeout", ("importing the file",)),
    ModelFault(
        "endless-in-eager",
        in_forward(harmful_models.EAGER_HANGS),
        "timeout",
        ("comparing with eager",),
    ),
    ModelFault(
        "ignores-signals",
        in_forward(f"{harmful_models.SIGNALS}\n        {_SLEEP}"),
        "timeout",
        ("stopped the check",),
    ),
    ModelFault(
        "stops-itself", in_forward("os.kill(os.getpid(), 19)"), "timeout", ("stopped the check",)
    ),
    ModelFault("reads-stdin", in_forward("assert sys.stdin.read() == ''")),
    ModelFault("asks-for-input", in_forward("input()"), "forward-error", ("EOF",)),
]

MEMORY = [
    ModelFault(
        "one-huge-allocation", in_forward("b = bytearray(10**15)"), "out-of-memory", ("memory",)
    ),
    ModelFault(
        "many-small-allocations",
        in_forward("kept = []\n        while True: kept.append(bytearray(10**5))"),
        "out-of-memory",
        ("memory",),
    ),
    ModelFault("a-huge-tensor-at-import", at_import("kept = torch.ones(1 << 50)")),
    ModelFault(
        "a-huge-table-at-import",
        at_import("kept = bytearray(10**15)"),
        "out-of-memory",
        ("memory",),
    ),
    ModelFault("recursion", in_forward("self.forward(x)"), "forward-error", ("RecursionError",)),
    ModelFault(
        "recursion-in-c",
        in_forward("deeper(0)", beside=harmful_models.C_STACK),
        "worker-crash",
        ("SIGSEGV",),
    ),
    ModelFault("recursion-limit-raised", at_import("sys.setrecursionlimit(10**9)")),
    ModelFault("cycles-without-collector", in_forward(harmful_models.CYCLES)),
]

OUTPUT = [
    ModelFault("prints-100-MB", at_import("for _ in range(100): print('y' * 1_000_000)")),
    ModelFault(
        "binary-garbage",
        in_forward("os.write(1, bytes(range(256)) * 16); os.write(2, b'\\xff\\n{}\\n\\x1b[2J')"),
    ),
    ModelFault("forges-messages", in_forward(harmful_models.FORGERY)),
    ModelFault(
        "floods-findings",
        in_forward(harmful_models.FLOOD_OF_FINDINGS),
        ("graph-break", "worker-crash"),
        also=5_000,
    ),
    ModelFault(
        "floods-bytes",
        in_forward(harmful_models.FLOOD_OF_BYTES),
        ("graph-break", "worker-crash"),
        also=16,
    ),
    ModelFault(
        "floods-events",
        in_forward(harmful_models.FLOOD_OF_EVENTS),
        "worker-crash",
        ("reported more than export-lsp shows",),
    ),
    ModelFault("findings-elsewhere", in_forward(harmful_models.FINDINGS_ELSEWHERE)),
    ModelFault("closes-its-output", in_forward("os.close(1); os.close(2)")),
    ModelFault(
        "closes-all-descriptors", in_forward("os.closerange(0, 4096)"), "worker-crash", ("status",)
    ),
    ModelFault("replaces-its-output", in_forward("sys.stdout = sys.stderr = object()")),
    ModelFault("writing-threads", at_import(harmful_models.WRITING_THREADS)),
]

PROCESSES = [
    ModelFault("leaves-a-child", in_forward("subprocess.Popen(['sleep', '987653'])")),
    ModelFault(
        "leaves-a-session",
        in_forward("subprocess.Popen(['yes', '987653'], start_new_session=True)"),
    ),
    ModelFault("leaves-a-bare-session", in_forward(harmful_models.BARE_SESSION)),
    ModelFault("leaves-a-daemon", in_forward(harmful_models.DAEMON)),
    ModelFault("leaves-a-thread", at_import(f"threading.Thread(target=lambda: {_SLEEP}).start()")),
    ModelFault("forks-and-comes-back", in_forward("os.fork()")),
    ModelFault("forks-many", in_forward(harmful_models.FORK_BOMB)),
    ModelFault("leaves-files", at_import(harmful_models.LEFT_FILES)),
    ModelFault(
        "leaves-files-in-a-crash",
        at_import(f"{harmful_models.LEFT_FILES}os.kill(os.getpid(), 9)"),
        "out-of-memory",
        ("killed from outside",),
    ),
    ModelFault("atexit-hangs", at_import(f"atexit.register(lambda: {_SLEEP})")),
    ModelFault("del-raises", at_import(harmful_models.RAISES_AT_ITS_END)),
]

_REPLACED: tuple[RuleCode, tuple[str, ...]] = ("worker-crash", ("The model's code replaces",))

# Changes of the process; where the check can still complete, it must.
REPLACES = [
    ModelFault("clears-modules", in_forward("sys.modules.clear()"), ENDED),
    ModelFault("replaces-json", in_forward("json.dumps = json.loads = None")),
    ModelFault("replaces-builtins", in_forward("builtins.len = builtins.open = None"), *_REPLACED),
    ModelFault(
        "replaces-isinstance", at_import("builtins.isinstance = lambda a, b: False"), *_REPLACED
    ),
    ModelFault(
        "sets-a-builtin",
        at_import("setattr(builtins, 'isinstance', lambda a, b: False)"),
        *_REPLACED,
    ),
    ModelFault("replaces-os-write", in_forward("os.write = None")),
    ModelFault("replaces-getpid", in_forward("os.getpid = lambda: 1")),
    ModelFault("replaces-export", at_import("torch.export.export = None"), ANY, ("`Net`",)),
    ModelFault("lowers-its-limits", in_forward(harmful_models.LIMITS), ("worker-crash", "timeout")),
    ModelFault("changes-directory", in_forward("os.chdir('/')")),
    ModelFault("deletes-its-file", at_import("os.remove(__file__)")),
    ModelFault("writes-into-the-folder", at_import("open('left.bin', 'wb').write(b'1' * 1000)")),
    ModelFault("default-device", at_import("torch.set_default_device('meta')")),
    ModelFault("default-dtype", at_import("torch.set_default_dtype(torch.float64)")),
    ModelFault("many-threads", at_import("torch.set_num_threads(64)")),
    ModelFault("changes-the-environment", at_import("os.environ.clear()")),
]

_RAISE_BAD = "raise Bad"


def _bad(body: str) -> str:
    return in_forward(_RAISE_BAD, beside=harmful_models.BAD_TEXT.replace("{body}", body))


TEXTS = [
    ModelFault("text-raises", _bad("raise self"), "forward-error", ("Bad",)),
    ModelFault("text-hangs", _bad("while True: pass"), "timeout"),
    ModelFault("text-ends-the-process", _bad("os._exit(4)"), "worker-crash", ("status 4",)),
    ModelFault(
        "text-of-10-MB", in_forward("raise ValueError('x' * 10**7)"), "forward-error", ("xxx",)
    ),
    ModelFault(
        "escapes-and-markdown",
        in_forward(
            "raise ValueError('\\x1b]0;owned\\x07\\x1b[2J [click](command:quit) <b>`x` \\ud800')"
        ),
        "forward-error",
        ("ValueError",),
    ),
    ModelFault(
        "names-with-newlines",
        harmful_models.NEWLINE_NAMES,
        "data-dependent-branch",
        ("`x.sum() > 0`",),
    ),
    ModelFault(
        "2000-findings",
        harmful_models.MANY_FINDINGS,
        "build-error",
        ("ZeroDivisionError",),
        also=1_999,
    ),
]

# Last, since a new host has to warm up after each.
HOST = [
    ModelFault(
        "kills-the-host",
        in_forward("os.kill(os.getppid(), 9); time.sleep(9)"),
        "worker-crash",
        ("killed from outside",),
    ),
    ModelFault("stops-the-host", in_forward("os.kill(os.getppid(), 19); time.sleep(9)"), "timeout"),
    ModelFault(
        "leaves-orphans-of-the-host",
        in_forward(f"{harmful_models.SESSION}; os.kill(os.getppid(), 9); time.sleep(9)"),
        "worker-crash",
        ("killed from outside",),
    ),
    ModelFault(
        "leaves-files-of-the-host",
        at_import(f"{harmful_models.LEFT_FILES}os.kill(os.getppid(), 9); time.sleep(9)"),
        "worker-crash",
        ("killed from outside",),
    ),
    ModelFault(
        "leaves-bare-orphans-of-the-host",
        in_forward(f"{harmful_models.BARE_SESSION}; os.kill(os.getppid(), 9); time.sleep(9)"),
        "worker-crash",
        ("killed from outside",),
    ),
]
SCRIPTS = [ScriptedFault(name.replace("_", "-"), cause) for name, cause in scripts.ALL.items()]

_FAULTS: list[Fault] = [
    *ENDS,
    *HANGS,
    *MEMORY,
    *OUTPUT,
    *PROCESSES,
    *REPLACES,
    *TEXTS,
    *HOST,
    *SCRIPTS,
]
ALL = {fault.name: fault for fault in _FAULTS}
