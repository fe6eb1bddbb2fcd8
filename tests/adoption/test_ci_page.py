"""The examples of `docs/ci.md` name what there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import export_lsp

yaml: Any = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "export_lsp" / "docs" / "ci.md").read_text("utf-8")
EXAMPLES = [
    yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)
]
RELEASE = f"v{export_lsp.__version__}"


def loaded(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text("utf-8"))


def test_the_workflow_uses_the_action_with_its_inputs() -> None:
    [step] = [each for each in EXAMPLES[0]["jobs"]["export"]["steps"] if "export-lsp" in str(each)]
    path, _, version = step["uses"].removeprefix("export-lsp/export-lsp/").partition("@")
    inputs = loaded(f"{path}/action.yml")["inputs"]
    assert version == RELEASE
    assert step["with"].keys() <= inputs.keys()
    table = re.findall(r"^\| `([\w-]+)` \|", PAGE.partition("## GitLab")[0], re.M)
    assert table == list(inputs)


def test_the_job_of_gitlab_writes_the_reports_that_it_names() -> None:
    job = EXAMPLES[1]["export"]
    written = dict(re.findall(r"--report (\w+)=(\S+)", job["script"][-1]))
    assert {
        name: key
        for name, file in written.items()
        for key, named in job["artifacts"]["reports"].items()
        if file == named
    } == {"gitlab": "codequality", "junit": "junit"}


def test_the_hook_has_the_name_and_the_options_of_the_page() -> None:
    [example] = EXAMPLES[2]["repos"]
    [hook] = loaded(".pre-commit-hooks.yaml")
    assert example["hooks"] == [{"id": hook["id"]}]
    assert example["rev"] == RELEASE
    assert f"`[{', '.join(hook['args'])}]`" in PAGE
    assert hook["entry"] == "export-lsp check"
