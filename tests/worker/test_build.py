"""Models are built with fake parameters, or with real ones if needed, and without a CUDA device."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from export_lsp.protocol import StageEntered
from tests.checking import Worker


def test_a_constructor_that_reads_values_gets_real_parameters(
    tmp_path: Path, worker: Worker
) -> None:
    file = tmp_path / "reads.py"
    file.write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.linear = torch.nn.Linear(4, 4)\n"
        "        self.limit = float(self.linear.weight.abs().max())\n"
        "    def forward(self, x):\n"
        "        return self.linear(x).clamp(-self.limit, self.limit)\n"
        "model = Net()\n"
        "example_args = (torch.zeros(2, 4),)\n"
    )
    checked = worker.check(file)
    assert checked.findings == []
    assert "built with real parameters" in checked.log


NEEDS_MEMORY = """
import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(()))
        self.linear = torch.nn.Linear(20_000, 20_000)
        self.limit = {read}.item()

    def forward(self, x):
        return self.linear(x * self.scale).clamp(max=self.limit)


model = Net()
example_args = (torch.zeros(2, 20_000),)
"""


def test_real_parameters_that_need_too_much_memory_are_fake_where_they_are_large(
    tmp_path: Path, worker: Worker
) -> None:
    file = tmp_path / "reads.py"
    file.write_text(NEEDS_MEMORY.replace("{read}", "self.scale"))
    checked = worker.check(file, memory_limit=1 << 30)
    assert checked.findings == []
    assert "built with large tensors fake" in checked.log


def test_values_that_need_too_much_memory_are_a_limit_of_the_check(
    tmp_path: Path, worker: Worker
) -> None:
    file = tmp_path / "reads.py"
    file.write_text(NEEDS_MEMORY.replace("{read}", "self.linear.weight.amax()"))
    [finding] = worker.check(file, memory_limit=1 << 30).findings
    assert (finding.rule, finding.limit) == ("out-of-memory", True)
    assert finding.location.start.line == 9
    assert "Raise the `memory-limit` setting" in finding.message


def test_a_lack_of_memory_is_not_met_with_real_parameters(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "bomb.py"
    file.write_text(
        "import torch\n"
        "linear = torch.nn.Linear(4, 4)\n"
        "model = torch.nn.Sequential(linear)\n"
        "def example_args():\n"
        "    return (torch.frombuffer(bytearray(10**15)),)\n"
    )
    checked = worker.check(file)
    assert [finding.rule for finding in checked.findings] == ["out-of-memory"]
    assert "real parameters" not in checked.log


def test_parameters_take_no_memory(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "large.py"
    file.write_text(
        "import torch\n"
        "model = torch.nn.Sequential(*(torch.nn.Linear(20_000, 20_000) for _ in range(10)))\n"
        "example_args = (torch.zeros(2, 20_000),)\n"
    )
    checked = worker.check(file, modes=("non-strict",))
    assert checked.findings == []
    assert checked.peak_memory < 1 << 30  # the parameters would take 16 GB


def test_a_modules_own_apply_is_called(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "applies.py"
    file.write_text(
        "import torch\n"
        "class Grid(torch.nn.Linear):\n"
        "    def __init__(self):\n"
        "        super().__init__(4, 4)\n"
        "        self.grid = torch.zeros(4)\n"
        "    def _apply(self, function):\n"
        "        super()._apply(function)\n"
        "        self.grid = function(self.grid)\n"
        "        return self\n"
        "net = torch.nn.Sequential(Grid(), torch.nn.LSTM(4, 4))\n"
        "net[0].weight = net[1].weight_hh_l0 = torch.nn.Parameter(torch.zeros(16, 4))\n"
        "net.double()\n"
        "assert net[0].grid.dtype is torch.double\n"
        "assert {weight.dtype for weight in net[1]._flat_weights} == {torch.double}\n"
        "assert net[0].weight is net[1].weight_hh_l0\n"
        "model = torch.nn.Linear(4, 4)\n"
        "example_args = (torch.zeros(4),)\n"
    )
    checked = worker.check(file)
    assert checked.findings == []
    assert "real parameters" not in checked.log


CUDA_MODELS = {
    "constructor": (
        "torch.nn.Linear(4, 4, device='cuda')",
        "torch.zeros(2, 4, device='cuda')",
    ),
    "moved": ("torch.nn.Linear(4, 4).to('cuda')", "torch.zeros(2, 4).to('cuda:0')"),
    "method": (
        "torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4)).cuda().half()",
        "torch.zeros(2, 3, 8, 8).cuda().half()",
    ),
}

CUDA_FORWARD = """
import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = torch.nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        assert x.is_cuda
        x = self.attention(x, x, x)[0] + torch.ones(8, device="cuda") + torch.arange(8).to("cuda")
        if x.shape[0] > 0 and x.sum() > 0:
            x = -x
        return x.cpu()


model = Net().to("cuda")
example_args = (torch.zeros(2, 3, 8).cuda(),)
"""

no_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
a_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")


@no_gpu
def test_cuda_models_are_traced_without_a_gpu(tmp_path: Path, worker: Worker) -> None:
    for name, (model, example) in CUDA_MODELS.items():
        (tmp_path / f"{name}.py").write_text(
            f"import torch\nmodel = {model}\nexample_args = ({example},)\n"
        )
    for file, checked in worker.check_all(sorted(tmp_path.glob("*.py"))).items():
        assert checked.findings == [], file.name
        assert "real parameters" not in checked.log


@no_gpu
def test_findings_of_cuda_models_are_found_without_a_gpu(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "net.py"
    file.write_text(CUDA_FORWARD)
    findings = worker.check(file).findings
    assert [(f.rule, f.modes, f.location.start.line) for f in findings] == [
        ("data-dependent-branch", ("non-strict",), 12),
        ("data-dependent-branch", ("strict",), 12),
    ]


@no_gpu
def test_a_call_that_needs_a_real_device_is_one_finding(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "waits.py"
    file.write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.linear = torch.nn.Linear(4, 4, device='cuda')\n"
        "    def forward(self, x):\n"
        "        torch.cuda.synchronize()\n"
        "        return self.linear(x)\n"
        "model = Net()\n"
        "example_args = (torch.zeros(2, 3, 4, device='cuda'),)\n"
    )
    [finding] = worker.check(file, modes=("non-strict",)).findings
    assert finding.rule == "unsupported-operator"
    assert "This machine has no CUDA device" in finding.message
    assert finding.location.start.line == 6


@pytest.mark.gpu
@a_gpu
def test_real_tensors_are_on_the_chosen_device_under_a_limit(
    tmp_path: Path, worker: Worker
) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.linear = torch.nn.Linear(4, 4)\n"
        "    def forward(self, x):\n"
        "        assert x.is_cuda and self.linear.weight.is_cuda\n"
        "        return self.linear(x)\n"
        "model = Net\n"
        "example_args = (torch.zeros(2, 4),)\n"
    )
    checked = worker.check(file, device="cuda:0", build="real", gpu_memory_fraction=0.1)
    assert checked.findings == []


@pytest.mark.gpu
@a_gpu
def test_cuda_out_of_memory_is_a_finding(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "import torch\n"
        "model = torch.nn.Linear(4, 4)\n"
        "example_args = lambda: (torch.zeros(1 << 40, device='cuda'),)\n"
    )
    [finding] = worker.check(file, device="cuda", gpu_memory_fraction=0.1).findings
    assert finding.rule == "out-of-memory"


def test_cuda_can_still_be_initialised_in_a_run(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "import torch\n"
        "assert not torch.cuda._is_in_bad_fork()\n"
        "model = torch.nn.Linear(4, 4)\n"
        "example_args = (torch.zeros(4),)\n"
    )
    # The first runs are forked from a cold host, later ones from a host that has exported.
    for _ in range(4):
        assert worker.check(file).findings == []


def test_the_cpu_setting_hides_every_device(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "import os, torch\n"
        "assert os.environ['CUDA_VISIBLE_DEVICES'] == ''\n"
        "assert not torch.cuda.is_available()\n"
        "model = torch.nn.Linear(4, 4)\n"
        "example_args = (torch.zeros(4),)\n"
    )
    assert worker.check(file, device="cpu").findings == []


def test_a_standby_process_has_the_same_findings(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        CUDA_FORWARD.replace('"cuda"', '"cpu"')
        .replace(".cuda()", "")
        .replace("assert x.is_cuda", "print('hello')")
    )
    standby_worker = Worker(standby=True)
    forked, standby = (each.check(file) for each in (worker, standby_worker))
    standby_worker.close()
    assert forked.findings == standby.findings != []
    assert "hello" in forked.output
    assert "hello" in standby.output
    assert [e.stage for e in forked.events if isinstance(e, StageEntered)] == [
        e.stage for e in standby.events if isinstance(e, StageEntered)
    ]
