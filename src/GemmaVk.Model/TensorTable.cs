using System.Collections;
using System.Collections.Generic;
using GemmaVk.Tensors;

namespace GemmaVk.Model;

// Letters: D hidden size, F FFN size, V vocabulary.

/// <summary>
/// Step 3 of the weight path; from a configuration, to TensorSource. Every tensor of a
/// checkpoint with name, shape and role: 677 for the 12B, 48 for its drafter.
/// </summary>
public sealed class TensorTable : IReadOnlyCollection<TensorSpec>
{
    private readonly Dictionary<string, TensorSpec> _specs = [];
    private readonly List<TensorSpec> _order = [];

    private TensorTable()
    {
    }

    /// <summary>Number of tensors, optional ones included.</summary>
    public int Count => _order.Count;

    /// <summary>The tensors of a target.</summary>
    public static TensorTable For(Gemma4Config config)
    {
        long D = config.HiddenSize;
        TensorTable table = new();
        table.Add(TensorNames.EmbedTokens, TensorRole.Embedding, config.VocabSize, D);
        foreach (LayerPlan plan in LayerPlan.For(config))
        {
            table.AddLayer(config, plan, isDrafter: false);
        }

        table.Add(TensorNames.FinalNorm, TensorRole.Vector, D);
        if (config.VisionConfig is { } vision)
        {
            table.AddVision(vision, D);
        }

        if (config.AudioConfig is { } audio)
        {
            table.Add(TensorNames.EmbedAudio, TensorRole.MediaLinear, D, audio.AudioEmbedDim);
        }

        table.Add(new TensorSpec(TensorNames.LmHead, new Shape(config.VocabSize, D), TensorRole.Duplicate, Required: false));
        return table;
    }

    /// <summary>The tensors of a drafter: queries only, since it reads the target's KV.</summary>
    public static TensorTable For(DrafterConfig config)
    {
        long D = config.HiddenSize, B = config.BackboneHiddenSize;
        TensorTable table = new();
        table.Add(TensorNames.DrafterEmbedTokens, TensorRole.Embedding, config.VocabSize, D);
        foreach (LayerPlan plan in LayerPlan.For(config))
        {
            table.AddLayer(config, plan, isDrafter: true);
        }

        table.Add(TensorNames.DrafterFinalNorm, TensorRole.Vector, D);
        table.Add(TensorNames.PostProjection, TensorRole.Linear, B, D);
        table.Add(TensorNames.PreProjection, TensorRole.Linear, D, 2 * B);
        table.Add(new TensorSpec(TensorNames.LmHead, new Shape(config.VocabSize, D), TensorRole.Duplicate, Required: false));
        return table;
    }

    /// <summary>The entry of a released name, or null.</summary>
    public TensorSpec? Find(string name) => _specs.GetValueOrDefault(name);

    /// <inheritdoc/>
    public IEnumerator<TensorSpec> GetEnumerator() => _order.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void AddLayer(Gemma4TextConfig config, LayerPlan plan, bool isDrafter)
    {
        long D = config.HiddenSize, F = config.IntermediateSize;
        Add(LayerTensor.InputLayernorm, TensorRole.Vector, D);
        Add(LayerTensor.LayerScalar, TensorRole.Vector, 1);
        Add(LayerTensor.DownProj, TensorRole.Linear, D, F);
        Add(LayerTensor.GateProj, TensorRole.Linear, F, D);
        Add(LayerTensor.UpProj, TensorRole.Linear, F, D);
        Add(LayerTensor.PostAttentionLayernorm, TensorRole.Vector, D);
        Add(LayerTensor.PostFeedforwardLayernorm, TensorRole.Vector, D);
        Add(LayerTensor.PreFeedforwardLayernorm, TensorRole.Vector, D);
        if (!isDrafter)
        {
            Add(LayerTensor.KNorm, TensorRole.Vector, plan.HeadDim);
            Add(LayerTensor.KProj, TensorRole.Linear, plan.KeyValueWidth, D);
        }

        Add(LayerTensor.OProj, TensorRole.Linear, D, plan.QueryWidth);
        Add(LayerTensor.QNorm, TensorRole.Vector, plan.HeadDim);
        Add(LayerTensor.QProj, TensorRole.Linear, plan.QueryWidth, D);
        if (!isDrafter && plan.HasValueProjection)
        {
            Add(LayerTensor.VProj, TensorRole.Linear, plan.KeyValueWidth, D);
        }

        void Add(LayerTensor tensor, TensorRole role, params long[] extents) => this.Add(
            isDrafter ? TensorNames.DrafterLayer(plan.Index, tensor) : TensorNames.Layer(plan.Index, tensor), role, extents);
    }

    private void AddVision(VisionConfig vision, long D)
    {
        long width = vision.MmEmbedDim, patch = vision.PatchValues;
        Add(TensorNames.PatchNorm1Weight, TensorRole.Vector, patch);
        Add(TensorNames.PatchNorm1Bias, TensorRole.Vector, patch);
        Add(TensorNames.PatchDenseWeight, TensorRole.MediaLinear, width, patch);
        Add(TensorNames.PatchDenseBias, TensorRole.Vector, width);
        Add(TensorNames.PatchNorm2Weight, TensorRole.Vector, width);
        Add(TensorNames.PatchNorm2Bias, TensorRole.Vector, width);
        Add(TensorNames.PosEmbedding, TensorRole.Vector, vision.MmPosembSize, 2, width);
        Add(TensorNames.PosNormWeight, TensorRole.Vector, width);
        Add(TensorNames.PosNormBias, TensorRole.Vector, width);
        Add(TensorNames.EmbedVision, TensorRole.MediaLinear, D, vision.OutputProjDims);
    }

    private void Add(string name, TensorRole role, params long[] extents) => Add(new TensorSpec(name, new Shape(extents), role));

    private void Add(TensorSpec spec)
    {
        _specs.Add(spec.Name, spec);
        _order.Add(spec);
    }
}
