"""vit-pytorch: variations of the vision transformer."""

from __future__ import annotations

from tests.wild.case import Case, Library, small
from tests.wild.libraries.stacks import VISION

IMAGE = "torch.randn(2, 3, 64, 64)"
USUAL = "image_size=64, patch_size=16, num_classes=10, dim=32, depth=2, heads=2, mlp_dim=64"

# Class by the module it is in, and what it is built with.
VARIANTS = {
    "vit.ViT": USUAL,
    "simple_vit.SimpleViT": USUAL,
    "deepvit.DeepViT": USUAL,
    "vit_with_patch_dropout.ViT": f"{USUAL}, patch_dropout=0.25",
    "vit_for_small_dataset.ViT": USUAL,
    "simple_vit_with_register_tokens.SimpleViT": USUAL,
    "simple_vit_with_qk_norm.SimpleViT": USUAL,
    "simple_vit_with_patch_dropout.SimpleViT": f"{USUAL}, patch_dropout=0.5",
    "parallel_vit.ViT": USUAL,
    "look_vit.LookViT": "dim=32, image_size=64, num_classes=10, depth=2, patch_size=16, heads=2,"
    " mlp_factor=2, dim_head=16, highres_patch_size=8, highres_mlp_factor=2,"
    " cross_attn_heads=2, cross_attn_dim_head=16, patch_conv_kernel_size=7",
    "cait.CaiT": f"{USUAL}, cls_depth=1, layer_dropout=0.05",
    "t2t.T2TViT": "dim=32, image_size=64, depth=2, heads=2, mlp_dim=64, num_classes=10,"
    " t2t_layers=((7, 4), (3, 2))",
    "cct.CCT": "img_size=(64, 64), embedding_dim=32, n_conv_layers=1, num_layers=2, num_heads=2,"
    " mlp_ratio=2.0, num_classes=10",
    "pit.PiT": "image_size=64, patch_size=16, dim=32, num_classes=10, depth=(1, 1), heads=2,"
    " mlp_dim=64",
    "levit.LeViT": "image_size=64, num_classes=10, stages=2, dim=(32, 64), depth=1, heads=(2, 4),"
    " mlp_mult=2",
    "cvt.CvT": "num_classes=10",
    "twins_svt.TwinsSVT": "num_classes=10, s1_emb_dim=16, s1_patch_size=4, s1_local_patch_size=4,"
    " s1_global_k=4, s1_depth=1, s2_emb_dim=32, s2_patch_size=2, s2_local_patch_size=4,"
    " s2_global_k=4, s2_depth=1, s3_emb_dim=32, s3_patch_size=2, s3_local_patch_size=2,"
    " s3_global_k=2, s3_depth=1, s4_emb_dim=32, s4_patch_size=2, s4_local_patch_size=1,"
    " s4_global_k=1, s4_depth=1",
    "mobile_vit.MobileViT": "image_size=(64, 64), dims=[32, 32, 32],"
    " channels=[16, 16, 16, 16, 32, 32, 32, 32, 32, 32, 64], num_classes=10",
    "max_vit.MaxViT": "num_classes=10, dim_conv_stem=16, dim=16, dim_head=8, depth=(1, 1),"
    " window_size=4",
    "nest.NesT": "image_size=64, patch_size=8, dim=32, heads=2, num_hierarchies=2,"
    " block_repeats=(1, 1), num_classes=10",
    "xcit.XCiT": "image_size=64, patch_size=16, num_classes=10, dim=32, depth=1, cls_depth=1,"
    " heads=2, mlp_dim=64, local_patch_kernel_size=3",
    "sep_vit.SepViT": "num_classes=10, dim=16, dim_head=8, heads=(1, 2), depth=(1, 1),"
    " window_size=4",
    "crossformer.CrossFormer": "num_classes=10, dim=(16, 32, 32, 64), depth=(1, 1, 1, 1),"
    " global_window_size=(4, 2, 2, 1), local_window_size=2",
    "regionvit.RegionViT": "dim=(16, 32, 32, 64), depth=(1, 1, 1, 1), window_size=2,"
    " num_classes=10",
    "scalable_vit.ScalableViT": "num_classes=10, dim=16, heads=(2, 2, 2, 2), depth=(1, 1, 1, 1),"
    " ssa_dim_key=(8, 8, 8, 8), reduction_factor=(8, 4, 2, 1), window_size=(2, 2, None, None)",
}


def _case(path: str, options: str) -> Case:
    module, name = path.split(".")
    return small(
        f"{module} {name}",
        f"{name}({options}).eval()",
        IMAGE,
        setup=f"from vit_pytorch.{module} import {name}",
    )


LIBRARY = Library(
    name="vit-pytorch",
    module="vit_pytorch",
    environment="vision",
    requirements=(*VISION, "vit-pytorch"),
    setup="",
    cases=tuple(_case(path, options) for path, options in VARIANTS.items()),
)
