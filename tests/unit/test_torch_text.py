"""torch's texts in the user's own names."""

from __future__ import annotations

import pytest

from export_lsp.worker.text.public_names import public_names
from export_lsp.worker.text.torch_text import first_sentence, one_line, readable


@pytest.mark.parametrize(
    ("internal", "public"),
    [
        ("torch._VariableFunctionsClass.sparse_coo_tensor", "torch.sparse_coo_tensor"),
        ("torch._C._VariableFunctions.bincount", "torch.bincount"),
        ("torch._C._nn.linear", "torch.nn.functional.linear"),
        ("torch._C._linalg.linalg_svd", "torch.linalg.svd"),
        ("torch._C._fft.fft_rfft", "torch.fft.rfft"),
        ("torch._C._sparse._sparse_sum", "torch.sparse.sum"),
        ("torch._C.TensorBase.resize_", "torch.Tensor.resize_"),
        ("torch._C.Generator", "torch.Generator"),
        ("torch._tensor.Tensor.backward", "torch.Tensor.backward"),
        ("torch.functional.einsum", "torch.einsum"),
        ("torch.nn.modules.container.ParameterDict", "torch.nn.ParameterDict"),
        ("posix.getpid", "os.getpid"),
        ("_thread.get_ident", "threading.get_ident"),
        ("_hashlib.openssl_md5", "hashlib.md5"),
        ("_pickle.dumps", "pickle.dumps"),
        ("builtins.open", "open"),
        ("<unknown module>.dict.copy", "dict.copy"),
        ("self._json.load and mine._io.read", "self._json.load and mine._io.read"),
        ("_own.module", "_own.module"),
    ],
)
def test_public_names(internal: str, public: str) -> None:
    assert public_names(internal) == public


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("invalid syntax (<unknown>, line 1)", "invalid syntax"),
        ("'L__self___layers_0_weight'", "'a parameter or buffer of the model'"),
        ("u <= 9223372036854775807", "u <= 2**63 - 1"),
        ("u < 1152921504606846976", "u < 2**60"),
        ("id 1234567890123456789", "id 1234567890123456789"),
        ("at <function f at 0x7f12>", "at `f`"),
    ],
)
def test_internals_are_replaced(text: str, words: str) -> None:
    assert readable(text) == words


def test_a_sentence_that_asks_for_a_report_is_left_out() -> None:
    text = "It is not so. (Could this error message be improved? If so, please report an issue.)"
    assert one_line(text) == "It is not so."
    assert first_sentence("It is not so. (Perhaps it is.)") == "It is not so"
