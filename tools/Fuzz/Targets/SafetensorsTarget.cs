using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Fuzz.Mutations;
using GemmaVk.Weights;

namespace GemmaVk.Fuzz.Targets;

/// <summary>The header of a safetensors file.</summary>
internal sealed class SafetensorsTarget : Target
{
    public override string Name => "safetensors";

    public override string Reads => "headers of safetensors files";

    public override IMutation Structure { get; } = new HeaderMutation();

    public override IEnumerable<byte[]> Seeds() =>
    [
        File("{}", 0),
        File("{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}", 24),
        File("{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[0,8]},\"b.c\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[8,16]}}   ", 16),
        File("{\"a\":{\"dtype\":\"U8\",\"shape\":[0,5],\"data_offsets\":[0,0]},\"b\":{\"dtype\":\"F8_E4M3\",\"shape\":[3],\"data_offsets\":[0,3]},\"c\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[3,4]}}", 4),
        .. Fuzz.Seeds.Files(["tests", "golden", "tiny-cases"], "*.safetensors", 20_000),
        .. Fuzz.Seeds.Files(["tests", "golden", "sampling"], "*.safetensors", 20_000),
    ];

    public override bool Parse(byte[] input)
    {
        // A shorter file is refused where it is opened.
        if (input.Length < 8)
        {
            return false;
        }

        SafetensorsHeader header = SafetensorsHeader.Parse(input, input.Length, "file");
        foreach (FileTensor tensor in header.Tensors.Values)
        {
            if (tensor.Offset < 0 || tensor.ByteLength < 0 || tensor.Offset + tensor.ByteLength > input.Length)
            {
                throw new WrongResultException($"tensor {tensor.Name} lies at {tensor.Offset}, {tensor.ByteLength} bytes, of a file of {input.Length}");
            }
        }

        return true;
    }

    public override Target Another() => new SafetensorsTarget();

    private static byte[] File(string header, int data)
    {
        byte[] json = Fuzz.Seeds.Text(header);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        return [.. length, .. json, .. Enumerable.Repeat((byte)1, data)];
    }
}
