using System;
using System.Linq;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Silk.NET.Vulkan;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>Which matrix units are used, and how products are cut for them, for lists as devices of several makers have them: none of that needs the device.</summary>
public sealed class MatrixUnitTests
{
    private const ComponentTypeKHR F16 = ComponentTypeKHR.Float16Khr, F32 = ComponentTypeKHR.Float32Khr, S8 = ComponentTypeKHR.Sint8Khr, S32 = ComponentTypeKHR.Sint32Khr;

    private static readonly (string Name, int Subgroup, int Shared, CooperativeMatrixPropertiesKHR[] List, MatrixShape Int8, MatrixShape Half)[] Devices =
    [
        ("lavapipe 26", 8, 32 << 10, [Of(8, 8, 8, F16, F32), Of(8, 8, 8, F16, F16), Of(8, 8, 8, S8, S32)], new(8, 8, 8), new(8, 8, 8)),
        (
            "NVIDIA", 32, 48 << 10,
            [Of(16, 16, 16, F16, F16), Of(16, 8, 16, F16, F16), Of(16, 16, 16, F16, F32), Of(16, 8, 16, F16, F32), Of(16, 8, 8, F16, F32), Of(16, 16, 32, S8, S32), Of(16, 8, 32, S8, S32)],
            new(16, 16, 32), new(16, 16, 16)),
        ("NVIDIA with 16 x 8 alone", 32, 48 << 10, [Of(16, 8, 16, F16, F32), Of(16, 8, 32, S8, S32)], new(16, 8, 32), new(16, 8, 16)),
        ("Intel", 16, 64 << 10, [Of(8, 16, 16, F16, F32), Of(8, 16, 32, S8, S32)], new(8, 16, 32), new(8, 16, 16)),
        ("AMD, subgroups of 64", 64, 64 << 10, [Of(16, 16, 16, F16, F32), Of(16, 16, 16, S8, S32), Of(16, 16, 16, S8, S32, saturating: true)], new(16, 16, 16), new(16, 16, 16)),
        ("AMD, subgroups of 32", 32, 32 << 10, [Of(16, 16, 16, S8, S32), Of(16, 16, 16, F16, F32)], new(16, 16, 16), new(16, 16, 16)),
    ];

    [Fact]
    public void The_largest_shape_that_fits_is_used_and_none_where_none_does()
    {
        using TestDevice test = new();
        GpuFeatures here = test.Device.Features with { Float16 = true, Int8 = true };
        MatrixUnits In(params CooperativeMatrixPropertiesKHR[] list) => MatrixUnits.Of(here with { CooperativeMatrices = list });
        foreach ((string name, _, _, CooperativeMatrixPropertiesKHR[] list, MatrixShape int8, MatrixShape half) in Devices)
            Assert.Equal((name, int8, half), (name, In(list).Int8, In(list).Half));

        Assert.Equal(MatrixUnits.None, In());
        // Integers need floats of the same shape for their scales, no saturation, and a subgroup of their own; halves need sums in F32.
        Assert.Null(In(Of(16, 16, 32, S8, S32)).Int8);
        Assert.Null(In(Of(16, 16, 32, S8, S32), Of(16, 8, 16, F16, F32)).Int8);
        Assert.Null(In(Of(16, 16, 32, S8, S32, saturating: true), Of(16, 16, 16, F16, F32)).Int8);
        Assert.Null(In(Of(16, 16, 16, F16, F16)).Half);
        Assert.Equal(MatrixUnits.None, In(Of(64, 64, 16, F16, F32), Of(16, 16, 4, F16, F32), Of(12, 16, 16, F16, F32)));
        Assert.Equal(MatrixUnits.None, In(Of(16, 16, 16, F16, F32) with { Scope = ScopeKHR.WorkgroupKhr }));
        Assert.Null(MatrixUnits.Of(here with { Float16 = false, CooperativeMatrices = Devices[1].List }).Half);
        Assert.Null(MatrixUnits.Of(here with { Int8 = false, CooperativeMatrices = Devices[1].List }).Int8);
        // Blocks belong to the subgroups that there are: another size that is pretended has none.
        foreach (string lacks in (string[])["no-matrices", "subgroup=64"])
            Assert.Equal(MatrixUnits.None, MatrixUnits.Of(PretendedLacks.Parse(lacks).Of(here with { CooperativeMatrices = Devices[1].List })));
    }

    [Fact]
    public void Tiles_of_products_are_whole_blocks_and_fit_shared_memory()
    {
        foreach ((string name, int subgroup, int shared, _, MatrixShape shape, _) in Devices)
        {
            foreach (DType format in (DType[])[DType.Q4, DType.Q8F16, DType.Q5K, DType.Q6K])
            {
                foreach (uint size in (uint[])[1, 2, 4])
                {
                    int found = 0;
                    foreach (uint subgroups in (uint[])[2, 4, 8])
                    {
                        foreach (uint rows in (uint[])[1, 2, 4])
                        {
                            if (MatrixProductTiles.Of(shape, format, size, rows, subgroups, shared) is not { } tile)
                                continue;
                            found++;
                            uint[] constants = tile.Constants((uint)subgroup);
                            Assert.Equal(subgroups * (uint)subgroup, constants[0]);
                            Assert.Equal(subgroups, tile.Across * tile.Along);
                            Assert.Equal(0u, 32 % shape.K);
                            Assert.InRange(tile.Cols, 1u, 4u);
                            // Never more rows than the next class would have, and those of the class are reached.
                            Assert.InRange(tile.T, Math.Max(16 * size, shape.T), Math.Max(32 * size, shape.T));
                            Assert.InRange(tile.SharedBytes, 1u, (uint)shared);
                            Assert.True(format != DType.Q6K || shape.K <= 16, $"{name}: a scale of Q6K is of sixteen columns");
                        }
                    }

                    // Every device has a tile for every format, but for the one whose scales are of fewer columns than a block.
                    Assert.True(found > 0 || (format == DType.Q6K && shape.K > 16), $"{name}, {format}, class {size}");
                }
            }
        }
    }

    [Fact]
    public void Few_rows_have_a_tile_everywhere_whose_blocks_of_keys_do_not_depend_on_them()
    {
        foreach ((string name, int subgroup, int shared, _, _, MatrixShape shape) in Devices)
        {
            uint subgroups = (uint)Math.Min(8, 256 / subgroup);
            foreach ((int G, int W) in ((int, int)[])[(1, 32), (2, 256), (3, 96), (16, 512), (16, 64)])
            {
                MatrixDecodeTile one = MatrixDecodeTile.Of(shape, 1, G, W, subgroups, shared)!;
                Assert.True(G % one.Heads == 0 && one.Rows > 0, name);
                Assert.Equal((0u, 0u), (one.Keys % shape.N, one.Keys % shape.K));
                Assert.Equal(one.Heads * W > 4096 ? 64u : 32u, one.Keys * one.Turn);
                for (int T = 1; T <= 8; T++)
                {
                    MatrixDecodeTile tile = MatrixDecodeTile.Of(shape, T, G, W, subgroups, shared)!;
                    Assert.InRange(tile.SharedBytes, 1u, (uint)shared);
                    Assert.InRange(tile.Constants((uint)subgroup)[0], 1u, 256u);
                    Assert.Equal(one, tile with { QueryBlocks = 1 });
                }

                // A measured form is taken whole or not at all, whatever T is.
                AttentionForm form = new(Matrix: true, 0, one.Keys, subgroups / 2, 128, 64);
                MatrixDecodeTile taken = MatrixDecodeTile.Of(shape, 1, G, W, subgroups, shared, form)!;
                Assert.Equal((one.Keys, subgroups / 2, 128 / one.Keys), (taken.Keys, taken.Subgroups, taken.Turn));
                Assert.Equal(taken, MatrixDecodeTile.Of(shape, 8, G, W, subgroups, shared, form)! with { QueryBlocks = 1 });
                foreach (AttentionForm wrong in (AttentionForm[])[
                    form with { Matrix = false }, form with { Queries = 8 }, form with { Keys = 64 }, form with { Subgroups = 2 * subgroups }, form with { Turn = one.Keys / 2 }, form with { Groups = 0 }])
                    Assert.Null(MatrixDecodeTile.Of(shape, 1, G, W, subgroups, shared, wrong));
                Assert.Null(MatrixDecodeTile.Of(shape, 1, G, W, subgroups, 4 << 10));
                Assert.Null(MatrixDecodeTile.Of(shape, 1, G, W + 8, subgroups, shared));
            }
        }

        // 512 columns take half of the keys where shared memory is small; rows share a workgroup where it holds both.
        Assert.Equal((16u, 1u), (Tile(32 << 10).Keys, Tile(32 << 10).QueryBlocks));
        Assert.Equal((32u, 2u, 44932u), (Tile(48 << 10).Keys, Tile(48 << 10).QueryBlocks, Tile(48 << 10).SharedBytes));
        static MatrixDecodeTile Tile(int shared) => MatrixDecodeTile.Of(new(16, 16, 16), 2, 16, 512, 8, shared)!;
    }

    [Fact]
    public void Every_device_has_tiles_of_halves_for_every_class_that_fit_it()
    {
        foreach ((string name, int subgroup, int shared, _, _, MatrixShape shape) in Devices)
        {
            foreach (bool quantised in (bool[])[true, false])
            {
                foreach (uint size in (uint[])[1, 2, 4, 6, 7, 8])
                {
                    int found = 0;
                    foreach ((uint T, uint N, uint Subgroups, uint Along, uint Deep) candidate in MatrixHalvesTiles.Candidates(size))
                    {
                        if (MatrixHalvesTiles.Form(shape, candidate, (uint)subgroup) is not { } form || MatrixHalvesTiles.Of(shape, quantised, form, (uint)subgroup, shared) is not { } tile)
                            continue;
                        found++;
                        Assert.Equal((candidate.T, candidate.N, candidate.Deep), (tile.T, tile.N, tile.Deep));
                        Assert.Equal([candidate.Subgroups * (uint)subgroup, tile.Rows, tile.Cols, tile.Across, tile.Along, shape.T, shape.N, shape.K, tile.Deep], tile.Constants((uint)subgroup));
                        Assert.Equal(candidate.Subgroups, tile.Across * tile.Along);
                        Assert.InRange(tile.SharedBytes, 1u, (uint)shared);
                        Assert.InRange(tile.T * tile.N / form.LocalSize, 1u, 128u);
                        // What was measured comes from a file: nothing that does not fit is taken from there.
                        Assert.Null(MatrixHalvesTiles.Of(shape, quantised, form with { Deep = 3 }, (uint)subgroup, shared));
                        Assert.Null(MatrixHalvesTiles.Of(shape, quantised, form with { Along = 0 }, (uint)subgroup, shared));
                        Assert.Null(MatrixHalvesTiles.Of(shape, quantised, form with { Rows = 8 }, (uint)subgroup, shared));
                        Assert.Null(MatrixHalvesTiles.Of(shape, quantised, form, (uint)subgroup, (int)tile.SharedBytes - 1));
                    }

                    Assert.True(found > 0, $"{name}, class {size}");
                }
            }
        }

        // The largest tile of an NVIDIA device: 64 x 64 a subgroup, two groups deep in 48 KiB, one group in two tiles.
        MatrixShape nvidia = new(16, 16, 16);
        Assert.Equal((128u, 128u, 2u, 41984u), Largest(0));
        Assert.Equal((128u, 128u, 1u, 46080u), Largest(1));
        (uint, uint, uint, uint) Largest(int at)
        {
            MatrixTile tile = MatrixHalvesTiles.Of(nvidia, quantised: true, MatrixHalvesTiles.Form(nvidia, MatrixHalvesTiles.Candidates(8)[at], 32)!.Value, 32, 48 << 10)!;
            return (tile.T, tile.N, tile.Deep, tile.SharedBytes);
        }
    }

    [Theory]
    [InlineData(9, 15360, 1)]
    [InlineData(16, 2048, 1)]
    [InlineData(17, 2048, 2)]
    [InlineData(64, 15360, 4)]
    [InlineData(65, 32768, 8)]
    [InlineData(512, 15360, 8)]
    [InlineData(512, 4096, 7)]
    [InlineData(512, 2048, 6)]
    public void A_product_with_few_tiles_has_a_class_of_its_own(int T, int N, uint size) => Assert.Equal(size, MatrixHalvesTiles.Size(T, N));

    [Fact]
    public void Attention_of_512_columns_fits_32_KiB_and_takes_more_rows_in_48()
    {
        foreach ((string name, _, _, _, _, MatrixShape half) in Devices)
        {
            foreach (int W in (int[])[32, 64, 96, 256, 320, 512])
            {
                MatrixAttentionTile small = MatrixAttentionTile.Of(half, W, 4, 32 << 10)!, large = MatrixAttentionTile.Of(half, W, 4, 48 << 10)!;
                Assert.True(small is not null && large is not null, $"{name}, {W}");
                Assert.InRange(small!.SharedBytes, 1u, 32u << 10);
                Assert.InRange(large!.SharedBytes, 1u, 48u << 10);
                Assert.True(large.Queries >= small.Queries && small.Queries >= 16);
                Assert.Equal(0u, small.Keys % half.N + small.Keys % half.K);
                Assert.Equal([128u, small.QueryBlocks, small.Keys, (uint)W, half.T, half.N, half.K, 4u, 32u], small.Constants(32));
            }
        }

        MatrixShape nvidia = new(16, 16, 16);
        Assert.Equal((16u, 32u), Of(MatrixAttentionTile.Of(nvidia, 512, 4, 32 << 10)!));
        Assert.Equal((32u, 32u), Of(MatrixAttentionTile.Of(nvidia, 512, 4, 48 << 10)!));
        Assert.Equal((32u, 64u), Of(MatrixAttentionTile.Of(nvidia, 256, 4, 48 << 10)!));
        Assert.Equal((8u, 4u), (MatrixAttentionTile.UsualSubgroups(256), MatrixAttentionTile.UsualSubgroups(512)));
        // Counted by hand: queries 32 x 65 vectors of 16 bytes, two planes of scores 32 x 10, weights 32 x 10 of 8 bytes, and two floats a row.
        Assert.Equal((16u * ((32 * 65) + (2 * 32 * 10))) + (32 * ((10 * 8) + 8)), MatrixAttentionTile.Of(nvidia, 512, 4, 48 << 10)!.SharedBytes);
        // A form that is asked for is taken where it fits, and only there.
        Assert.Equal(8u, MatrixAttentionTile.Of(nvidia, 256, 4, 48 << 10, MatrixAttentionForm.Parse("32x64x8"))!.Subgroups);
        Assert.Equal(4u, MatrixAttentionTile.Of(nvidia, 512, 4, 48 << 10, MatrixAttentionForm.Parse("32x64x8"))!.Subgroups);
        Assert.Equal((64u, 32u), Of(MatrixAttentionTile.Of(nvidia, 64, 4, 48 << 10, MatrixAttentionForm.Parse("64x32x8"))!));
        // What was measured is a tile as it is, or none.
        MatrixAttentionTile usual = MatrixAttentionTile.Of(nvidia, 256, 4, 48 << 10)!;
        Assert.Equal(usual, MatrixAttentionTile.Of(nvidia, 256, usual.Form, 8, 48 << 10));
        Assert.Equal((64u, 32u), Of(MatrixAttentionTile.Of(nvidia, 64, new AttentionForm(true, 64, 32, 8), 8, 48 << 10)!));
        foreach (AttentionForm wrong in (AttentionForm[])[
            usual.Form with { Matrix = false }, usual.Form with { Queries = 8 }, usual.Form with { Queries = 128 }, usual.Form with { Keys = 16 }, usual.Form with { Subgroups = 8 }, usual.Form with { Groups = 1 }, usual.Form with { Queries = 64, Keys = 64 }])
            Assert.Null(MatrixAttentionTile.Of(nvidia, 256, wrong, 4, 48 << 10));
        Assert.Null(MatrixAttentionForm.Parse(""));
        foreach (string wrong in (string[])["32", "32x64", "32x64x3", "32x48x4", "8x32x4", "32x64x8x1", "-32x64x8", "32xx8"])
            Assert.Contains($"GEMMAVK_ATTENTION: expected rows (16, 32, 64), keys (32, 64) and subgroups (1, 2, 4, 8) as in 32x64x8, but '{wrong}' came", Assert.Throws<GemmaVkException>(() => MatrixAttentionForm.Parse(wrong)).Message, StringComparison.Ordinal);
        Assert.Null(MatrixAttentionTile.Of(nvidia, 544, 4, 48 << 10));
        Assert.Null(MatrixAttentionTile.Of(nvidia, 48, 4, 48 << 10));
        Assert.Null(MatrixAttentionTile.Of(nvidia, 512, 4, 16 << 10));
        static (uint, uint) Of(MatrixAttentionTile tile) => (tile.Queries, tile.Keys);
    }

    [Fact]
    public void A_device_without_shapes_never_runs_a_module_for_them()
    {
        using TestBackend test = new(options => options with { AsSoftware = false, Matrices = true, Pretend = PretendedLacks.Parse("no-matrices") });
        Assert.Empty(test.Device.Features.CooperativeMatrices);
        Assert.DoesNotContain(test.Backend.Variants, variant => variant.Variant.Contains("_matrix", StringComparison.Ordinal));
        Assert.False(test.Backend.AttendsInHalves);
        using WeightMatrix matrix = test.Backend.Place(new SeededMatrix(DType.Q4, 40, 64));
        Activations rows = new(test.Backend.Allocate("x", DType.I8, new Shape(20, 64)), test.Backend.Allocate("d", DType.F32, new Shape(20, 2)), test.Backend.Allocate("s", DType.F32, new Shape(20, 2)));
        using BufferHandle y = test.Backend.Allocate("y", DType.F32, new Shape(20 * 40));
        (string module, uint cols, _, ProductForm[] forms) = test.Backend.FormsOf(new(rows, matrix, y, 20));
        Assert.DoesNotContain(forms, form => form.Matrix);
        // A form that was measured before the units were hidden is no reason to use them.
        test.Backend.Tuning.Try(module, cols, new ProductForm(2, 32, Matrix: true));
        test.Run(pass => pass.MatMul(new(rows, matrix, y, 20)));
        rows.Data.Dispose();
        rows.Scale!.Dispose();
        rows.Sum!.Dispose();
    }

    private static CooperativeMatrixPropertiesKHR Of(uint m, uint n, uint k, ComponentTypeKHR factors, ComponentTypeKHR sums, bool saturating = false) => new()
    {
        SType = StructureType.CooperativeMatrixPropertiesKhr,
        MSize = m,
        NSize = n,
        KSize = k,
        AType = factors,
        BType = factors,
        CType = sums,
        ResultType = sums,
        SaturatingAccumulation = saturating,
        Scope = ScopeKHR.SubgroupKhr,
    };
}
