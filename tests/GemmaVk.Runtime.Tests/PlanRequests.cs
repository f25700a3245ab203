using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Planning;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Tests;

/// <summary>Requests for plans: the 12B in its released INT4 layout, and devices that exist only as numbers.</summary>
internal static class PlanRequests
{
    public const long GiB = 1L << 30;

    /// <summary>The 12B's configuration, with INT4 linears.</summary>
    public static Gemma4Config Config { get; } = Gemma4Config.Parse(Full("""
        , "quantization_config": { "quant_method": "compressed-tensors", "format": "pack-quantized", "ignore": [], "config_groups": { "g": { "weights": {
            "num_bits": 4, "type": "int", "symmetric": true, "strategy": "group", "group_size": 32 } } } }
        """), "12b/config.json");

    /// <summary>Its drafter's.</summary>
    public static DrafterConfig DrafterConfig { get; } = DrafterConfig.Parse(
        """
        { "model_type": "gemma4_unified_assistant", "architectures": ["Gemma4UnifiedAssistantForCausalLM"], "backbone_hidden_size": 3840,
          "text_config": { "model_type": "gemma4_unified_text", "num_hidden_layers": 4, "num_kv_shared_layers": 4,
            "layer_types": ["sliding_attention", "sliding_attention", "sliding_attention", "full_attention"] } }
        """u8.ToArray(),
        "assistant/config.json");

    /// <summary>Memory that is one piece and rounds nothing.</summary>
    public static DeviceMemory Plain { get; } = new() { Name = "plain", TotalBytes = 64 * GiB, AvailableBytes = 64 * GiB, Source = "a test" };

    /// <summary>The 12B with INT4 linears, INT8 embedding, FP16 KV and drafter.</summary>
    public static PlanRequest Full(DeviceMemory device, long budget, int? context = null) =>
        new(CheckpointFacts.Assume(Config), device, new Precision(), budget)
        {
            Context = context,
            Drafter = CheckpointFacts.Assume(DrafterConfig),
            DrafterPrecision = new DrafterPrecision(DType.Q4, DType.Q8),
        };

    /// <summary>A drawn device.</summary>
    public static DeviceMemory Device(DeviceKind kind) => Device(kind.Alignment, kind.Piece, kind.InPlace);

    /// <summary>A device with alignment, pieces and scratch.</summary>
    public static DeviceMemory Device(long alignment, long piece, bool inPlace) => Plain with
    {
        Alignment = alignment,
        MaxPieceBytes = piece,
        ReadsMappedFiles = inPlace,
        StagingBytes = 3 << 20,
        ReserveBytes = 7 << 20,
        ScratchBytes = shapes => shapes.Attention.Sum(a => 4L * a.H * a.R),
    };

    private static byte[] Full(string more)
    {
        IEnumerable<string> layers = Enumerable.Range(0, 48).Select(i => i % 6 == 5 ? "\"full_attention\"" : "\"sliding_attention\"");
        return System.Text.Encoding.UTF8.GetBytes(
            $$"""
            { "model_type": "gemma4_unified", "architectures": ["Gemma4UnifiedForConditionalGeneration"], "vision_config": {}, "audio_config": {},
              "text_config": { "model_type": "gemma4_unified_text", "layer_types": [{{string.Join(',', layers)}}] }{{more}} }
            """);
    }
}
