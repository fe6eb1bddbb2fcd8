"""timm: image classification backbones."""

from __future__ import annotations

from tests.wild.case import Library, small
from tests.wild.libraries.stacks import VISION

# By the size of image that a model takes.
BY_SIZE = {
    64: (
        "resnet18 resnet26d resnetv2_50 resnext50_32x4d seresnet18 skresnet18 ecaresnet26t"
        " res2net50_26w_4s resnest14d regnetx_002 regnety_002 regnetv_040 densenet121"
        " mobilenetv2_050 mobilenetv3_small_050 mobilenetv4_conv_small efficientnet_b0"
        " efficientnet_lite0 tf_efficientnetv2_b0 tinynet_e mnasnet_small fbnetc_100 ghostnet_050"
        " ghostnetv2_100 lcnet_035 hardcorenas_a mixnet_s spnasnet_100 semnasnet_075 rexnet_100"
        " repvgg_a0 mobileone_s0 fastvit_t8 convnext_atto convnextv2_atto poolformer_s12"
        " poolformerv2_s12 caformer_s18 dla34 dla46_c dpn48b cspresnet50 cspdarknet53 darknet53"
        " vovnet39a ese_vovnet19b_dw hrnet_w18_small selecsls42b nf_resnet26 nfnet_l0 eca_nfnet_l0"
        " edgenext_xx_small inception_v4 xception41 vgg11 hgnet_tiny hgnetv2_b0 starnet_s1"
        " repghostnet_050 inception_next_atto tresnet_m gernet_s"
    ),
    224: (
        "vit_tiny_patch16_224 deit_tiny_patch16_224 deit3_small_patch16_224 cait_xxs24_224"
        " xcit_nano_12_p16_224 pit_ti_224 levit_128s swin_tiny_patch4_window7_224"
        " twins_svt_small visformer_tiny convit_tiny crossvit_tiny_240 mixer_s16_224"
        " gmlp_ti16_224 resmlp_12_224 convmixer_768_32 beit_base_patch16_224 eva02_tiny_patch14_224"
        " efficientformer_l1 efficientformerv2_s0 mobilevit_xxs mobilevitv2_050 tiny_vit_5m_224"
        " coat_tiny coatnet_nano_rw_224 maxvit_tiny_tf_224 pvt_v2_b0 nest_tiny volo_d1_224"
        " davit_tiny focalnet_tiny_srf gcvit_xxtiny efficientvit_b0 efficientvit_m0 repvit_m0_9"
        " hiera_tiny_224 mvitv2_tiny tnt_s_patch16_224 sequencer2d_s bat_resnext26ts"
        " halonet26t lambda_resnet26t botnet26t_256 rdnet_tiny mambaout_femto"
    ),
}
SIZES = {"crossvit_tiny_240": 240, "botnet26t_256": 256, "halonet26t": 256, "lambda_resnet26t": 256}

LIBRARY = Library(
    name="timm",
    module="timm",
    environment="vision",
    requirements=(*VISION, "timm"),
    setup="import timm",
    cases=tuple(
        small(
            name,
            f"timm.create_model({name!r}).eval()",
            f"torch.randn(2, 3, {SIZES.get(name, size)}, {SIZES.get(name, size)})",
        )
        for size, names in BY_SIZE.items()
        for name in names.split()
    ),
)
