"""Editors for the tests.  None may leave a process, a logged error or an unclaimed message."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest
import pytest_asyncio

from tests.conftest import clean_environment
from tests.server.editor import Editor, gone


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all tests here on one event loop, as some share an editor."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


class Start(Protocol):
    """Starts an editor and its server, on a trusted folder with an interpreter that has torch."""

    def __call__(
        self,
        *folders: Path,
        client: str = "vscode-1.139",
        encodings: list[str] | None = None,
        environment: dict[str, str] | None = None,
        no_folder: bool = False,
        server: Sequence[str] | None = None,
        toasts: bool = False,
        graphs: bool = False,
        **options: Any,
    ) -> Awaitable[Editor]: ...


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a workspace folder."""
    path = tmp_path / "workspace"
    path.mkdir()
    return path


@pytest.fixture
def write(folder: Path) -> Callable[[str, str], Path]:
    """Return a function that writes a file into the folder."""

    def write_file(name: str, text: str) -> Path:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return write_file


def check_silence(editor: Editor) -> None:
    """Fail on a pop-up or an error that no test has claimed."""
    assert editor.unclaimed() == [], editor.story()
    assert editor.logged_errors() == [], editor.stderr.decode()


@pytest_asyncio.fixture(loop_scope="session")
async def start(
    folder: Path, torch_python: Path, environment: dict[str, str]
) -> AsyncIterator[Start]:
    editors: list[Editor] = []

    async def start_editor(
        *folders: Path,
        client: str = "vscode-1.139",
        encodings: list[str] | None = None,
        environment: dict[str, str] | None = environment,
        no_folder: bool = False,
        server: Sequence[str] | None = None,
        toasts: bool = False,
        graphs: bool = False,
        **options: Any,
    ) -> Editor:
        editor = Editor(client, environment or {})
        editor.server = server or editor.server
        editor.toasts, editor.graphs = toasts, graphs
        editors.append(editor)
        defaults = {"trusted": True, "interpreter": str(torch_python)}
        given = {key: value for key, value in {**defaults, **options}.items() if value is not None}
        await editor.start([] if no_folder else folders or [folder], given, encodings=encodings)
        return editor

    yield start_editor
    for editor in editors:
        try:
            if editor.process.returncode is None:
                assert await editor.stop() == 0
            await gone(editor.marked_processes)
        finally:
            editor.kill_marked()
        check_silence(editor)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_editor(
    tmp_path_factory: pytest.TempPathFactory, torch_python: Path
) -> AsyncIterator[Editor]:
    """VS Code with a server whose worker host is warm; each test joins it with a folder."""
    base = tmp_path_factory.mktemp("shared")
    (base / "workspace").mkdir()
    editor = Editor("vscode-1.139", clean_environment(base / "home"))
    options = {"trusted": True, "interpreter": str(torch_python)}
    await editor.start([base / "workspace"], options)
    yield editor
    try:
        assert await editor.stop() == 0
        await gone(editor.marked_processes)
    finally:
        editor.kill_marked()


class Join(Protocol):
    """Adds the test's folder to the shared editor, with options."""

    def __call__(self, **options: Any) -> Awaitable[Editor]: ...


@pytest_asyncio.fixture(loop_scope="session")
async def join(shared_editor: Editor, folder: Path) -> AsyncIterator[Join]:
    async def join_editor(**options: Any) -> Editor:
        await shared_editor.join(folder, options)
        return shared_editor

    shared_editor.forget()
    yield join_editor
    await shared_editor.leave(folder)
    check_silence(shared_editor)
