"""Backends in environments of their own: annotated models, and the real models of the tests.

``python -m tests.backends [BACKEND…]`` makes the environments, which takes some gigabytes.  It
prints the differences between what the models for a backend state and what their checks report, and
a table of the real models: converted, refused with the reason and the line, or other results, and
what the backend says by itself.  Exits 1 if there is a difference.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from export_lsp.protocol import BACKENDS, Backend, BackendFact, Finding, TargetEnded
from tests.backends.environments import environment_of
from tests.backends.models import files_of
from tests.checking import Checked, Worker
from tests.corpus_annotations import differences, expected_in
from tests.worker.test_real_models import ARCHITECTURES, PREAMBLE

DIRECTORY = Path.home() / ".cache" / "export-lsp" / "backends"
PLAIN = Path(__file__).parent / "plain.py"
SECONDS = 900.0
WIDTH = 150


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.backends", description=__doc__)
    parser.add_argument("backends", nargs="*", metavar="BACKEND")
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="of the environments")
    parser.add_argument("--python", type=Path, help="an interpreter that has the packages")
    parser.add_argument("--only", choices=["models", "real"], help="one of the two parts")
    options = parser.parse_args()
    wrong = 0
    for backend in options.backends or BACKENDS:
        python = options.python or environment_of(backend, options.directory)
        worker = Worker(python=python)
        try:
            if options.only != "real":
                wrong += _models(backend, worker, python)
            if options.only != "models":
                _real_models(backend, worker, python)
        finally:
            worker.close()
    return 1 if wrong else 0


def _models(backend: Backend, worker: Worker, python: Path) -> int:
    """Check the annotated models; return how many report something else than they state."""
    wrong = 0
    files = files_of(backend)
    failing = sum(bool(expected_in(file)) for file in files)
    print(f"\n## {backend}: {failing} failing models, {len(files) - failing} clean ones\n")
    print("| model | line | ours | its own |\n|---|---|---|---|")
    for file in files:
        checked = worker.check(file, timeout=SECONDS, backends=(backend,))
        own = _plain(backend, file, python)
        for difference in differences(file, checked.findings):
            print(f"DIFFERENCE in {file.name}: {difference}")
        wrong += bool(differences(file, checked.findings))
        for found in checked.findings:
            line = found.location.start.line + 1
            print(_row(file.stem, line, found.message, *own.values()))
        if not checked.findings:
            print(_row(file.stem, "", _fact(backend, checked), *own.values()), flush=True)
    print(f"\n{len(files) - wrong} of {len(files)} as stated", flush=True)
    return wrong


def _real_models(backend: Backend, worker: Worker, python: Path) -> None:
    print(f"\n## {backend}: real models\n")
    print("| model | check | its own |\n|---|---|---|")
    for name, (model, example) in ARCHITECTURES.items():
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "model.py"
            file.write_text(
                f"{PREAMBLE}\nmodel = transformers.{model}.eval()\nexample_args = ({example},)\n"
            )
            checked = worker.check(
                file, timeout=SECONDS, backends=(backend,), modes=("non-strict",)
            )
            own = _plain(backend, file, python).get("model", "")
        said = [_place(each) for each in checked.findings if each.rule != "backend-fallback"]
        shown = [_fact(backend, checked), *said]
        print(_row(name, "; ".join(shown), own or "converted"), flush=True)


def _place(finding: Finding) -> str:
    location = finding.library or finding.location
    return f"{finding.message} ({Path(location.file).name}:{location.start.line + 1})"


def _fact(backend: str, checked: Checked) -> str:
    for event in checked.events:
        if isinstance(event, TargetEnded):
            reasons = [each.reason for each in event.outcome.left_out if each.stage == "backends"]
            for fact in event.outcome.backends:
                return "; ".join([_said(fact), *reasons])
            return "; ".join(reasons) or "no answer"
    return "no outcome"


def _said(fact: BackendFact) -> str:
    done = "converted" if fact.converted else "refused"
    share = f", {fact.flops:.0%} of FLOPs" if fact.flops is not None else ""
    results = ", same results" if fact.agrees else ""
    return f"{done}, {fact.taken} of {fact.operators} operators{share}{results}"


def _plain(backend: str, file: Path, python: Path) -> dict[str, str]:
    """Return the errors of a backend by itself, by target; "" for one that it converts."""
    ended = subprocess.run(
        [str(python), str(PLAIN), backend, str(file)], capture_output=True, text=True, check=False
    )
    lines = ended.stdout.strip().splitlines() or [""]
    try:
        found: dict[str, str] = json.loads(lines[-1])
    except ValueError:
        return {"model": f"ended with {ended.returncode}: {ended.stderr.strip()[-WIDTH:]}"}
    return found


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(value: object) -> str:
    text = " ".join(str(value).replace("|", "/").split())
    return text if len(text) <= 2 * WIDTH else f"{text[:WIDTH]} … {text[-WIDTH:]}"


if __name__ == "__main__":
    sys.exit(main())
