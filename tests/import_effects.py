"""Files whose statements before an import may change what the imported library does."""

from __future__ import annotations

from pathlib import Path

# Statements before an import, and an expression by which a library may tell that they have run.
EFFECTS = {
    "default dtype": ("torch.set_default_dtype(torch.float64)", "torch.ones(1).dtype"),
    "default device": ("torch.set_default_device('meta')", "torch.ones(1).device"),
    "stub": ("sys.modules['stubbed'] = 1", "sys.modules.get('stubbed')"),
    "warnings": ("warnings.filterwarnings('error')", "warnings.filters[0][0]"),
    "environment": ("os.environ['MODE'] = '1'", "os.environ.get('MODE')"),
    "backend": ("torch.backends.cudnn.enabled = False", "torch.backends.cudnn.enabled"),
    "search path": ("sys.path.append('/nowhere')", "'/nowhere' in sys.path"),
    "search path in place": ("sys.path += ['/nowhere']", "'/nowhere' in sys.path"),
    "seed": ("torch.manual_seed(7)", "torch.rand(1)"),
    "grad mode": ("torch.set_grad_enabled(False)", "torch.is_grad_enabled()"),
    "another library": ("import csv; csv.mode = 3", "vars(__import__('csv')).get('mode')"),
    "in a block": ("if True:\n    torch.manual_seed(7)", "torch.rand(1)"),
    "in a local module": ("import local_effect", "torch.ones(1).dtype"),
    "in a class": ("class A:\n    torch.manual_seed(7)", "torch.rand(1)"),
    "in a function": ("def f():\n    torch.manual_seed(7)\nf()", "torch.rand(1)"),
    "in a decorator": ("@lambda f: torch.manual_seed(7)\ndef f(): ...", "torch.rand(1)"),
    "in a default": ("def f(x=torch.manual_seed(7)): ...", "torch.rand(1)"),
    "in a failed import": ("try: import failing\nexcept ValueError: pass", "torch.ones(1).dtype"),
    "none": ("number = 3", "torch.rand(1)"),
    "file": ("", "(sys.argv, sys.modules['__main__'].__file__, os.getcwd(), sys.path[:3])"),
    "threads": ("", "os.environ.get('OMP_NUM_THREADS'), os.environ.get('MKL_NUM_THREADS')"),
}

# The text of a module that has an effect.
SETTING = "import torch\ntorch.set_default_dtype(torch.float64)\n"

_LIBRARY = """\
import os, sys, warnings, torch
told = {asked}, torch.rand(1)
"""
# Its one finding says what the library was told, and what random numbers come next.
_FILE = """\
import os, sys, warnings, torch
{statement}
import library
raise ValueError(library.told, torch.rand(1))
model = None
example_args = ()
"""


def write_project(effect: str, root: Path) -> tuple[Path, tuple[str, ...]]:
    """Write a file and the modules that it imports; return the file and its `extra_paths`."""
    statement, asked = EFFECTS[effect]
    workspace, installed = root / "workspace", root / "installed"
    workspace.mkdir(parents=True)
    installed.mkdir()
    (installed / "library.py").write_text(_LIBRARY.format(asked=asked))
    (installed / "failing.py").write_text(f"{SETTING}raise ValueError\n")
    (workspace / "local_effect.py").write_text(SETTING)
    file = workspace / "model.py"
    file.write_text(_FILE.format(statement=statement))
    return file, (str(installed),)
