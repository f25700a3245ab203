using System.Collections.Generic;
using System.Linq;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Runtime.Planning;

/// <summary>
/// What a plan needs to know of a checkpoint: which tensors, how they are stored, and nothing of what is in them.
/// </summary>
/// <param name="Config">config.json.</param>
/// <param name="Tensors">Every tensor that the model uses.</param>
/// <param name="Assumed">There are no weights yet: the formats are those that config.json announces.</param>
public sealed record CheckpointFacts(Gemma4TextConfig Config, IReadOnlyList<StoredTensor> Tensors, bool Assumed)
{
    /// <summary>Format of the embedding where nobody asks for one; null for the stored one.</summary>
    public DType? UsualEmbedding { get; init; }

    /// <summary>The facts of an opened checkpoint, from its header.</summary>
    public static CheckpointFacts Of(Checkpoint checkpoint) => Of(checkpoint, checkpoint.Config) with { UsualEmbedding = checkpoint.UsualEmbedding };

    /// <summary>The facts of an opened drafter, from its header.</summary>
    public static CheckpointFacts Of(DrafterCheckpoint drafter) => Of(drafter, drafter.Config);

    /// <summary>A target that is not downloaded yet, in the layout of the release that its config.json belongs to.</summary>
    public static CheckpointFacts Assume(Gemma4Config config) => Assume(config, TensorTable.For(config), config.QuantizationConfig?.Format) with
    {
        UsualEmbedding = config.QuantizationConfig?.Format is DType.Q4 or DType.Q8 ? DType.Q8 : null,
    };

    /// <summary>A drafter that is not downloaded yet: BF16.</summary>
    public static CheckpointFacts Assume(DrafterConfig config) => Assume(config, TensorTable.For(config), null);

    private static CheckpointFacts Of(TensorSource source, Gemma4TextConfig config) =>
        new(config, [.. source.Table.Where(spec => spec.Role != TensorRole.Duplicate).Select(spec => Stored(source, spec))], Assumed: false);

    private static StoredTensor Stored(TensorSource source, TensorSpec spec)
    {
        if (spec.Role == TensorRole.Vector)
        {
            return new StoredTensor(spec, DType.F32, InKernelLayout: false);
        }

        MatrixSource matrix = source.Matrix(spec.Name);
        return new StoredTensor(spec, matrix.Format, matrix.IsMapped);
    }

    private static CheckpointFacts Assume(Gemma4TextConfig config, TensorTable table, DType? linears) => new(
        config,
        [
            .. table.Where(spec => spec.Role != TensorRole.Duplicate).Select(spec => spec.Role switch
            {
                TensorRole.Vector => new StoredTensor(spec, DType.F32, InKernelLayout: false),
                // Packed INT8 is offset binary on disk and is converted; everything else lies as kernels read it.
                TensorRole.Linear => new StoredTensor(spec, linears ?? DType.BF16, InKernelLayout: linears != DType.Q8),
                _ => new StoredTensor(spec, DType.BF16, InKernelLayout: true),
            }),
        ],
        Assumed: true);
}

/// <summary>A tensor as a checkpoint holds it.</summary>
/// <param name="Spec">Name, shape and role.</param>
/// <param name="Format">Format of a matrix as it is read; vectors become float32.</param>
/// <param name="InKernelLayout">The file's bytes can be used where they are.</param>
public sealed record StoredTensor(TensorSpec Spec, DType Format, bool InKernelLayout);
