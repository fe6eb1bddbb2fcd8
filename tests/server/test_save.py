"""A save shows diagnostics, and a save of a fixed file clears them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.conftest import Join, Start
from tests.server.editor import ERROR, HINT, Editor, Shown
from tests.server.models import (
    CLEAN,
    CLEAN_LAYERS,
    GUARD,
    GUARD_TEXT,
    LAYERS,
    MODEL,
    UNICODE,
    UNICODE_TEXT,
    WAITING,
    WAITING_TEXT,
)

Write = Callable[[str, str], Path]
FOUND = [Shown("data-dependent-guard", GUARD_TEXT, ERROR)]


async def test_save_shows_and_fixing_clears(join: Join, write: Write) -> None:
    file = write("model.py", CLEAN)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    assert editor.shown(file) == []
    await editor.checked(lambda: editor.save(file, GUARD))
    assert editor.shown(file) == FOUND
    (diagnostic,) = editor.raw(file)
    assert diagnostic["source"] == "export-lsp"
    assert diagnostic["codeDescription"]["href"].startswith("https://")
    assert diagnostic["data"]["modes"] == ["non-strict", "strict"]
    assert diagnostic["data"]["targets"] == ["model.py::model"]
    (related, *_) = diagnostic["relatedInformation"]
    assert related["location"]["uri"] == file.as_uri()
    await editor.checked(lambda: editor.save(file, CLEAN))
    assert editor.shown(file) == []


async def test_saving_the_same_content_checks_nothing(join: Join, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    seen = len(editor.notifications)
    editor.save(file)
    # The check of another file starts after the save has been handled.
    other = write("other.py", CLEAN)
    await editor.checked(lambda: editor.open(other))
    checked = [p["message"] for m, p in editor.notifications[seen:] if m == "exportLsp/status"]
    assert all("model.py" not in message for message in checked)
    assert editor.shown(file) == FOUND
    await editor.command("exportLsp.check", file.as_uri())
    await editor.wait_until(lambda: "model.py" in editor.status["message"])
    await editor.idle()
    assert editor.shown(file) == FOUND


async def test_the_result_of_a_reverted_file_is_recalled(join: Join, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    await editor.checked(lambda: editor.save(file, GUARD.replace("== 0", "== 1")))
    assert editor.shown(file) == [Shown("data-dependent-guard", "picked.shape[0] == 1", ERROR)]
    recalled, seen = editor.recalled, len(editor.notifications)
    await editor.checked(lambda: editor.save(file, GUARD))
    assert editor.shown(file) == FOUND
    await editor.checked(lambda: editor.save(file, f"# a comment\n\n{GUARD}"))
    assert editor.shown(file) == FOUND
    assert editor.recalled == recalled + 2
    assert not any(p["busy"] for m, p in editor.notifications[seen:] if m == "exportLsp/status")
    fixes = await editor.request(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": file.as_uri()},
            "range": editor.raw(file)[0]["range"],
            "context": {"diagnostics": [], "only": ["quickfix"]},
        },
    )
    assert any(fix["title"].endswith("the export succeeds") for fix in fixes)


async def test_the_next_session_recalls_the_findings_of_the_last(
    start: Start, folder: Path, write: Write, environment: dict[str, str]
) -> None:
    file = write("model.py", GUARD)
    first = await start(folder, environment=environment)
    await first.checked(lambda: first.open(file))
    await first.stop()
    second = await start(folder, environment=environment)
    await second.checked(lambda: second.open(file))
    assert second.shown(file) == FOUND
    assert second.recalled == 1


async def test_the_newest_save_wins(join: Join, folder: Path, write: Write) -> None:
    """The run of the first text never ends by itself: it has to be killed."""
    gate = folder / "gate"
    file = write("model.py", WAITING.format(gate=gate))
    editor = await join()
    editor.open(file)
    await editor.wait_until(lambda: "capturing" in str(editor.progress()))
    for number in range(3):
        editor.save(file, WAITING.format(gate=gate) + f"# {number}\n")
    editor.save(file, GUARD)
    await editor.idle()
    assert editor.shown(file) == FOUND
    assert {
        tuple(item["code"] for item in params["diagnostics"]) for params in editor.published
    } <= {
        (),
        ("data-dependent-guard",),
    }


async def test_fifty_saves_in_one_burst(join: Join, write: Write) -> None:
    file = write("model.py", CLEAN)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    published = len(editor.published)
    for number in range(49):
        editor.save(file, f'print("loaded {number}")\n{GUARD}')
    editor.save(file, f'print("loaded")\n{CLEAN}')
    await editor.idle()
    assert editor.shown(file) == []
    assert sum(bool(each["diagnostics"]) for each in editor.published[published:]) <= 1


async def test_a_file_that_is_checked_out_while_it_is_open(join: Join, write: Write) -> None:
    """The editor reloads the file and sends a change of its text, not a save."""
    file = write("model.py", CLEAN)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    text = f"# of another branch\n{GUARD}"
    file.write_text(text)
    editor.change(file, text)
    await editor.checked(lambda: editor.watched(file, 2))
    assert editor.shown(file) == FOUND


async def test_edits_during_the_check_move_the_ranges(
    join: Join, folder: Path, write: Write
) -> None:
    gate = folder / "gate"
    text = WAITING.format(gate=gate)
    file = write("model.py", text)
    editor = await join(modes=["non-strict"])
    editor.open(file)
    await editor.wait_until(lambda: "capturing" in str(editor.progress()))
    edited = "# a comment\n" + text.replace("return x + 1", "return x + 2  # changed")
    editor.change(file, edited)
    gate.touch()
    await editor.idle()
    assert editor.shown(file) == [Shown("data-dependent-branch", WAITING_TEXT, ERROR)]
    assert editor.raw(file)[0]["range"]["start"]["line"] == 11


async def test_a_finding_whose_text_was_edited_away_is_dropped(
    join: Join, folder: Path, write: Write
) -> None:
    gate = folder / "gate"
    text = WAITING.format(gate=gate)
    file = write("model.py", text)
    editor = await join(modes=["non-strict"])
    editor.open(file)
    await editor.wait_until(lambda: "capturing" in str(editor.progress()))
    editor.change(file, text.replace(WAITING_TEXT, "x.shape[0] > 0"))
    gate.touch()
    await editor.idle()
    assert editor.shown(file) == []


async def test_findings_land_in_the_imported_file(join: Join, write: Write) -> None:
    layers, model = write("layers.py", LAYERS), write("model.py", MODEL)
    editor = await join()
    await editor.checked(lambda: editor.open(model))
    assert editor.shown(layers) == FOUND
    assert editor.shown(model) == []
    editor.open(layers)
    await editor.checked(lambda: editor.save(layers, CLEAN_LAYERS))
    await editor.wait_until(lambda: editor.shown(layers) == [])
    await editor.checked(lambda: editor.save(layers, "# above\n" + LAYERS))
    await editor.wait_until(lambda: editor.shown(layers) == FOUND)
    assert editor.raw(layers)[0]["range"]["start"]["line"] == 7


async def test_two_targets_at_one_place_make_one_diagnostic(join: Join, write: Write) -> None:
    layers = write("layers.py", LAYERS)
    first, second = write("first.py", MODEL), write("second.py", MODEL)
    editor = await join()
    editor.open(first)
    editor.open(second)
    await editor.wait_until(
        lambda: any(len(item["data"]["targets"]) == 2 for item in editor.raw(layers))
    )
    await editor.idle()
    (diagnostic,) = editor.raw(layers)
    assert sorted(diagnostic["data"]["targets"]) == ["first.py::model", "second.py::model"]
    fixed = MODEL.replace("Pick()", "torch.nn.Identity()").replace(
        "(torch.ones(4), torch", "(torch.ones(4),)  # (torch"
    )
    await editor.checked(lambda: editor.save(first, fixed))
    (diagnostic,) = editor.raw(layers)
    assert diagnostic["data"]["targets"] == ["second.py::model"]


@pytest.mark.parametrize(
    ("client", "encodings", "agreed"),
    [
        ("emacs-eglot-1.9", None, "utf-16"),
        ("neovim-0.11", None, "utf-8"),
        ("neovim-0.11", ["utf-32"], "utf-32"),
        ("vim-ale-3.3", None, "utf-16"),
    ],
)
async def test_other_clients(
    start: Start, write: Write, client: str, encodings: list[str] | None, agreed: str
) -> None:
    """Columns count the client's code units, and unsupported parts are left out."""
    file = write("model.py", UNICODE)
    editor = await start(client=client, encodings=encodings)
    assert editor.server_capabilities["positionEncoding"] == agreed
    await editor.checked(lambda: editor.open(file))
    assert UNICODE_TEXT in [shown.text for shown in editor.shown(file)]
    diagnostic = editor.raw(file)[0]
    assert ("relatedInformation" in diagnostic) == (client != "emacs-eglot-1.9")
    assert "codeDescription" not in diagnostic
    assert ("data" in diagnostic) == (client == "neovim-0.11")
    asked = {method for method, _ in editor.requests}
    assert ("workspace/configuration" in asked) == (client != "vim-ale-3.3")
    assert ("client/registerCapability" in asked) == (client == "emacs-eglot-1.9")
    assert (editor.progress() == []) == (client != "neovim-0.11")


async def test_a_file_without_target_gets_a_hint_until_another_uses_it(
    join: Join, write: Write
) -> None:
    layers, model = write("layers.py", LAYERS), write("model.py", MODEL)
    editor = await join()
    await editor.checked(lambda: editor.open(layers))
    (hint,) = editor.shown(layers)
    assert (hint.code, hint.severity) == ("no-target", HINT)
    await editor.checked(lambda: editor.open(model))
    assert editor.shown(layers) == FOUND


async def test_a_file_without_torch_starts_no_run(join: Join, write: Write) -> None:
    plain, model = write("plain.py", "import os\n\nprint(os.name)\n"), write("model.py", CLEAN)
    editor = await join()
    editor.open(plain)
    editor.save(plain)
    await editor.checked(lambda: editor.open(model))
    busy = [p["message"] for m, p in editor.notifications if m == "exportLsp/status" and p["busy"]]
    assert busy
    assert all("plain.py" not in message for message in busy)
    await editor.command("exportLsp.check", plain.as_uri())
    (message,) = await editor.wait_until(editor.messages)
    assert message == "export-lsp: plain.py is not checked: it is excluded or has no target."


async def closed_and_opened(editor: Editor, file: Path) -> None:
    editor.close(file)
    await editor.wait_until(lambda: editor.raw(file) == [])
    editor.open(file)


async def test_closing_clears_and_opening_shows_again(join: Join, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    await closed_and_opened(editor, file)
    await editor.wait_until(lambda: editor.shown(file) == FOUND)


async def test_closing_another_file_does_not_end_a_requested_check(
    join: Join, folder: Path, write: Write
) -> None:
    gate = folder / "gate"
    unopened, other = write("model.py", WAITING.format(gate=gate)), write("other.py", CLEAN)
    editor = await join(modes=["non-strict"])
    await editor.command("exportLsp.check", unopened.as_uri())
    await editor.wait_until(lambda: "capturing" in str(editor.progress()))
    editor.open(other)
    editor.close(other)
    gate.touch()
    await editor.wait_until(lambda: editor.raw(unopened))


async def test_a_finding_stays_while_its_file_is_open(join: Join, write: Write) -> None:
    """A preview tab closes the model when the user goes to the definition of its layer."""
    layers, model = write("layers.py", LAYERS), write("model.py", MODEL)
    editor = await join()
    await editor.checked(lambda: editor.open(model))
    editor.open(layers)
    editor.close(model)
    await editor.checked(lambda: editor.save(layers, "# above\n" + LAYERS))
    assert editor.shown(layers) == FOUND
    await editor.checked(lambda: editor.save(layers, CLEAN_LAYERS))
    await editor.wait_until(lambda: editor.shown(layers) == [])


async def test_a_deleted_file_is_cleared(join: Join, write: Write) -> None:
    layers, model = write("layers.py", LAYERS), write("model.py", MODEL)
    editor = await join()
    await editor.checked(lambda: editor.open(model))
    assert editor.shown(layers) == FOUND
    model.unlink()
    editor.watched(model, 3)
    await editor.wait_until(lambda: editor.raw(layers) == [])


async def test_changes_outside_the_editor(join: Join, write: Write) -> None:
    layers, model = write("layers.py", LAYERS), write("model.py", MODEL)
    editor = await join()
    await editor.checked(lambda: editor.open(model))
    assert editor.shown(layers) == FOUND
    layers.write_text(CLEAN_LAYERS)
    await editor.checked(lambda: editor.watched(layers, 2))
    assert editor.shown(layers) == []
    layers.unlink()
    await editor.checked(lambda: editor.watched(layers, 3))
    (missing,) = editor.shown(model)
    assert missing.code == "load-error"
    layers.write_text(LAYERS)
    await editor.checked(lambda: editor.watched(layers, 1))
    assert (editor.shown(model), editor.shown(layers)) == ([], FOUND)
