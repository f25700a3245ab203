using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace GemmaVk.Gpu.Pipelines;

/// <summary>A compiled kernel: SPIR-V words and what they ask for.</summary>
internal sealed class ShaderModule
{
    private const string Extension = ".spv";
    private const int CodeDigits = 12;

    private static readonly Assembly Home = typeof(ShaderModule).Assembly;

    private string? code;

    public ShaderModule(string name, ReadOnlySpan<byte> spirv)
    {
        if (spirv.Length % sizeof(uint) != 0)
            throw new InvalidDataException($"{name}: {spirv.Length} bytes are no whole number of SPIR-V words.");
        Name = name;
        Words = MemoryMarshal.Cast<byte, uint>(spirv).ToArray();
        Interface = SpirvReflection.Read(name, Words);
    }

    public string Name { get; }

    public uint[] Words { get; }

    /// <summary>First digits of the SHA-256 of the words.</summary>
    public string Code => code ??= Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<uint>(Words)))[..CodeDigits];

    public SpirvInterface Interface { get; }

    /// <summary>Names of the modules that are embedded, such as <c>rms_norm</c>.</summary>
    public static IReadOnlyList<string> Embedded { get; } =
        [.. Home.GetManifestResourceNames().Where(n => n.EndsWith(Extension, StringComparison.Ordinal)).Select(n => n[..^Extension.Length]).Order(StringComparer.Ordinal)];

    /// <summary>SHA-256 over names and contents of all embedded modules, in hexadecimal.</summary>
    public static string EmbeddedHash()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in Embedded)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(Resource(name));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Loads a module: the embedded one, or with a shader directory its source compiled now.</summary>
    /// <exception cref="Tensors.GemmaVkException">The source does not compile, or the compiler is missing.</exception>
    public static ShaderModule Load(string name, string? shaderDirectory, Action<string>? log = null) =>
        new(name, shaderDirectory is null ? Resource(name) : ShaderCompiler.Compile(shaderDirectory, name, log));

    private static byte[] Resource(string name)
    {
        using Stream stream = Home.GetManifestResourceStream(name + Extension)
            ?? throw new ArgumentException($"no shader module '{name}' is embedded; there is {string.Join(", ", Embedded)}");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
