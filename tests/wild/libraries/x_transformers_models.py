"""x-transformers: decoders and encoders with the options of many papers."""

from __future__ import annotations

from tests.wild.case import Case, Library, small
from tests.wild.libraries.stacks import DEVELOPED

OPTIONS = {
    "plain": "",
    "rotary": "rotary_pos_emb=True",
    "rmsnorm": "use_rmsnorm=True",
    "glu": "ff_glu=True",
    "alibi": "alibi_pos_bias=True, alibi_num_heads=1",
    "relative": "rel_pos_bias=True",
    "dynamic position": "dynamic_pos_bias=True, dynamic_pos_bias_log_distance=False",
    "qk norm": "attn_qk_norm=True",
    "talking heads": "attn_pre_talking_heads=True",
    "sandwich": "sandwich_coef=1",
    "macaron": "macaron=True",
    "one kv head": "attn_one_kv_head=True",
    "memory": "attn_num_mem_kv=4",
    "flash": "attn_flash=True",
    "sparse topk": "attn_sparse_topk=4",
    "shift tokens": "shift_tokens=1",
    "gate residual": "gate_residual=True",
    "xpos": "rotary_xpos=True",
}


def _case(name: str, options: str, layers: str) -> Case:
    more = f", {options}" if options else ""
    return small(
        f"{layers} {name}",
        "TransformerWrapper(num_tokens=50, max_seq_len=16, attn_layers="
        f"{layers}(dim=32, depth=2, heads=2, attn_dim_head=16{more})).eval()",
        "torch.randint(0, 50, (2, 12))",
    )


LIBRARY = Library(
    name="x-transformers",
    module="x_transformers",
    environment="x-transformers",
    requirements=(*DEVELOPED, "x-transformers"),
    setup="from x_transformers import Decoder, Encoder, TransformerWrapper",
    cases=(
        *tuple(_case(name, options, "Decoder") for name, options in OPTIONS.items()),
        _case("plain", "", "Encoder"),
        _case("rotary", "rotary_pos_emb=True", "Encoder"),
    ),
)
