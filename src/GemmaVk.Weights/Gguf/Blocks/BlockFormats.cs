using System;

namespace GemmaVk.Weights.Gguf.Blocks;

/// <summary>Blocks of any format as floats: the published definition of each, one element at a time.</summary>
internal static class BlockFormats
{
    private delegate void Decoder(ReadOnlySpan<byte> block, Span<float> values);

    /// <summary>Decodes whole blocks.</summary>
    /// <param name="type">Their type, of kind <see cref="GgmlTypeKind.Blocks"/>.</param>
    /// <param name="blocks">Their bytes.</param>
    /// <param name="values">One float per element.</param>
    public static void Decode(GgmlType type, ReadOnlySpan<byte> blocks, Span<float> values)
    {
        Decoder decode = type.Name switch
        {
            "Q4_0" => BlocksOf32.Q40,
            "Q4_1" => BlocksOf32.Q41,
            "Q5_0" => BlocksOf32.Q50,
            "Q5_1" => BlocksOf32.Q51,
            "Q8_0" => BlocksOf32.Q80,
            "Q2_K" => SuperBlocks.Q2K,
            "Q3_K" => SuperBlocks.Q3K,
            "Q4_K" => SuperBlocks.Q4K,
            "Q5_K" => SuperBlocks.Q5K,
            "Q6_K" => SuperBlocks.Q6K,
            "IQ4_NL" => TableBlocks.Iq4Nl,
            "IQ4_XS" => TableBlocks.Iq4Xs,
            "MXFP4" => TableBlocks.Mxfp4,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type.Name, "not a format of blocks"),
        };
        for (int i = 0; i < blocks.Length / type.BlockBytes; i++)
        {
            decode(blocks.Slice(i * type.BlockBytes, type.BlockBytes), values.Slice(i * type.BlockElements, type.BlockElements));
        }
    }
}
