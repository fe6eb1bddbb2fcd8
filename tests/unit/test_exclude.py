"""The setting `exclude`: patterns as in .gitignore, matched in linear time."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pathspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from export_lsp.engine.selection import Selection
from export_lsp.settings import Settings, excluded, resolve

FOLDER = Path("/w/a")


@pytest.mark.parametrize(
    ("file", "patterns", "out"),
    [
        ("/w/a/.venv/lib/x.py", None, True),
        ("/w/a/lib/site-packages/torch/nn.py", None, True),
        ("/w/a/model.py", None, False),
        ("/w/a/old/model.py", ("old/",), True),
        ("/w/a/model_test.py", ("*_test.py",), True),
        ("/w/a/keep_test.py", ("*_test.py", "!keep_test.py"), False),
        ("/elsewhere/.venv/x.py", None, False),
        ("/w/a/old/keep.py", ("old/", "!keep.py"), True),
        ("/w/a/x/y/z.py", ("x/**/z.py",), True),
        ("/w/a/x/z.py", ("x/**/z.py",), True),
        ("/w/a/x/y.py", ("x/**",), True),
        ("/w/a/b/x/y.py", ("x/**",), False),
        ("/w/a/b/x/y.py", ("**/x/*.py",), True),
        ("/w/a/b/x.py", ("/x.py",), False),
        ("/w/a/[x].py", (r"\[x\].py",), True),
        ("/w/a/!x.py", (r"\!x.py",), True),
        ("/w/a/#x.py", ("#x.py",), False),
        ("/w/a/x1.py", ("x[!0].py",), True),
        ("/w/a/x0.py", ("x[^0].py",), False),
        ("/w/a/x.py", ("x.py  ",), True),
        ("/w/a/a b.py", ("a b.py",), True),
        ("/w/a/x.py", ("", "   ", "/"), False),
    ],
)
def test_exclude_works_like_gitignore(
    file: str, patterns: tuple[str, ...] | None, out: bool
) -> None:
    assert excluded(Path(file), FOLDER, patterns or Settings().exclude) is out


# Elsewhere than alone in a name, two stars are documented as one, and git does not always do that.
WORDS = st.text("ab*?.", min_size=1, max_size=4).filter(lambda word: "**" not in word)
SEGMENTS = WORDS | st.just("**")
PATTERNS = st.builds(
    lambda negated, parts, end: f"{negated}{'/'.join(parts)}{end}",
    st.sampled_from(["", "", "", "!"]),
    st.lists(SEGMENTS, min_size=1, max_size=4),
    st.sampled_from(["", "", "/"]),
)
NAMES = st.text("ab.", min_size=1, max_size=3).filter(lambda name: name not in (".", ".."))
PATHS = st.lists(NAMES, min_size=1, max_size=4)


@settings(deadline=None)
@given(PATTERNS, PATHS)
def test_one_pattern_matches_as_with_pathspec(pattern: str, parts: list[str]) -> None:
    assume(not pattern.endswith("**/"))  # files in the folders are excluded by pathspec alone
    path = "/".join(parts)
    expected = pathspec.GitIgnoreSpec.from_lines([pattern]).match_file(path)
    assert excluded(FOLDER / path, FOLDER, (pattern,)) is expected


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(PATTERNS, PATHS), min_size=40, max_size=40))
def test_patterns_match_as_with_git(
    tmp_path_factory: pytest.TempPathFactory, cases: list[tuple[str, list[str]]]
) -> None:
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", folder], check=True)
    patterns = tuple(pattern for pattern, _ in cases[:3])
    (folder / ".gitignore").write_text("".join(f"{each}\n" for each in patterns))
    paths = ["/".join(parts) for _, parts in cases]
    ignored = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin"],
        cwd=folder,
        input="\n".join(paths),
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\n")
    for path in paths:
        assert excluded(folder / path, folder, patterns) is (path in ignored), (patterns, path)


@pytest.mark.parametrize(
    "pattern",
    [
        "*a" * 200 + "b",
        "?*" * 200 + "b",
        "[ab]*" * 100 + "c",
        "/".join(["**", "a*a*a*a*a*a*a*b"] * 25),
        "**/" * 150 + "b",
        "a**" * 150 + "b",
    ],
)
def test_a_pattern_takes_linear_time(pattern: str) -> None:
    path = FOLDER / "/".join(["a" * 250] * 15)
    started = time.perf_counter()
    assert not excluded(path, FOLDER, (pattern,))
    assert time.perf_counter() - started < 2.0


@pytest.mark.parametrize("trusted", [True, False])
def test_patterns_of_a_folder_that_is_not_trusted_are_not_applied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    applied = []
    monkeypatch.setattr(
        "export_lsp.engine.selection.excluded",
        lambda file, folder, patterns: applied.append(patterns),
    )
    (tmp_path / "pyproject.toml").write_text("[tool.export-lsp]\nexclude = ['own']\n")
    (tmp_path / "model.py").write_text("import torch\n")
    resolved = resolve(tmp_path, options={})
    selection = Selection(tmp_path, lambda _: True, lambda: resolved, lambda: trusted)
    assert selection.includes(tmp_path / "model.py")
    assert applied == [("own",) if trusted else Settings().exclude]
