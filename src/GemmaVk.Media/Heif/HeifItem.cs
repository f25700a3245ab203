using System.Collections.Generic;

namespace GemmaVk.Media.Heif;

/// <summary>A picture, or a part of one, in a file of the HEIF family.</summary>
internal sealed class HeifItem
{
    /// <summary>What its bytes are: av01, hvc1, grid, ...</summary>
    public uint Type { get; set; }

    /// <summary>Where its bytes lie, relative to the file or to the box "idat".</summary>
    public List<(long Offset, long Length)> Extents { get; } = [];

    /// <summary>Whether its bytes lie in the box "idat" rather than anywhere in the file; null where its way of lying is not known.</summary>
    public bool? InIdat { get; set; } = false;

    /// <summary>Properties in the order in which they apply: places in the list of the file.</summary>
    public List<int> Properties { get; } = [];

    /// <summary>The items it is made of, in order.</summary>
    public List<uint> MadeOf { get; } = [];

    /// <summary>The item of which it is an auxiliary picture, or 0.</summary>
    public uint AuxiliaryOf { get; set; }
}
