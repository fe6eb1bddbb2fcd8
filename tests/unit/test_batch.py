"""The order of a batch, its rest, and the imports and resources that these rest on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from export_lsp.cli.batch_order import expected_seconds, in_order
from export_lsp.cli.batch_progress import TimeLeft
from export_lsp.cli.jobs import Job
from export_lsp.engine.files.imported_names import ImportGraph, imported_names
from export_lsp.engine.recall import PastResources, Resources
from export_lsp.settings import Resolved, Settings

FOLDER = Path("/project")


def jobs(*names: str) -> list[Job]:
    resolved = Resolved(Settings(), {}, {}, (), None)
    return [Job(FOLDER / name, FOLDER, resolved, False) for name in names]


def order(seconds: Mapping[str, float], libraries: Mapping[str, str], at_once: int) -> list[str]:
    by_file = {FOLDER / name: time for name, time in seconds.items()}
    ordered = in_order(
        jobs(*seconds), by_file, at_once, lambda job: frozenset([libraries[job.file.name]])
    )
    return [job.file.name for job in ordered]


def test_long_checks_come_first_then_groups_that_import_the_same() -> None:
    short = {f"s{number}": 1.0 for number in range(20)}
    seconds = {**short, "s3": 2.0, "t1": 1.0, "t2": 1.5, "long": 30.0}
    libraries = {name: "timm" if name.startswith("t") else "torch" for name in seconds}
    found = order(seconds, libraries, 2)
    assert found[:2] == ["long", "s3"]
    assert found[-2:] == ["t2", "t1"]
    assert sorted(found) == sorted(seconds)


def test_unknown_checks_take_as_long_as_the_others() -> None:
    a, b, c = jobs("a", "b", "c")
    known = {a.file: 2.0, b.file: 4.0}
    assert expected_seconds([a, b, c], known) == {**known, c.file: 3.0}
    assert expected_seconds([c], {}) == {c.file: 1.0}


def test_the_time_left_is_known_once_a_check_has_ended() -> None:
    files = [FOLDER / name for name in ("a", "b")]
    left = TimeLeft(dict.fromkeys(files, 3600.0), 1)
    left.start(files[0])
    assert left.text == ""
    left.end(files[0])
    assert left.text == "about 1 s left"
    left.end(files[1])
    assert left.text == ""


def test_imports_are_named_wherever_they_stand() -> None:
    text = "import a.b\ndef f():\n    from ..c import d\n    from . import e\n"
    assert imported_names(text, ("p", "q")) == {"a.b", "p.c", "p.c.d", "p.q", "p.q.e"}
    assert imported_names("import (", ()) == frozenset()


def test_imports_lead_from_file_to_file(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("import numpy\n")
    (package / "one.py").write_text("from . import two\nimport timm.layers\n")
    (package / "two.py").write_text("import package.one\n")
    (tmp_path / "other.py").write_text("import torch\n")
    (tmp_path / "main.py").write_text("import package.one\nimport torch\n")
    graph = ImportGraph(tmp_path)
    names = {file.name for file in graph.reached(tmp_path / "main.py")}
    assert names == {"main.py", "__init__.py", "one.py", "two.py"}
    assert graph.libraries(tmp_path / "main.py") == {"torch", "timm", "numpy"}


def test_resources_are_kept_for_each_folder(tmp_path: Path) -> None:
    file = FOLDER / "a.py"
    past = PastResources(tmp_path, FOLDER)
    assert past.of(file) is None
    past.note(file, Resources(1.5, 2**30))
    past.save()
    assert PastResources(tmp_path, FOLDER).of(file) == Resources(1.5, 2**30)
    assert PastResources(tmp_path, Path("/other")).of(file) is None
    for kept in tmp_path.iterdir():
        kept.write_bytes(b"damaged")
    assert PastResources(tmp_path, FOLDER).of(file) is None
