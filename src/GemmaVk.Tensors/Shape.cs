using System;

namespace GemmaVk.Tensors;

/// <summary>Up to four extents, row-major: the last one is contiguous. Missing extents count as one.</summary>
public readonly record struct Shape
{
    private readonly long _d0;
    private readonly long _d1;
    private readonly long _d2;
    private readonly long _d3;

    /// <summary>A shape of one to four extents, each zero or more, whose product fits a 64-bit integer.</summary>
    public Shape(params ReadOnlySpan<long> extents)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(extents.Length, 4, nameof(extents));
        Rank = extents.Length;
        _d0 = extents.Length > 0 ? extents[0] : 1;
        _d1 = extents.Length > 1 ? extents[1] : 1;
        _d2 = extents.Length > 2 ? extents[2] : 1;
        _d3 = extents.Length > 3 ? extents[3] : 1;
        ArgumentOutOfRangeException.ThrowIfNegative(_d0);
        ArgumentOutOfRangeException.ThrowIfNegative(_d1);
        ArgumentOutOfRangeException.ThrowIfNegative(_d2);
        ArgumentOutOfRangeException.ThrowIfNegative(_d3);
        Count = checked(_d0 * _d1 * _d2 * _d3);
    }

    /// <summary>Number of extents.</summary>
    public int Rank { get; }

    /// <summary>Number of elements: the product of the extents.</summary>
    public long Count { get; }

    /// <summary>Extent <paramref name="axis"/>, one where the shape has fewer.</summary>
    public long this[int axis] => axis switch
    {
        0 => _d0,
        1 => _d1,
        2 => _d2,
        3 => _d3,
        _ => 1,
    };

    /// <summary>The shape as it is written in messages, such as <c>[4096, 3840]</c>.</summary>
    public override string ToString() => Rank switch
    {
        0 => "[]",
        1 => $"[{_d0}]",
        2 => $"[{_d0}, {_d1}]",
        3 => $"[{_d0}, {_d1}, {_d2}]",
        _ => $"[{_d0}, {_d1}, {_d2}, {_d3}]",
    };
}
