"""Reads of the clock in code that a check may run."""

from __future__ import annotations

import pytest

from export_lsp.worker.user_code.clocks import clock_read

READS = [
    "import time\nbegan = time.time()",
    "from time import time as now\nbegan = now()",
    "import datetime\nyear = datetime.datetime.now().year",
    "from datetime import date\nif date.today().year > 2030:\n    raise ValueError",
    "import time\nclass Net:\n    began = time.time_ns()",
    "import time\nclass Net:\n    def __init__(self):\n        self.began = time.time()",
    "import time\nclass Net:\n    def forward(self, x):\n        return x * time.time()",
    "import time\ndef stamp():\n    return time.strftime('%Y')\nname = stamp()",
    "import time\nclass A:\n    def f(self): return time.time()\n    def forward(self): self.f()",
    "import time\ndef f(x=time.time()): ...",
    "import time\ndef stamp():\n    return time.time()\n"
    "def size():\n    return stamp()\ndef export_targets():\n    return size()",
]
NONE = [
    "import time\nbegan = time.perf_counter()",
    "import time\ndef train():\n    began = time.time()",
    "import time\ndef train():\n    time.time()\nif __name__ == '__main__':\n    train()",
    "import time\nif __name__ == '__main__':\n    print(time.time())",
    "text = 'time.time()'  # time.time()",
    "def now(): ...\nnow()",
    "x = queue.time()",
    "import (",
]


@pytest.mark.parametrize("text", READS)
def test_the_clock_is_read(text: str) -> None:
    line = clock_read(text)
    assert line is not None
    assert "(" in text.split("\n")[line - 1]


@pytest.mark.parametrize("text", NONE)
def test_the_clock_is_not_read(text: str) -> None:
    assert clock_read(text) is None
