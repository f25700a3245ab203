namespace GemmaVk.Weights;

/// <summary>Element types of the safetensors format and their widths.</summary>
internal static class SafetensorsTypes
{
    /// <summary>Bytes per element, or 0 for a type that is not known.</summary>
    public static int Bytes(string dtype) => dtype switch
    {
        "BOOL" or "U8" or "I8" or "F8_E4M3" or "F8_E5M2" or "F8_E8M0" => 1,
        "U16" or "I16" or "F16" or "BF16" => 2,
        "U32" or "I32" or "F32" => 4,
        "U64" or "I64" or "F64" or "C64" => 8,
        _ => 0,
    };
}
