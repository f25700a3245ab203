using System;
using System.Collections.Generic;
using System.Globalization;
using GemmaVk.Model;
using GemmaVk.Runtime;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Tracing;

// Letters: D hidden size, F FFN size, V vocabulary; n rows of the prompt.

/// <summary>Names and shapes of a trace's tensors, which a file must know before its first row.</summary>
internal sealed class TraceLayout
{
    private const string Hidden = "hidden.";
    private readonly int _n;
    private readonly List<SafetensorsEntry> _entries = [];

    /// <param name="model">Gives the widths.</param>
    /// <param name="n">Rows.</param>
    /// <param name="soft">Rows among them that pictures and sounds take.</param>
    /// <param name="steps">Whether each layer's steps are in it.</param>
    public TraceLayout(GemmaModel model, int n, int soft, bool steps)
    {
        _n = n;
        (long D, long F, long V) = (model.Config.HiddenSize, model.Config.IntermediateSize, model.Config.VocabSize);
        _entries.Add(new("ids", "I32", [n]));
        _entries.Add(new("logits", "F32", [n, V]));
        _entries.Add(new("hidden", "F32", [model.Plan.Count, n, D]));
        _entries.Add(new("final", "F32", [n, D]));
        if (soft > 0)
        {
            _entries.Add(new("soft", "F32", [soft, D]));
        }

        foreach (LayerPlan layer in steps ? model.Plan : [])
        {
            void Add(long width, params ReadOnlySpan<string> names)
            {
                foreach (string name in names)
                {
                    _entries.Add(new($"{layer.Index}.{name}", "F32", [n, width]));
                }
            }

            Add(D, "attn_norm", "o_proj", "post_attn_norm", "ff_norm_in", "ff_norm", "down", "post_ff_norm", "out");
            Add(layer.QueryWidth, "q_proj", "q_norm", "q_rope", "attn_out");
            Add(layer.KeyValueWidth, "k_proj", "k_norm", "k_rope", "v");
            Add(F, "gate", "up", "gated");
            if (layer.HasValueProjection)
            {
                Add(layer.KeyValueWidth, "v_proj");
            }
        }
    }

    /// <summary>All tensors.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => _entries;

    /// <summary>Tensor and row, counted from the tensor's first, of what the tracer names.</summary>
    public (string Tensor, long Row) Place(string name, int first) => name.StartsWith(Hidden, StringComparison.Ordinal)
        ? ("hidden", (long.Parse(name.AsSpan(Hidden.Length), NumberStyles.None, CultureInfo.InvariantCulture) * _n) + first)
        : (name, first);
}
