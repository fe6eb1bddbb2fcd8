"""Run a fuzzer at length: ``python -m tests.faults.fuzz lsp --examples 100000``."""

from __future__ import annotations

import argparse
import importlib
import time

# Each module has a function `fuzz(examples, seed)` that returns counts to print.
FUZZERS = {"lsp": "tests.faults.fuzz_lsp", "worker": "tests.faults.fuzz_worker"}


def main() -> None:
    """Run a fuzzer, and print its counts."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.fuzz", description=__doc__)
    parser.add_argument("name", choices=FUZZERS)
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    began = time.monotonic()
    module = importlib.import_module(FUZZERS[arguments.name])
    counts: dict[str, int] = module.fuzz(arguments.examples, arguments.seed)
    for name, count in counts.items():
        print(f"{count:>15,} {name}")
    print(f"{time.monotonic() - began:>15,.1f} seconds")


if __name__ == "__main__":
    main()
