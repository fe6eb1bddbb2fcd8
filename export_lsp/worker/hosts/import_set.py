"""A set of imported modules, and how to notice that importing them again gives something else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from export_lsp.protocol import Check
from export_lsp.worker.user_code.packages import module_parts, package_folders, project_roots

# Fewer modules are imported faster than a library host for them is forked.
FEWEST_MODULES = 20


@dataclass(frozen=True)
class ImportSet:
    """Modules with their files, and the search paths and environment that decide on these.

    `paths` are the entries of ``sys.path`` that the check adds; `modules` are in the order in which
    they were imported.
    """

    paths: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    modules: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, check: Check, modules: Mapping[str, str]) -> ImportSet:
        root, _ = module_parts(check.file)
        paths = (root, *check.extra_paths, *project_roots(check.file, check.folder))
        return cls(paths, tuple(check.environment.items()), tuple(modules.items()))

    def fits(self, check: Check) -> bool:
        """Return whether the modules are searched for in the same way in a check."""
        return ImportSet.of(check, dict(self.modules)) == self

    def stamps(self) -> list[float | None]:
        """Return file times that change when an import may give something else.

        They are those of the folders that packages are installed into, of the modules outside
        these, and of files in the search paths that have a module's name (None where there is no
        such file).
        """
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
