namespace GemmaVk.Weights.Gguf;

/// <summary>Types of metadata values. Source: the GGUF specification of the ggml project, gguf_metadata_value_type.</summary>
internal enum GgufValueType : uint
{
    U8 = 0,
    I8 = 1,
    U16 = 2,
    I16 = 3,
    U32 = 4,
    I32 = 5,
    F32 = 6,
    Bool = 7,
    Text = 8,
    Array = 9,
    U64 = 10,
    I64 = 11,
    F64 = 12,
}

/// <summary>Where a metadata value lies in the header; it is read when somebody asks for it.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Element">Type of an array's elements; else the same as <paramref name="Type"/>.</param>
/// <param name="Start">Its first byte; of an array the first element's, of a string its length's.</param>
/// <param name="Count">Elements of an array, else one.</param>
internal readonly record struct GgufValue(GgufValueType Type, GgufValueType Element, int Start, ulong Count)
{
    /// <summary>Type as messages write it.</summary>
    public string Kind => Type == GgufValueType.Array ? $"an array of {Count} {Element}" : Type.ToString();
}
