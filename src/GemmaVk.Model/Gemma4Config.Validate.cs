namespace GemmaVk.Model;

/// <summary>Combinations that no checkpoint can mean: refused before a single tensor is looked at.</summary>
public sealed partial record Gemma4Config
{
    private const string Restore = "restore the config.json that was published with the checkpoint.";

    private static void Validate(Gemma4Config config)
    {
        ConfigRules rules = new(config);
        rules.CheckStack();
        rules.Require(config.NumKvSharedLayers == 0, "num_kv_shared_layers", "0", config.NumKvSharedLayers, "layers that borrow KV are not implemented; use a gemma4_unified 12B checkpoint.");
        rules.Require(config.TieWordEmbeddings, "tie_word_embeddings", "true", "false", "a head of its own is not implemented; use a gemma4_unified 12B checkpoint.");

        if (config.VisionConfig is { } vision)
        {
            rules.Size("vision_config.mm_embed_dim", vision.MmEmbedDim);
            rules.Between("vision_config.patch_size", vision.PatchSize, 1, 1024);
            rules.Between("vision_config.pooling_kernel_size", vision.PoolingKernelSize, 1, 1024);
            rules.Between("vision_config.mm_posemb_size", vision.MmPosembSize, 1, 1 << 20);
            rules.Require(2L * vision.MmPosembSize * vision.MmEmbedDim <= 1 << 28, "vision_config.mm_posemb_size * mm_embed_dim", $"at most {1 << 27}", (long)vision.MmPosembSize * vision.MmEmbedDim, Restore);
            rules.Between("vision_config.num_soft_tokens", vision.NumSoftTokens, 1, 1 << 20);
            rules.Require(
                vision.ModelPatchSize == (long)vision.PatchSize * vision.PoolingKernelSize && vision.ModelPatchSize <= 1024, "vision_config.model_patch_size",
                $"patch_size * pooling_kernel_size = {(long)vision.PatchSize * vision.PoolingKernelSize}, at most 1024", vision.ModelPatchSize, Restore);
            rules.Size("vision_config.model_patch_size ^ 2 * 3", vision.PatchValues);
            rules.Require(vision.OutputProjDims == vision.MmEmbedDim, "vision_config.output_proj_dims", $"mm_embed_dim = {vision.MmEmbedDim}", vision.OutputProjDims, Restore);
            rules.Epsilon("vision_config.rms_norm_eps", vision.RmsNormEps);
        }

        if (config.AudioConfig is { } audio)
        {
            rules.Size("audio_config.audio_embed_dim", audio.AudioEmbedDim);
            rules.Require(audio.AudioSamplesPerToken == audio.AudioEmbedDim, "audio_config.audio_samples_per_token", $"audio_embed_dim = {audio.AudioEmbedDim}", audio.AudioSamplesPerToken, Restore);
            rules.Epsilon("audio_config.rms_norm_eps", audio.RmsNormEps);
        }

        if (config.VisionConfig is not null)
        {
            rules.Token("image_token_id", config.ImageTokenId);
            rules.Token("video_token_id", config.VideoTokenId);
            rules.Token("boi_token_id", config.BoiTokenId);
            rules.Token("eoi_token_id", config.EoiTokenId);
        }

        if (config.AudioConfig is not null)
        {
            rules.Token("audio_token_id", config.AudioTokenId);
            rules.Token("boa_token_id", config.BoaTokenId);
            rules.Token("eoa_token_index", config.EoaTokenIndex);
        }
    }
}
