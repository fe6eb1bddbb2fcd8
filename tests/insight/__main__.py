"""Print how the shapes that export-lsp shows compare with eager mode."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path

from export_lsp.protocol import Insight, TargetEnded, Value
from tests.checking import Checked, Worker
from tests.corpus_annotations import CORPUS
from tests.insight import __doc__ as usage
from tests.insight.compared import Comparison, compare
from tests.insight.eager_flops import FlopComparison, compare_flops
from tests.insight.eager_sizes import eager_sizes
from tests.insight.edges import Edges, edges

EXAMPLES = Path(__file__).parents[2] / "export_lsp" / "examples"


@dataclass
class FileComparison:
    """The comparisons of a file; `strict` is that of the values in strict mode alone."""

    values: Comparison = field(default_factory=Comparison)
    strict: Comparison = field(default_factory=Comparison)
    edges: Edges = field(default_factory=Edges)
    flops: FlopComparison = field(default_factory=FlopComparison)

    def add(self, other: FileComparison) -> None:
        """Add the counts of another file."""
        self.values.add(other.values)
        self.strict.add(other.strict)
        self.edges.add(other.edges)
        self.flops.add(other.flops)

    @property
    def wrong(self) -> list[str]:
        """Descriptions of what is shown wrongly."""
        return [
            *(f"wrong: {each}" for each in self.values.wrong),
            *(f"wrong in strict mode: {each}" for each in self.strict.wrong),
            *(f"unnamed: {each}" for each in (*self.values.unnamed, *self.strict.unnamed)),
            *(f"wrong edge: {each}" for each in self.edges.wrong),
            *(f"wrong FLOPs: {each}" for each in self.flops.wrong),
        ]


def compare_file(worker: Worker, file: Path) -> FileComparison:
    """Compare all targets of one file."""
    compared = FileComparison()
    stages = ("capture", "guards", "decompose")
    checked = worker.check(file, modes=("non-strict",), stages=stages)
    strict = worker.check(file, modes=("strict",), stages=stages[:2])
    for sizes in eager_sizes(file, file.parent):
        complete = not checked.findings
        if (values := _values_of(checked, sizes.target)) is not None:
            compared.values.add(compare(values, sizes, complete=complete))
        if (values := _values_of(strict, sizes.target)) is not None:
            # Operators whose results are not used are not in the graph.
            compared.strict.add(compare(values, sizes, complete=False))
    for outcome in (each.outcome for each in checked.events if isinstance(each, TargetEnded)):
        # Those of sizes that depend on each other are not edges of one dimension.
        conditions = " ".join(outcome.conditions)
        alone = [each for each in outcome.dims if each.name not in conditions]
        if outcome.dims:
            compared.edges.add(edges(file, outcome.target, alone))
        flops = outcome.cost.flops if outcome.cost is not None else None
        # torch adds up branches of `cond` that are modules (2.13).
        if flops is not None and flops.example and "torch.cond" not in file.read_text():
            free = outcome.dims if len(alone) == len(outcome.dims) else ()
            compared.flops.add(compare_flops(file, outcome.target, flops, free))
    return compared


def _values_of(checked: Checked, target: str) -> list[Value] | None:
    found = (each for each in checked.events if isinstance(each, Insight))
    return next((list(each.values) for each in found if each.target == target), None)


def main() -> int:
    parser = argparse.ArgumentParser(description=usage)
    parser.add_argument("files", nargs="*", type=Path)
    files = [each.resolve() for each in parser.parse_args().files]
    total = FileComparison()
    worker = Worker()
    for file in files or [*sorted(CORPUS.glob("*/*.py")), *sorted(EXAMPLES.glob("*.py"))]:
        found = compare_file(worker, file)
        for line in found.values.missing:
            print(f"missing: {line}", flush=True)
        for line in found.wrong:
            print(line, flush=True)
        total.add(found)
    worker.close()
    for name, values in (("", total.values), (" in strict mode alone", total.strict)):
        share = 100 * values.valued / max(values.assignments, 1)
        print(f"values shown{name}: {values.shown}, compared with eager: {values.compared}", end="")
        print(f", wrong: {len(values.wrong)}, with unnamed sizes: {len(values.unnamed)}")
        print(f"executed assignments of tensors: {values.assignments}, with a value: {share:.1f} %")
    print(f"edges of dimensions run: {total.edges.runs}, wrong: {len(total.edges.wrong)}")
    print(f"numbers of FLOPs compared: {total.flops.runs}, wrong: {len(total.flops.wrong)}")
    return 1 if total.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
