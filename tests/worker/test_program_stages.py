"""The stages after the export, in cases that an annotation in a corpus file cannot state."""

from __future__ import annotations

from pathlib import Path

from export_lsp.protocol import Compared, Finding, StageEntered
from export_lsp.stages import STAGES
from tests.checking import Worker
from tests.corpus_annotations import CORPUS

EXPORTING = STAGES[: STAGES.index("verify") + 1]

HEAD = "import torch\nfrom torch import nn\n\n"

SPECTRUM = (
    HEAD
    + """
class Spectrum(nn.Module):
    def forward(self, x):
        values = torch.linalg.eigvalsh(x @ x.mT)
        return values + torch.linalg.eigvalsh(x + x.mT).relu()


model = Spectrum()
example_args = (torch.randn(4, 4),)
"""
)

EXECUTORCH = """
def to_edge(program):
    raise RuntimeError("Operator torch.ops.aten.relu.default is not Aten Canonical: cannot lower")
"""


def texts(findings: list[Finding], file: Path) -> set[tuple[str, str]]:
    """Return the rule of each finding and the text that it underlines."""
    found: set[tuple[str, str]] = set()
    for finding in findings:
        start, end = finding.location.start, finding.location.end
        line = file.read_text().splitlines()[start.line]
        found.add((finding.rule, line[start.character : end.character]))
    return found


def write_model(folder: Path, text: str) -> Path:
    file = folder / "model.py"
    file.write_text(text)
    return file


def test_operators_outside_core_aten_are_reported_on_request(
    tmp_path: Path, worker: Worker
) -> None:
    file = write_model(tmp_path, SPECTRUM)
    assert worker.check(file).findings == []
    found = worker.check(file, opset="core-aten").findings
    assert texts(found, file) == {
        ("decomposition-error", "torch.linalg.eigvalsh(x @ x.mT)"),
        ("decomposition-error", "torch.linalg.eigvalsh(x + x.mT)"),
    }
    assert all("`aten::_linalg_eigh`" in finding.message for finding in found)


def test_assertions_and_sizes_belong_to_core_aten(tmp_path: Path, worker: Worker) -> None:
    file = write_model(
        tmp_path,
        HEAD
        + """
class Select(nn.Module):
    def forward(self, x, n):
        count = n.item()
        torch._check(count > 0)
        torch._check(count <= x.shape[0])
        return x[:count].double() + x.shape[0]


model = Select()
example_args = (torch.randn(4), torch.tensor(2))
dynamic_shapes = {"x": {0: torch.export.Dim("n", min=3, max=9)}, "n": None}
""",
    )
    assert worker.check(file, opset="core-aten").findings == []


def test_edge_without_executorch_is_logged(tmp_path: Path, worker: Worker) -> None:
    file = write_model(tmp_path, SPECTRUM.replace("torch.linalg.eigvalsh", "torch.exp"))
    checked = worker.check(file, opset="edge")
    assert checked.findings == []
    assert "no executorch" in checked.log


def test_a_refusal_of_executorch_is_reported_at_the_operator_it_names(
    tmp_path: Path, worker: Worker
) -> None:
    package = tmp_path / "packages" / "executorch"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "exir.py").write_text(EXECUTORCH)
    file = write_model(tmp_path, SPECTRUM.replace("torch.linalg.eigvalsh", "torch.exp"))
    found = worker.check(file, opset="edge", extra_paths=(str(package.parent),)).findings
    assert texts(found, file) == {("decomposition-error", "torch.exp(x + x.mT).relu()")}


def test_a_model_that_exports_and_fails_on_its_example_inputs(
    tmp_path: Path, worker: Worker
) -> None:
    file = write_model(
        tmp_path,
        HEAD
        + """
class Lookup(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10, 4)

    def forward(self, ids):
        return self.embedding(ids)


model = Lookup
example_args = (torch.tensor([3, 10]),)
""",
    )
    found = worker.check(file).findings
    assert texts(found, file) == {("forward-error", "self.embedding(ids)")}
    assert found[0].stage == "run"


def test_random_parameters_prove_nothing(tmp_path: Path, worker: Worker) -> None:
    file = write_model(
        tmp_path,
        HEAD
        + """
class Whiten(nn.Module):
    def __init__(self):
        super().__init__()
        self.covariance = nn.Parameter(torch.eye(4))

    def forward(self, x):
        return torch.linalg.cholesky(self.covariance) @ x


model = Whiten
example_args = (torch.randn(4),)
""",
    )
    checked = worker.check(file)
    assert checked.findings == []
    assert "fails in eager mode on made-up values" in checked.log


def test_a_model_too_large_for_values_is_still_saved_and_decomposed(
    tmp_path: Path, worker: Worker
) -> None:
    file = write_model(
        tmp_path,
        HEAD
        + """
class Large(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(32768, 32768)
        self.seen = torch.zeros(())

    def forward(self, x):
        self.seen.add_(1)
        return self.fc(x).max(dim=0)


model = Large
example_args = (torch.randn(2, 32768),)
""",
    )
    checked = worker.check(file)
    assert texts(checked.findings, file) == {
        ("unregistered-state", "self.seen.add_(1)"),
        ("serialization-error", "self.fc(x).max(dim=0)"),
    }
    assert "`run` is left out" in checked.log
    assert checked.peak_memory < 1 << 30


def test_stages_run_in_order_and_only_on_request(tmp_path: Path, worker: Worker) -> None:
    file = write_model(tmp_path, SPECTRUM)

    def after(**fields: object) -> list[str]:
        events = worker.check(file, **fields).events
        entered = [e.stage for e in events if isinstance(e, StageEntered)]
        return [stage for stage in entered if stage in ("run", "save", "decompose")]

    assert after() == ["run", "save", "decompose"]
    assert after(stages=("load", "build", "save")) == ["save"]
    assert after(stages=("load", "build", "capture")) == []


def test_a_trial_compares_before_strict_mode_starts(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "model.py"
    text = SPECTRUM.replace("values + torch.linalg.eigvalsh(x + x.mT).relu()", "values.relu()")
    file.write_text(text)

    def order(**check: dict[str, str]) -> list[str]:
        events = worker.check(file, **check).events
        assert [each.left_out for each in events if isinstance(each, Compared)] == [""]
        return [
            type(each).__name__
            for each in events
            if isinstance(each, Compared)
            or (isinstance(each, StageEntered) and (each.stage, each.mode) == ("capture", "strict"))
        ]

    assert order() == ["StageEntered", "Compared"]
    assert order(texts={str(file): text + "\n"}) == ["Compared", "StageEntered"]


def test_strict_mode_alone_names_the_buffer_whose_memory_is_replaced(worker: Worker) -> None:
    file = CORPUS / "unregistered-state" / "data-assigned.py"
    [finding] = worker.check(file, modes=("strict",), stages=(*EXPORTING, "decompose")).findings
    assert finding.rule == "decomposition-error"
    assert "replaces the memory of the buffer `mean`" in finding.message
    assert "(`copy_`)" in finding.message


def test_each_program_is_examined_where_their_graphs_differ(worker: Worker) -> None:
    def run(file: str) -> list[str | None]:
        events = worker.check(CORPUS / file).events
        return [e.mode for e in events if isinstance(e, StageEntered) and e.stage == "run"]

    assert run("controls/conv-net.py") == ["non-strict"]
    assert run("controls/autocast-throughout.py") == ["non-strict", "strict"]
