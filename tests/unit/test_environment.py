"""Search paths in the environments of hosts and of runs."""

from __future__ import annotations

import pytest

from export_lsp.engine.environment import in_environment, neutral_environment
from export_lsp.protocol import Check

CHECK = Check(0, "/work", "/work/model.py", extra_paths=("/set",), environment={"A": "1"})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/a:/b", "/a:/b"),
        (":/a", "/a"),
        ("/a:", "/a"),
        ("/a::/b", "/a:/b"),
        (".:/a:lib:../x", "/a"),
        ("", None),
        ("lib", None),
        ("~/lib:/a", "/a"),
    ],
)
@pytest.mark.parametrize("name", ["PATH", "PYTHONPATH"])
def test_hosts_have_the_absolute_entries(name: str, given: str, kept: str | None) -> None:
    neutral = neutral_environment({name: given, "OTHER": ":."})
    assert neutral == {"OTHER": ":."} | ({name: kept} if kept is not None else {})


def test_a_run_looks_relative_entries_up_in_its_folder() -> None:
    environment = {"PYTHONPATH": ":/a:lib:../x", "PATH": ".:/bin"}
    check = in_environment(CHECK, environment)
    assert check.extra_paths == ("/set", "/work", "/work/lib", "/x")
    assert check.environment == {**environment, "A": "1"}


def test_the_settings_override_the_environment() -> None:
    check = in_environment(Check(0, "/w", "/w/m.py", environment={"PATH": "/s"}), {"PATH": ".:/b"})
    assert check.environment == {"PATH": "/s"}


@pytest.mark.parametrize(
    "environment", [{}, {"PATH": "/bin", "PYTHONPATH": "/a"}, {"PYTHONPATH": ""}]
)
def test_a_run_is_unchanged_without_relative_entries(environment: dict[str, str]) -> None:
    check = in_environment(CHECK, environment)
    assert check.extra_paths == CHECK.extra_paths
    assert check.environment.keys() <= {"A", "PYTHONPATH"}
