using System;
using System.Linq;
using GemmaVk.Model;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Weights.Tests;

public class CheckpointTests
{
    public static TheoryData<string, DType> Layouts => new()
    {
        { "tiny", DType.BF16 },
        { "tiny-w4a16-ct", DType.Q4 },
        { "tiny-w8a16-ct", DType.Q8 },
        { "tiny-fp8-ct", DType.F8E4M3 },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void EveryTensorOfTheTableReads(string folder, DType format)
    {
        using Checkpoint checkpoint = Checkpoint.Open(Repository.Golden(folder));
        int matrices = 0;
        foreach (TensorSpec spec in checkpoint.Table.Where(spec => spec.Role != TensorRole.Duplicate))
        {
            if (spec.Role == TensorRole.Vector)
            {
                float[] values = checkpoint.Vector(spec.Name);
                Assert.Equal(spec.Shape.Count, values.Length);
                Assert.All(values, value => Assert.True(float.IsFinite(value)));
                continue;
            }

            MatrixSource matrix = checkpoint.Matrix(spec.Name);
            matrices++;
            Assert.Equal(spec.Role == TensorRole.Linear ? format : DType.BF16, matrix.Format);
            Assert.Equal(spec.Shape, new Shape(matrix.Rows, matrix.Columns));
            Assert.All(matrix.Values(), value => Assert.True(float.IsFinite(value)));
        }

        // 10 sliding layers of seven linears, 2 full ones of six, the embedding and three media projections.
        Assert.Equal((10 * 7) + (2 * 6) + 1 + 3, matrices);
    }

    [Theory]
    [InlineData("tiny-w4a16-ct", DType.Q4, 0.6)]
    [InlineData("tiny-w8a16-ct", DType.Q8, 0.55)]
    [InlineData("tiny-fp8-ct", DType.F8E4M3, 0.0)]
    public void DequantisedWeightsAreThePlainOnesWithinHalfAStep(string folder, DType format, double steps)
    {
        using Checkpoint plain = Checkpoint.Open(Repository.Golden("tiny"));
        using Checkpoint quantised = Checkpoint.Open(Repository.Golden(folder));
        foreach (TensorSpec spec in plain.Table.Where(spec => spec.Role == TensorRole.Linear))
        {
            MatrixSource matrix = quantised.Matrix(spec.Name);
            float[] expected = plain.Matrix(spec.Name).Values(), actual = matrix.Values();
            (_, ushort[] scale) = matrix.ReadAll();
            int groupSize = format == DType.F8E4M3 ? matrix.Columns : 32;
            for (int i = 0; i < expected.Length; i++)
            {
                float s = BFloat16.ToSingle(scale[i / groupSize]);
                // FP8 has three mantissa bits: half a step is 1/16 of the value, or 2^-10 scales among the subnormals.
                double bound = format == DType.F8E4M3 ? Math.Max(Math.Abs(expected[i]) / 15, s / 1000) : steps * s;
                Assert.True(Math.Abs(expected[i] - actual[i]) <= bound, $"{spec.Name}[{i}]: {expected[i]} became {actual[i]}, scale {s}");
            }
        }
    }

    [Fact]
    public unsafe void StoredLayoutsAreMappedWithoutACopy()
    {
        foreach (string folder in new[] { "tiny", "tiny-w4a16-ct", "tiny-fp8-ct" })
        {
            using Checkpoint checkpoint = Checkpoint.Open(Repository.Golden(folder));
            MatrixSource matrix = checkpoint.Matrix(3, LayerTensor.QProj);
            (byte[] data, ushort[] scale) = matrix.ReadAll();
            Assert.NotEqual(0, matrix.MappedData);
            Assert.Equal(data, new ReadOnlySpan<byte>((void*)matrix.MappedData, data.Length).ToArray());
            if (scale.Length > 0)
            {
                Assert.NotEqual(0, matrix.MappedScale);
                Assert.Equal(scale, new ReadOnlySpan<ushort>((void*)matrix.MappedScale, scale.Length).ToArray());
            }
        }
    }

    [Fact]
    public void TheDrafterReads()
    {
        using DrafterCheckpoint drafter = DrafterCheckpoint.Open(Repository.Golden("tiny-assistant"));
        using Checkpoint target = Checkpoint.Open(Repository.Golden("tiny"));
        DrafterPlan plan = DrafterPlan.For(drafter.Config, target.Config);
        Assert.Equal([10, 10, 10, 11], plan.KvLayers);
        Assert.Equal(new Shape(64, 192), drafter.Table.Find(TensorNames.PreProjection)!.Shape);
        Assert.All(
            drafter.Table.Where(spec => spec.Role != TensorRole.Duplicate),
            spec => Assert.Equal(spec.Shape.Count, spec.Role == TensorRole.Vector ? drafter.Vector(spec.Name).Length : drafter.Matrix(spec.Name).Values().Length));
    }

    [Fact]
    public void TheSecondCopyOfTheEmbeddingIsListedButNeverRead()
    {
        using Checkpoint checkpoint = Checkpoint.Open(Repository.Golden("tiny-w4a16-ct"));
        Assert.Contains(checkpoint.List(), entry => entry.Tensor.Name == TensorNames.LmHead);
        Assert.Throws<ArgumentException>(() => checkpoint.Matrix(TensorNames.LmHead));
        Assert.Equal(512 * 96 * 2, checkpoint.StoredBytes(TensorNames.EmbedTokens));
        Assert.True(checkpoint.TotalBytes > 2_000_000);
        Assert.Equal(1.0, checkpoint.LayerScalar(0), 1.0);
    }
}
