"""diffusers: denoisers and autoencoders."""

from __future__ import annotations

from tests.wild.case import Case, Library
from tests.wild.libraries.stacks import DEVELOPED

LATENT = "torch.randn(2, 4, 16, 16)"
STEP = "torch.tensor([3, 7])"
TEXT = "torch.randn(2, 6, 32)"

UNET = (
    "block_out_channels=(16, 32), layers_per_block=1, sample_size=16, norm_num_groups=8,"
    " attention_head_dim=8"
)
TRANSFORMER = "num_attention_heads=2, attention_head_dim=16, num_layers=1"

LIBRARY = Library(
    name="diffusers",
    module="diffusers",
    environment="diffusers",
    requirements=(*DEVELOPED, "transformers==5.24.*", "diffusers"),
    setup="import diffusers",
    cases=(
        Case(
            "UNet2DModel",
            f"diffusers.UNet2DModel(in_channels=4, out_channels=4, {UNET},"
            " down_block_types=('DownBlock2D', 'AttnDownBlock2D'),"
            " up_block_types=('AttnUpBlock2D', 'UpBlock2D')).eval()",
            kwargs={"sample": LATENT, "timestep": STEP},
        ),
        Case(
            "UNet2DConditionModel",
            f"diffusers.UNet2DConditionModel({UNET}, cross_attention_dim=32,"
            " down_block_types=('DownBlock2D', 'CrossAttnDownBlock2D'),"
            " up_block_types=('CrossAttnUpBlock2D', 'UpBlock2D')).eval()",
            kwargs={"sample": LATENT, "timestep": STEP, "encoder_hidden_states": TEXT},
        ),
        Case(
            "AutoencoderKL",
            "diffusers.AutoencoderKL(block_out_channels=(16, 32), norm_num_groups=8,"
            " down_block_types=('DownEncoderBlock2D',) * 2,"
            " up_block_types=('UpDecoderBlock2D',) * 2).eval()",
            kwargs={"sample": "torch.randn(2, 3, 32, 32)"},
        ),
        Case(
            "AutoencoderTiny",
            "diffusers.AutoencoderTiny(encoder_block_out_channels=(16, 16),"
            " decoder_block_out_channels=(16, 16), num_encoder_blocks=(1, 1),"
            " num_decoder_blocks=(1, 1)).eval()",
            kwargs={"sample": "torch.randn(2, 3, 32, 32)"},
        ),
        Case(
            "VQModel",
            "diffusers.VQModel(block_out_channels=(16, 32), norm_num_groups=8,"
            " down_block_types=('DownEncoderBlock2D',) * 2,"
            " up_block_types=('UpDecoderBlock2D',) * 2).eval()",
            kwargs={"sample": "torch.randn(2, 3, 32, 32)"},
        ),
        Case(
            "Transformer2DModel",
            f"diffusers.Transformer2DModel({TRANSFORMER}, in_channels=32, norm_num_groups=8,"
            " cross_attention_dim=32).eval()",
            kwargs={
                "hidden_states": "torch.randn(2, 32, 8, 8)",
                "encoder_hidden_states": TEXT,
            },
        ),
        Case(
            "DiTTransformer2DModel",
            f"diffusers.DiTTransformer2DModel({TRANSFORMER}, sample_size=16, norm_num_groups=8,"
            " num_embeds_ada_norm=10).eval()",
            kwargs={
                "hidden_states": LATENT,
                "timestep": STEP,
                "class_labels": "torch.tensor([1, 2])",
            },
        ),
        Case(
            "PixArtTransformer2DModel",
            f"diffusers.PixArtTransformer2DModel({TRANSFORMER}, sample_size=16,"
            " norm_num_groups=8, caption_channels=32, cross_attention_dim=32,"
            " use_additional_conditions=False).eval()",
            kwargs={
                "hidden_states": LATENT,
                "encoder_hidden_states": TEXT,
                "timestep": STEP,
            },
        ),
        Case(
            "SD3Transformer2DModel",
            f"diffusers.SD3Transformer2DModel({TRANSFORMER}, sample_size=16, in_channels=4,"
            " out_channels=4, joint_attention_dim=32, caption_projection_dim=32,"
            " pooled_projection_dim=32, pos_embed_max_size=16).eval()",
            kwargs={
                "hidden_states": LATENT,
                "encoder_hidden_states": TEXT,
                "pooled_projections": "torch.randn(2, 32)",
                "timestep": STEP,
            },
        ),
        Case(
            "ControlNetModel",
            "diffusers.ControlNetModel(block_out_channels=(16, 32), layers_per_block=1,"
            " norm_num_groups=8, attention_head_dim=8, cross_attention_dim=32,"
            " conditioning_embedding_out_channels=(8, 16),"
            " down_block_types=('DownBlock2D', 'CrossAttnDownBlock2D')).eval()",
            kwargs={
                "sample": LATENT,
                "timestep": STEP,
                "encoder_hidden_states": TEXT,
                "controlnet_cond": "torch.randn(2, 3, 32, 32)",
            },
        ),
        Case(
            "UNetMotionModel",
            "diffusers.UNetMotionModel(block_out_channels=(16, 32), layers_per_block=1,"
            " sample_size=16, norm_num_groups=8, cross_attention_dim=32,"
            " num_attention_heads=2, motion_num_attention_heads=2,"
            " down_block_types=('CrossAttnDownBlockMotion', 'DownBlockMotion'),"
            " up_block_types=('UpBlockMotion', 'CrossAttnUpBlockMotion')).eval()",
            kwargs={
                "sample": "torch.randn(2, 4, 4, 16, 16)",
                "timestep": STEP,
                "encoder_hidden_states": TEXT,
            },
        ),
    ),
)
