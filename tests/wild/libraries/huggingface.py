"""transformers: encoders, decoders, vision and speech models, from small configurations."""

from __future__ import annotations

from tests.wild.case import Case, Library
from tests.wild.libraries.stacks import DEVELOPED

SETUP = """
import transformers

small = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)
text = dict(vocab_size=99, **small)
image = dict(image_size=32, patch_size=8, **small)
"""

IDS = "torch.randint(3, 90, (2, 8))"
PIXELS = "torch.randn(2, 3, 32, 32)"
NO_CACHE = "use_cache=False"

# Name of the model's class: its configuration.
ENCODERS = {
    "BertModel": "BertConfig(**text)",
    "BertForSequenceClassification": "BertConfig(**text)",
    "RobertaModel": "RobertaConfig(**text)",
    "DistilBertModel": "DistilBertConfig(vocab_size=99, dim=32, n_layers=2, n_heads=2,"
    " hidden_dim=64)",
    "AlbertModel": "AlbertConfig(embedding_size=16, **text)",
    "ElectraModel": "ElectraConfig(embedding_size=16, **text)",
    "DebertaV2Model": "DebertaV2Config(**text)",
    "DebertaModel": "DebertaConfig(**text)",
    "MPNetModel": "MPNetConfig(**text)",
    "FNetModel": "FNetConfig(**text)",
    "ModernBertModel": "ModernBertConfig(pad_token_id=0, bos_token_id=1, eos_token_id=2,"
    " cls_token_id=1, sep_token_id=2, **text)",
    "XLMRobertaModel": "XLMRobertaConfig(**text)",
    "CamembertModel": "CamembertConfig(**text)",
    "ErnieModel": "ErnieConfig(**text)",
    "LayoutLMModel": "LayoutLMConfig(**text)",
    "MobileBertModel": "MobileBertConfig(embedding_size=16, intra_bottleneck_size=16,"
    " true_hidden_size=16, **text)",
    "SqueezeBertModel": "SqueezeBertConfig(embedding_size=32, **text)",
    "ConvBertModel": "ConvBertConfig(embedding_size=32, **text)",
    "RoFormerModel": "RoFormerConfig(embedding_size=32, **text)",
    "NystromformerModel": "NystromformerConfig(segment_means_seq_len=8, num_landmarks=4, **text)",
    "YosoModel": "YosoConfig(use_expectation=True, **text)",
    "LongformerModel": "LongformerConfig(attention_window=4, **text)",
    "BigBirdModel": "BigBirdConfig(attention_type='original_full', **text)",
    "FunnelModel": "FunnelConfig(vocab_size=99, block_sizes=[1, 1], d_model=32, n_head=2,"
    " d_head=16, d_inner=64)",
    "XLNetModel": "XLNetConfig(vocab_size=99, d_model=32, n_layer=2, n_head=2, d_inner=64)",
    "CLIPTextModel": "CLIPTextConfig(**text)",
    "T5EncoderModel": "T5Config(vocab_size=99, d_model=32, d_ff=64, num_layers=2, num_heads=2,"
    " d_kv=16)",
    "IBertModel": "IBertConfig(**text)",
    "EsmModel": "EsmConfig(pad_token_id=1, mask_token_id=2, **text)",
}
DECODERS = {
    "LlamaForCausalLM": "LlamaConfig(use_cache=False, **text)",
    "MistralForCausalLM": "MistralConfig(use_cache=False, num_key_value_heads=2, **text)",
    "Qwen2ForCausalLM": "Qwen2Config(use_cache=False, num_key_value_heads=2, **text)",
    "Qwen3ForCausalLM": "Qwen3Config(use_cache=False, num_key_value_heads=2, head_dim=16, **text)",
    "GemmaForCausalLM": "GemmaConfig(use_cache=False, num_key_value_heads=2, head_dim=16, **text)",
    "Gemma2ForCausalLM": "Gemma2Config(use_cache=False, num_key_value_heads=2, head_dim=16,"
    " **text)",
    "PhiForCausalLM": "PhiConfig(use_cache=False, **text)",
    "Phi3ForCausalLM": "Phi3Config(use_cache=False, pad_token_id=0, **text)",
    "StableLmForCausalLM": "StableLmConfig(use_cache=False, **text)",
    "CohereForCausalLM": "CohereConfig(use_cache=False, **text)",
    "OlmoForCausalLM": "OlmoConfig(use_cache=False, **text)",
    "Olmo2ForCausalLM": "Olmo2Config(use_cache=False, **text)",
    "GraniteForCausalLM": "GraniteConfig(use_cache=False, **text)",
    "Starcoder2ForCausalLM": "Starcoder2Config(use_cache=False, num_key_value_heads=2, **text)",
    "GPTNeoXForCausalLM": "GPTNeoXConfig(use_cache=False, **text)",
    "GPT2LMHeadModel": "GPT2Config(vocab_size=99, n_embd=32, n_layer=2, n_head=2, use_cache=False)",
    "GPTNeoForCausalLM": "GPTNeoConfig(vocab_size=99, hidden_size=32, num_layers=2, num_heads=2,"
    " attention_types=[[['global', 'local'], 1]], use_cache=False)",
    "GPTJForCausalLM": "GPTJConfig(vocab_size=99, n_embd=32, n_layer=2, n_head=2, rotary_dim=8,"
    " use_cache=False)",
    "OPTForCausalLM": "OPTConfig(vocab_size=99, hidden_size=32, num_hidden_layers=2,"
    " num_attention_heads=2, ffn_dim=64, word_embed_proj_dim=32, use_cache=False)",
    "BloomForCausalLM": "BloomConfig(vocab_size=99, hidden_size=32, n_layer=2, n_head=2,"
    " use_cache=False)",
    "FalconForCausalLM": "FalconConfig(vocab_size=99, hidden_size=32, num_hidden_layers=2,"
    " num_attention_heads=2, use_cache=False)",
    "MptForCausalLM": "MptConfig(vocab_size=99, d_model=32, n_layers=2, n_heads=2,"
    " use_cache=False)",
    "MixtralForCausalLM": "MixtralConfig(use_cache=False, num_key_value_heads=2,"
    " num_local_experts=4, **text)",
    "Qwen2MoeForCausalLM": "Qwen2MoeConfig(use_cache=False, num_key_value_heads=2,"
    " num_experts=4, num_experts_per_tok=2, moe_intermediate_size=32,"
    " shared_expert_intermediate_size=32, **text)",
    "MambaForCausalLM": "MambaConfig(vocab_size=99, hidden_size=32, num_hidden_layers=2,"
    " state_size=4, use_cache=False)",
    "RwkvForCausalLM": "RwkvConfig(vocab_size=99, hidden_size=32, num_hidden_layers=2,"
    " use_cache=False)",
}
# Each with a cache in its output, as the library's default is.
CACHED = {
    "GPT2LMHeadModel": "GPT2Config(vocab_size=99, n_embd=32, n_layer=2, n_head=2)",
    "LlamaForCausalLM": "LlamaConfig(**text)",
}
VISION = {
    "ViTModel": "ViTConfig(**image)",
    "ViTForImageClassification": "ViTConfig(**image)",
    "DeiTModel": "DeiTConfig(**image)",
    "BeitModel": "BeitConfig(**image)",
    "Dinov2Model": "Dinov2Config(**image)",
    "SiglipVisionModel": "SiglipVisionConfig(**image)",
    "CLIPVisionModel": "CLIPVisionConfig(**image)",
    "ViTMAEModel": "ViTMAEConfig(**image)",
    "ResNetModel": "ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1])",
    "RegNetModel": "RegNetConfig(embedding_size=8, hidden_sizes=[8, 8, 16, 16],"
    " depths=[1, 1, 1, 1], groups_width=8)",
    "ConvNextModel": "ConvNextConfig(hidden_sizes=[8, 16], depths=[1, 1], num_stages=2)",
    "ConvNextV2Model": "ConvNextV2Config(hidden_sizes=[8, 16], depths=[1, 1], num_stages=2)",
    "SwinModel": "SwinConfig(image_size=32, patch_size=4, embed_dim=16, depths=[1, 1],"
    " num_heads=[2, 2], window_size=4)",
    "Swinv2Model": "Swinv2Config(image_size=32, patch_size=4, embed_dim=16, depths=[1, 1],"
    " num_heads=[2, 2], window_size=4)",
    "SegformerModel": "SegformerConfig(num_encoder_blocks=2, depths=[1, 1], sr_ratios=[4, 2],"
    " hidden_sizes=[8, 16], patch_sizes=[7, 3], strides=[4, 2], num_attention_heads=[1, 2],"
    " mlp_ratios=[2, 2])",
    "PvtModel": "PvtConfig(image_size=32, num_encoder_blocks=2, depths=[1, 1],"
    " sequence_reduction_ratios=[2, 1], hidden_sizes=[8, 16], patch_sizes=[4, 2], strides=[4, 2],"
    " num_attention_heads=[1, 2], mlp_ratios=[2, 2])",
    "MobileNetV2Model": "MobileNetV2Config(image_size=32, depth_multiplier=0.35)",
    "MobileViTModel": "MobileViTConfig(image_size=32, hidden_sizes=[16, 20, 24],"
    " neck_hidden_sizes=[8, 8, 16, 16, 16, 16, 32], patch_size=2)",
    "PoolFormerModel": "PoolFormerConfig(hidden_sizes=[8, 16, 16, 32], depths=[1, 1, 1, 1])",
    "BitModel": "BitConfig(embedding_size=8, hidden_sizes=[8, 16, 32, 64], depths=[1, 1, 1, 1],"
    " num_groups=1)",
    "LevitModel": "LevitConfig(image_size=64, hidden_sizes=[16, 32, 48], num_attention_heads="
    "[1, 2, 3], depths=[1, 1, 1], key_dim=[8, 8, 8])",
    "DPTForDepthEstimation": "DPTConfig(backbone_out_indices=[0, 1, 2, 3], reassemble_factors="
    "[4, 2, 1, 0.5], neck_hidden_sizes=[8, 8, 16, 16], fusion_hidden_size=16,"
    " **{**image, 'num_hidden_layers': 4})",
}
SPEECH = {
    "Wav2Vec2Model": "Wav2Vec2Config(conv_dim=(32,) * 7, num_conv_pos_embeddings=16,"
    " num_conv_pos_embedding_groups=2, **small)",
    "HubertModel": "HubertConfig(conv_dim=(32,) * 7, num_conv_pos_embeddings=16,"
    " num_conv_pos_embedding_groups=2, **small)",
    "WavLMModel": "WavLMConfig(conv_dim=(32,) * 7, num_conv_pos_embeddings=16,"
    " num_conv_pos_embedding_groups=2, **small)",
    "SEWModel": "SEWConfig(conv_dim=(32,) * 7, conv_stride=(5, 2, 2, 2, 2, 2, 2),"
    " conv_kernel=(10, 3, 3, 3, 3, 2, 2), **small)",
}
PAIRS = {
    "T5ForConditionalGeneration": "T5Config(vocab_size=99, d_model=32, d_ff=64, num_layers=2,"
    " num_heads=2, d_kv=16, use_cache=False)",
    "BartModel": "BartConfig(vocab_size=99, d_model=32, encoder_layers=2, decoder_layers=2,"
    " encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=64,"
    " decoder_ffn_dim=64, use_cache=False)",
    "MarianModel": "MarianConfig(vocab_size=99, d_model=32, encoder_layers=2, decoder_layers=2,"
    " encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=64,"
    " decoder_ffn_dim=64, use_cache=False, pad_token_id=0)",
    "PegasusModel": "PegasusConfig(vocab_size=99, d_model=32, encoder_layers=2,"
    " decoder_layers=2, encoder_attention_heads=2, decoder_attention_heads=2,"
    " encoder_ffn_dim=64, decoder_ffn_dim=64, use_cache=False)",
}


def _cases() -> tuple[Case, ...]:
    found = []
    groups: tuple[tuple[dict[str, str], str, dict[str, str]], ...] = (
        (ENCODERS, "", {"input_ids": IDS}),
        (DECODERS, "", {"input_ids": IDS}),
        (CACHED, " with a cache", {"input_ids": IDS}),
        (VISION, "", {"pixel_values": PIXELS}),
        (SPEECH, "", {"input_values": "torch.randn(2, 4000)"}),
        (PAIRS, "", {"input_ids": IDS, "decoder_input_ids": "torch.randint(3, 90, (2, 6))"}),
    )
    for models, suffix, inputs in groups:
        for name, config in models.items():
            model = f"transformers.{name}(transformers.{config}).eval()"
            kwargs = dict(inputs)
            if name == "LevitModel":
                kwargs["pixel_values"] = "torch.randn(2, 3, 64, 64)"
            found.append(Case(f"{name}{suffix}", model, kwargs=kwargs))
    return tuple(found)


LIBRARY = Library(
    name="transformers",
    module="transformers",
    environment="transformers",
    requirements=(*DEVELOPED, "transformers==5.24.*"),
    setup=SETUP,
    cases=_cases(),
)
