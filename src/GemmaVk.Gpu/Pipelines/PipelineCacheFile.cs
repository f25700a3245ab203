using System;
using System.Buffers.Binary;
using System.IO;
using System.Security.Cryptography;

namespace GemmaVk.Gpu.Pipelines;

/// <summary>
/// The driver's compiled pipelines on disk, in the user's cache folder. The name holds all that makes them invalid: the
/// driver's cache id and version, and the shaders. The content is the driver's own, behind a checksum, because drivers
/// may crash on damaged data.
/// <code>
/// bytes 0-7 "GVKPIPE1"   8-15 length of data, little endian   16-47 SHA-256 of data   48- data
/// </code>
/// Reading and writing never fail: without the file, kernels are only compiled again.
/// </summary>
internal sealed class PipelineCacheFile(string? directory, string pipelineCacheUuid, uint driverVersion, string shaderHash, Action<string>? log)
{
    private const int HeaderBytes = 48;
    private const long MaxBytes = 256 << 20;

    private static ReadOnlySpan<byte> Magic => "GVKPIPE1"u8;

    /// <summary>Where the file is or will be.</summary>
    public string Path { get; } = System.IO.Path.Combine(
        directory ?? DefaultDirectory, $"pipelines-{pipelineCacheUuid}-{driverVersion:x8}-{shaderHash[..16]}.bin");

    private static string DefaultDirectory
    {
        get
        {
            string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            // A relative one counts for nothing, says the XDG base directory specification.
            if (!System.IO.Path.IsPathRooted(cache))
                // Whether it is there or not: an empty answer would make the folder one of wherever the program was started.
                cache = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            return System.IO.Path.Combine(cache, "gemmavk");
        }
    }

    /// <summary>The driver's data, or nothing when there is no file or it is damaged.</summary>
    public byte[] Read()
    {
        try
        {
            FileInfo info = new(Path);
            if (!info.Exists)
                return [];
            byte[] file = info.Length is >= HeaderBytes and <= MaxBytes ? File.ReadAllBytes(Path) : [];
            if (Data(file) is { } data)
                return data;
            log?.Invoke($"the pipeline cache {Path} is damaged and will be written anew.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log?.Invoke($"the pipeline cache {Path} cannot be read: {e.Message}");
        }

        return [];
    }

    /// <summary>Replaces the file in one step, so that no process ever sees half of it.</summary>
    public void Write(ReadOnlySpan<byte> data)
    {
        byte[] file = new byte[HeaderBytes + data.Length];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(8), data.Length);
        SHA256.HashData(data, file.AsSpan(16));
        data.CopyTo(file.AsSpan(HeaderBytes));
        KeptFile.Replace(Path, stream => stream.Write(file), why => log?.Invoke($"the pipeline cache {Path} cannot be written: {why}"));
    }

    private static byte[]? Data(ReadOnlySpan<byte> file)
    {
        if (file.Length < HeaderBytes || !file[..8].SequenceEqual(Magic) || BinaryPrimitives.ReadInt64LittleEndian(file[8..]) != file.Length - HeaderBytes)
            return null;
        ReadOnlySpan<byte> data = file[HeaderBytes..];
        return SHA256.HashData(data).AsSpan().SequenceEqual(file[16..HeaderBytes]) ? data.ToArray() : null;
    }
}
