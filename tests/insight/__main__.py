"""Print how the shapes that export-lsp shows compare with eager mode."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from export_lsp.protocol import Insight, TargetEnded
from tests.checking import Worker
from tests.corpus_annotations import CORPUS
from tests.insight import __doc__ as usage
from tests.insight.compared import Comparison, compare
from tests.insight.eager_flops import FlopComparison, compare_flops
from tests.insight.eager_sizes import eager_sizes
from tests.insight.edges import Edges, edges

EXAMPLES = Path(__file__).parents[2] / "export_lsp" / "examples"


def compare_file(worker: Worker, file: Path) -> tuple[Comparison, Edges, FlopComparison]:
    """Compare all targets of one file."""
    total, tried, counted = Comparison(), Edges(), FlopComparison()
    stages = ("capture", "guards", "decompose")
    checked = worker.check(file, modes=("non-strict",), stages=stages)
    shown = {each.target: each.values for each in checked.events if isinstance(each, Insight)}
    for sizes in eager_sizes(file, file.parent):
        if sizes.target in shown:
            total.add(compare(list(shown[sizes.target]), sizes, complete=not checked.findings))
    for outcome in (each.outcome for each in checked.events if isinstance(each, TargetEnded)):
        # Those of sizes that depend on each other are not edges of one dimension.
        conditions = " ".join(outcome.conditions)
        alone = [each for each in outcome.dims if each.name not in conditions]
        if outcome.dims:
            tried.add(edges(file, outcome.target, alone))
        flops = outcome.cost.flops if outcome.cost is not None else None
        if flops is not None and flops.example:
            free = outcome.dims if len(alone) == len(outcome.dims) else ()
            counted.add(compare_flops(file, outcome.target, flops, free))
    return total, tried, counted


def main() -> int:
    parser = argparse.ArgumentParser(description=usage)
    parser.add_argument("files", nargs="*", type=Path)
    files = [each.resolve() for each in parser.parse_args().files]
    total, tried, counted = Comparison(), Edges(), FlopComparison()
    worker = Worker()
    for file in files or [*sorted(CORPUS.glob("*/*.py")), *sorted(EXAMPLES.glob("*.py"))]:
        found, edges_found, flops_found = compare_file(worker, file)
        for kind in ("wrong", "missing", "unnamed"):
            for line in getattr(found, kind):
                print(f"{kind}: {line}", flush=True)
        for line in edges_found.wrong:
            print(f"wrong edge: {line}", flush=True)
        for line in flops_found.wrong:
            print(f"wrong FLOPs: {line}", flush=True)
        total.add(found)
        tried.add(edges_found)
        counted.add(flops_found)
    worker.close()
    share = 100 * total.valued / max(total.assignments, 1)
    print(f"values shown: {total.shown}, compared with eager: {total.compared}", end=", ")
    print(f"wrong: {len(total.wrong)}, with unnamed sizes: {len(total.unnamed)}")
    print(f"executed assignments of tensors: {total.assignments}, with a value: {share:.1f} %")
    print(f"edges of dimensions run: {tried.runs}, wrong: {len(tried.wrong)}")
    print(f"numbers of FLOPs compared with eager: {counted.runs}, wrong: {len(counted.wrong)}")
    return 1 if total.wrong or tried.wrong or counted.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
