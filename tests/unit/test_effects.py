"""Statements that may change what a later import does."""

from __future__ import annotations

import pytest

from export_lsp.worker.user_code.effects import beginning_of_text

PLAIN = [
    "from __future__ import annotations",
    '"""A docstring."""',
    "import torch, os.path as path",
    "number, (name, other) = 1, ('a', [2, {3: 4}])",
    "width: int = 2 * number + -1",
    "log = logging.getLogger(__name__)",
    "T = TypeVar('T')",
    "if TYPE_CHECKING:\n    import a\nelse:\n    import b",
    "if sys.version_info >= (3, 11):\n    import a",
    "try:\n    import a\nexcept ImportError:\n    a = None",
    "if __name__ == '__main__':\n    main()",
    "def f(x: int = 3, *, y=None) -> Optional[int]:\n    torch.manual_seed(0)",
    "@torch.no_grad()\ndef f(): ...",
    "@functools.lru_cache(maxsize=None)\ndef f(): ...",
    "class A(nn.Module):\n    size: int = 3\n    def __init__(self): super().__init__()",
    "class A:\n    @property\n    def x(self): ...\n    @x.setter\n    def x(self, y): ...",
    "class A:\n    ...\nclass B(A): ...",
    "@dataclass(frozen=True)\nclass A:\n    parts: list = field(default_factory=list)",
    "class Kind(Enum):\n    A = 'a'",
    "class A(Generic[T]): ...",
    "pick = lambda x: torch.manual_seed(x)",
]

EFFECTS = [
    "torch.set_default_dtype(torch.float64)",
    "sys.modules['x'] = stub",
    "os.environ['A'] = '1'",
    "torch.backends.cudnn.enabled = False",
    "a.b: int = 3",
    "sys.path += ['x']",
    "paths = sys.path; paths += ['x']",
    "del sys.modules['json']",
    "with warnings.catch_warnings():\n    import a",
    "for name in names:\n    import a",
    "assert check()",
    "x = [torch.manual_seed(n) for n in range(3)]",
    "x = f'{torch.manual_seed(0)}'",
    "(x := torch.manual_seed(0))",
    "x = torch.rand(3)",
    "if torch.cuda.is_available():\n    import a",
    "if True:\n    torch.manual_seed(0)",
    "try:\n    import a\nexcept ImportError:\n    torch.manual_seed(0)",
    "def f(x=torch.manual_seed(0)): ...",
    "def f(x: torch.manual_seed(0)): ...",
    "@library.register\ndef f(): ...",
    "@library.register('name')\nclass A: ...",
    "class A(library.Base): ...",
    "class A(metaclass=Registering): ...",
    "class A(make_base()): ...",
    "class A:\n    torch.manual_seed(0)",
    "class A:\n    def __init_subclass__(cls): registry.append(cls)",
    "class A:\n    @library.register\n    def f(self): ...",
]


@pytest.mark.parametrize("text", PLAIN)
def test_a_definition_has_no_effect(text: str) -> None:
    beginning = beginning_of_text(f"{text}\n")
    assert beginning is not None
    assert beginning.effect is None


@pytest.mark.parametrize("text", EFFECTS)
def test_an_effect_ends_the_beginning(text: str) -> None:
    beginning = beginning_of_text(f"import a\n{text}\nimport b\n")
    assert beginning is not None
    assert beginning.effect in (2, 3, 5)
    assert "import a" in beginning.statements
    assert "import b" not in beginning.statements


def test_the_line_of_an_effect_is_that_of_its_decorator() -> None:
    beginning = beginning_of_text("import a\n@library.register\n\nclass A: ...\n")
    assert beginning is not None
    assert beginning.effect == 2


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("import a\nf()\n", "import a\ng()\nimport b\n", True),
        ("import a\nimport b\n", "import a\nf()\nimport b\n", False),
        ("import a\nimport b\n", "import b\nimport a\n", False),
        ("import a\n", "import a\nf()\n", False),
        ("if A:\n    import a\n", "if B:\n    import a\n", False),
        ("class A(nn.Module): ...\n", "class A(nn.Linear): ...\n", False),
        ("import a\ndef f(): return 1\n", "import a\ndef f(): return 2\n", True),
        ("import a\n", "import a  # a comment\n\nnumber = 3\n", True),
    ],
)
def test_what_decides_on_imports(old: str, new: str, same: bool) -> None:
    one, other = beginning_of_text(old), beginning_of_text(new)
    assert one is not None
    assert other is not None
    assert (one.statements == other.statements) is same


def test_a_text_that_does_not_parse_has_no_beginning() -> None:
    assert beginning_of_text("import (") is None
