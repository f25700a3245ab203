using System;
using FsCheck;
using FsCheck.Fluent;

namespace GemmaVk.Kernels.Tests;

/// <summary>Draws legal shapes that lie on and beside the edges of vectors, tiles and groups; a failure prints a seed to replay.</summary>
public static class Shapes
{
    /// <summary>Row counts: none, one, primes, and beside powers of two.</summary>
    public static Gen<int> Rows { get; } = Gen.Elements(0, 1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 31, 33, 64, 67);

    /// <summary>One to eight.</summary>
    public static Gen<int> FewRows { get; } = Gen.Choose(1, 8);

    /// <summary>Widths without a rule.</summary>
    public static Gen<int> Widths { get; } = Gen.Elements(1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 96, 127, 256, 257, 640, 3840);

    /// <summary>Even widths of heads.</summary>
    public static Gen<int> HeadWidths { get; } = Gen.Elements(2, 6, 8, 16, 30, 32, 34, 64, 96, 256, 512);

    /// <summary>Columns of matrices: multiples of 32, with every kind of tail.</summary>
    public static Gen<int> Columns { get; } = Gen.Elements(32, 64, 96, 128, 160, 192, 224, 256, 288, 480, 512, 544, 576, 640, 672, 1024, 1056, 3840);

    /// <summary>Outputs of matrices.</summary>
    public static Gen<int> Outputs { get; } = Gen.Elements(1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 33, 64, 97);

    /// <summary>Seeds of the data.</summary>
    public static Gen<int> Seeds { get; } = Gen.Choose(0, 1 << 20);

    /// <summary>Checks an assertion for drawn cases.</summary>
    public static void ForAll<T>(Gen<T> gen, Action<T> assertion, int tests = 40) =>
        // Children repeat what the parent has swept, for another width: a quarter of the shapes.
        Prop.ForAll(gen.ToArbitrary(), assertion).Check(
            Config.QuickThrowOnFailure.WithMaxTest(Environment.GetEnvironmentVariable(Backends.OnlyVariable) is null ? tests : Math.Max(1, tests / 4)));

    /// <summary>Values of about unit size, with some zeros, repeated and large ones.</summary>
    public static float[] Values(int count, int seed, float size = 1)
    {
        Random random = new(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            int kind = random.Next(40);
            values[i] = size * (kind == 0 ? 0 : ((random.NextSingle() * 2) - 1) * (kind == 1 ? 8 : 1));
        }

        return values;
    }
}
