"""What a host within a host has imported, and what tells whether that still holds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from export_lsp.protocol import Check
from export_lsp.worker.user_code.packages import module_parts, package_folders, project_roots


@dataclass(frozen=True)
class Recipe:
    """What is imported, and the surroundings that decide where it comes from."""

    paths: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    modules: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, check: Check, modules: Mapping[str, str]) -> Recipe:
        root, _ = module_parts(check.file)
        paths = (root, *check.extra_paths, *project_roots(check.file, check.folder))
        return cls(paths, tuple(check.environment.items()), tuple(modules.items()))

    def fits(self, check: Check) -> bool:
        """Whether a check has these surroundings."""
        other = Recipe.of(check, dict(self.modules))
        return other == self

    def stamps(self) -> list[float | None]:
        """What changes when the environment does: the times of the folders that packages are
        installed into, of modules elsewhere, and whether the user has files of the same names."""
        packages = package_folders()
        elsewhere = [file for _, file in self.modules if not file.startswith(packages)]
        tops = {name.partition(".")[0] for name, _ in self.modules}
        shadows = [
            os.path.join(path, f"{top}{end}")
            for path in self.paths
            for top in tops
            for end in ("", ".py")
        ]
        return [_time(path) for path in (*packages, *elsewhere, *shadows)]


def _time(path: str) -> float | None:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return None
