"""The kinds of files of a soak.

Each text has two numbers, one in a function body and one outside.  Where the rule allows it, the
expected message has the number of the save, so that diagnostics of an earlier text do not match.
"""

from __future__ import annotations

from dataclasses import dataclass

from export_lsp.protocol import RuleCode

_TEMPLATE = """\
import os, subprocess, time
import torch

{beside}


class Net(torch.nn.Module):
    def __init__(self, number):
        super().__init__()
        self.linear = torch.nn.Linear(4, 4)
        self.number = number
        {build}

    def forward(self, x, choice):
        {body}
        return self.linear(x)


model = Net({{module}})
example_args = (torch.ones(4), torch.tensor([True, False, True, True]))
"""
_GUARD = """\
picked = x[choice]
        if picked.shape[0] == {body} % 2:
            return x"""


@dataclass(frozen=True)
class FileKind:
    """A kind of file: the rule of its diagnostic (None if it has none) and words of its message."""

    name: str
    template: str
    rule: RuleCode | None = None
    words: str = ""

    def text(self, body: int, module: int) -> str:
        return self.template.replace("{body}", str(body)).replace("{module}", str(module))

    def expected(self, body: int) -> tuple[RuleCode, str] | None:
        """Return the rule and words of the only diagnostic of a text; None for a good file."""
        return (self.rule, self.words.replace("{body}", str(body))) if self.rule else None


def _kind(
    name: str,
    rule: RuleCode | None,
    words: str,
    body: str,
    *,
    beside: str = "",
    build: str = "pass",
) -> FileKind:
    text = _TEMPLATE.replace("{beside}", beside).replace("{build}", build)
    text = text.replace("{{module}}", "{module}").replace("{body}", body)
    return FileKind(name, text, rule, words)


_CHOICE = "picked.shape[0] == {body} % 2"

KINDS = (
    _kind("good", None, "", "x = x * {body}"),
    _kind("guard", "data-dependent-guard", _CHOICE, _GUARD),
    _kind(
        "branch",
        "data-dependent-branch",
        "x.sum() > {body}",
        "x = x if x.sum() > {body} else -x",
    ),
    _kind("raises", "forward-error", "no {body}", "raise ValueError('no {body}')"),
    _kind("crash", "worker-crash", "SIGABRT", "os.abort() if {body} else None"),
    _kind("leaves", "worker-crash", "status 7", "os._exit(7) if {body} else None"),
    _kind("hang", "timeout", "stopped the check", "time.sleep(10**6 + {body})"),
    _kind(
        "bomb", "out-of-memory", "bytearray(10**15 + {body})", "kept = bytearray(10**15 + {body})"
    ),
    _kind(
        "prints",
        "data-dependent-guard",
        _CHOICE,
        _GUARD,
        beside="print('y' * 3_000_000)",
    ),
    _kind(
        "children",
        "data-dependent-guard",
        _CHOICE,
        _GUARD,
        beside="for _ in range(3): subprocess.Popen(['sleep', '987652'], start_new_session=True)",
    ),
    _kind("syntax", "load-error", "", "return x +* {body}"),
    _kind(
        "real",
        "data-dependent-guard",
        _CHOICE,
        _GUARD,
        build="self.size = max(1, int(self.linear.weight.sum()))",
    ),
)
