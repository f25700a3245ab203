using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using GemmaVk.Weights;

namespace GemmaVk.Media.Tests;

/// <summary>
/// The golden media of the repository. Large arrays are there as the SHA-256 of their bytes: the tolerance is zero, so a hash compares as
/// strictly. The arrays themselves, which show where a difference is, are read from the shared folder where there is one.
/// </summary>
internal static class Golden
{
    private static readonly Dictionary<string, string> Hashes =
        JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(PathOf("sha256.json")))!;

    /// <summary>A file of tests/golden/media.</summary>
    public static string PathOf(params string[] parts) => Repository.Golden(["media", .. parts]);

    /// <summary>A file of tests/golden/field: small inputs that went wrong for somebody.</summary>
    public static string Field(params string[] parts) => Repository.Golden(["field", .. parts]);

    public static JsonElement Json(string name) => JsonDocument.Parse(File.ReadAllBytes(PathOf(name))).RootElement;

    /// <summary>Compares an array with the golden one, bit for bit.</summary>
    /// <returns>What differs, or null.</returns>
    public static string? Difference<T>(string file, string name, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        ReadOnlySpan<byte> came = MemoryMarshal.AsBytes(values);
        if (TryRead(file, name, out byte[] expected))
        {
            int at = came.CommonPrefixLength(expected);
            return at == came.Length && at == expected.Length ? null
                : $"{name}: {came.Length} bytes for {expected.Length}, the first difference at {at}: {(at < came.Length ? came[at] : -1)} for {(at < expected.Length ? expected[at] : -1)}";
        }

        return Convert.ToHexStringLower(SHA256.HashData(came)) == Hashes[name] ? null : $"{name}: another SHA-256";
    }

    /// <summary>An array that must be in the repository.</summary>
    public static T[] Read<T>(string file, string name)
        where T : unmanaged =>
        TryRead(file, name, out byte[] bytes) ? MemoryMarshal.Cast<byte, T>(bytes).ToArray() : throw new InvalidDataException($"{file} has no {name}");

    private static bool TryRead(string file, string name, out byte[] bytes)
    {
        foreach (string path in new[] { PathOf(file), Path.Combine(Repository.Shared ?? "", "golden", "media", file) }.Where(File.Exists))
        {
            using SafetensorsFile tensors = SafetensorsFile.Open(path);
            if (tensors.Tensors.TryGetValue(name, out FileTensor? tensor))
            {
                bytes = tensors.Bytes(tensor).ToArray();
                return true;
            }
        }

        bytes = [];
        return false;
    }
}
