"""Checks all files of the workspace that declare a target, and sums up."""

from __future__ import annotations

import asyncio

from lsprotocol import types

from export_lsp.server.editor.verdicts import VerdictNews
from export_lsp.server.features.verdicts import declaring_files, summary_sentence
from export_lsp.server.view import View


async def check_workspace(view: View, verdicts: VerdictNews) -> None:
    """Check the files whose results do not stand, wait for all of them, and show the sentence.

    The user is asked for trust in a folder that is not trusted, and its files are left out.
    """
    paths = [folder.path for folder in view.folders]
    waiting = []
    for folder in view.folders:
        files = await asyncio.to_thread(declaring_files, folder, paths)
        if files and not folder.trust.granted:
            folder.check_now(files[0])  # asks for trust
            continue
        for file in files:
            folder.check_known(file)
            waiting.append((folder, file))
        await folder.schedule.decided()
    while any(folder.is_checking(file) for folder, file in waiting):
        await verdicts.news()
    view.client.show(types.MessageType.Info, await summary_sentence(view))
