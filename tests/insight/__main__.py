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
from tests.insight.eager_sizes import eager_sizes
from tests.insight.edges import Edges, edges

EXAMPLES = Path(__file__).parents[2] / "export_lsp" / "examples"


def compare_file(worker: Worker, file: Path) -> tuple[Comparison, Edges]:
    """Compare all targets of one file."""
    total, tried = Comparison(), Edges()
    checked = worker.check(file, modes=("non-strict",), stages=("capture", "guards"))
    shown = {each.target: each.values for each in checked.events if isinstance(each, Insight)}
    for sizes in eager_sizes(file, file.parent):
        if sizes.target in shown:
            total.add(compare(list(shown[sizes.target]), sizes, complete=not checked.findings))
    for event in checked.events:
        if isinstance(event, TargetEnded) and event.outcome.dims:
            # Those of sizes that depend on each other are not edges of one dimension.
            conditions = " ".join(event.outcome.conditions)
            alone = [each for each in event.outcome.dims if each.name not in conditions]
            found = edges(file, event.outcome.target, alone)
            tried.runs += found.runs
            tried.wrong += found.wrong
    return total, tried


def main() -> int:
    parser = argparse.ArgumentParser(description=usage)
    parser.add_argument("files", nargs="*", type=Path)
    files = [each.resolve() for each in parser.parse_args().files]
    total, tried = Comparison(), Edges()
    worker = Worker()
    for file in files or [*sorted(CORPUS.glob("*/*.py")), *sorted(EXAMPLES.glob("*.py"))]:
        found, edges_found = compare_file(worker, file)
        for kind in ("wrong", "missing", "unnamed"):
            for line in getattr(found, kind):
                print(f"{kind}: {line}", flush=True)
        for line in edges_found.wrong:
            print(f"wrong edge: {line}", flush=True)
        total.add(found)
        tried.runs += edges_found.runs
        tried.wrong += edges_found.wrong
    worker.close()
    share = 100 * total.valued / max(total.assignments, 1)
    print(f"values shown: {total.shown}, compared with eager: {total.compared}", end=", ")
    print(f"wrong: {len(total.wrong)}, with unnamed sizes: {len(total.unnamed)}")
    print(f"executed assignments of tensors: {total.assignments}, with a value: {share:.1f} %")
    print(f"edges of dimensions run: {tried.runs}, wrong: {len(tried.wrong)}")
    return 1 if total.wrong or tried.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
