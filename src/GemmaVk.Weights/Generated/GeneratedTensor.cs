using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Weights.Generated;

/// <summary>One tensor of a generated checkpoint.</summary>
internal sealed record GeneratedTensor(string Name, IReadOnlyList<long> Extents, GeneratedRule Rule)
{
    private readonly uint _seed = GeneratedRule.Fnv(Name);

    public long ByteLength => Extents.Aggregate((long)Rule.ElementBytes, (product, extent) => product * extent);

    public SafetensorsEntry Entry => new(Name, Rule.DType, Extents);

    /// <summary>Writes the bytes from <paramref name="offset"/> on, which is a multiple of 64 elements.</summary>
    public void Fill(long offset, Span<byte> bytes) => Rule.Fill(_seed, offset / Rule.ElementBytes, bytes);
}
