namespace GemmaVk.Cpu.MachineCode;

/// <summary>Instructions that the runtime does not offer, or not in every width, and that a product can run on in machine code.</summary>
internal enum CodePath
{
    /// <summary>AVX-VNNI: dots of unsigned with signed bytes, 256 bits.</summary>
    AvxVnni,

    /// <summary>AVX-VNNI-INT8: dots of signed bytes, 256 bits.</summary>
    AvxVnniInt8,

    /// <summary>AVX512-VNNI: dots of unsigned with signed bytes, 512 bits.</summary>
    Avx512Vnni,

    /// <summary>AMX-INT8 from as many rows on as fill a tile, AVX512-VNNI below.</summary>
    Amx,

    /// <summary>Dot products of Arm, 128 bits.</summary>
    DotProd,

    /// <summary>Products of 2 x 8 with 8 x 2 bytes of Arm.</summary>
    I8mm,
}
