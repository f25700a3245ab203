using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Weights.Gguf;

/// <summary>An element type of GGUF files: its number there, and how many bytes a block of so many elements takes.</summary>
/// <param name="Id">Number in the file. Source: ggml.h, enum ggml_type.</param>
/// <param name="Name">Its usual name, such as Q4_K.</param>
/// <param name="BlockElements">Elements of a block; rows are whole blocks.</param>
/// <param name="BlockBytes">Bytes of a block.</param>
/// <param name="Kind">What is done with it.</param>
internal sealed record GgmlType(uint Id, string Name, int BlockElements, int BlockBytes, GgmlTypeKind Kind)
{
    // A type that is not listed has no known size, so a tensor of it cannot be checked against the file.
    private static readonly Dictionary<uint, GgmlType> Known = ((GgmlType[])
    [
        new(0, "F32", 1, 4, GgmlTypeKind.Plain),
        new(1, "F16", 1, 2, GgmlTypeKind.Plain),
        new(2, "Q4_0", 32, 18, GgmlTypeKind.Blocks),
        new(3, "Q4_1", 32, 20, GgmlTypeKind.Blocks),
        new(6, "Q5_0", 32, 22, GgmlTypeKind.Blocks),
        new(7, "Q5_1", 32, 24, GgmlTypeKind.Blocks),
        new(8, "Q8_0", 32, 34, GgmlTypeKind.Blocks),
        new(9, "Q8_1", 32, 36, GgmlTypeKind.Unread),
        new(10, "Q2_K", 256, 84, GgmlTypeKind.Blocks),
        new(11, "Q3_K", 256, 110, GgmlTypeKind.Blocks),
        new(12, "Q4_K", 256, 144, GgmlTypeKind.Blocks),
        new(13, "Q5_K", 256, 176, GgmlTypeKind.Blocks),
        new(14, "Q6_K", 256, 210, GgmlTypeKind.Blocks),
        new(15, "Q8_K", 256, 292, GgmlTypeKind.Unread),
        new(16, "IQ2_XXS", 256, 66, GgmlTypeKind.Unread),
        new(17, "IQ2_XS", 256, 74, GgmlTypeKind.Unread),
        new(18, "IQ3_XXS", 256, 98, GgmlTypeKind.Unread),
        new(19, "IQ1_S", 256, 50, GgmlTypeKind.Unread),
        new(20, "IQ4_NL", 32, 18, GgmlTypeKind.Blocks),
        new(21, "IQ3_S", 256, 110, GgmlTypeKind.Unread),
        new(22, "IQ2_S", 256, 82, GgmlTypeKind.Unread),
        new(23, "IQ4_XS", 256, 136, GgmlTypeKind.Blocks),
        new(24, "I8", 1, 1, GgmlTypeKind.Unread),
        new(25, "I16", 1, 2, GgmlTypeKind.Unread),
        new(26, "I32", 1, 4, GgmlTypeKind.Unread),
        new(27, "I64", 1, 8, GgmlTypeKind.Unread),
        new(28, "F64", 1, 8, GgmlTypeKind.Unread),
        new(29, "IQ1_M", 256, 56, GgmlTypeKind.Unread),
        new(30, "BF16", 1, 2, GgmlTypeKind.Plain),
        new(34, "TQ1_0", 256, 54, GgmlTypeKind.Unread),
        new(35, "TQ2_0", 256, 66, GgmlTypeKind.Unread),
        new(39, "MXFP4", 32, 17, GgmlTypeKind.Blocks),
        new(40, "NVFP4", 64, 36, GgmlTypeKind.Unread),
    ]).ToDictionary(type => type.Id);

    private static readonly Dictionary<string, GgmlType> Names = Known.Values.ToDictionary(type => type.Name);

    /// <summary>The types that weights may have, for messages.</summary>
    public static string Readable { get; } = string.Join(", ", Known.Values.Where(type => type.Kind != GgmlTypeKind.Unread).Select(type => type.Name));

    /// <summary>The type of a number, or null.</summary>
    public static GgmlType? Of(uint id) => Known.GetValueOrDefault(id);

    /// <summary>The type of a name as <see cref="FileTensor.DType"/> has it, or null.</summary>
    public static GgmlType? Named(string name) => Names.GetValueOrDefault(name);
}

/// <summary>What is done with an element type.</summary>
internal enum GgmlTypeKind : byte
{
    /// <summary>Numbers one by one: used as they are.</summary>
    Plain,

    /// <summary>Blocks with scales, decoded by <see cref="Blocks.BlockFormats"/>.</summary>
    Blocks,

    /// <summary>Its size is known and nothing else.</summary>
    Unread,
}
