using System;
using System.Collections.Generic;
using System.IO;
using FsCheck.Xunit;
using GemmaVk.Gpu.Pipelines;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>Sharing of pipelines, their cache on disk, and compiling from source.</summary>
public sealed class PipelineTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> log = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void SameSpecializationIsCreatedOnce()
    {
        using TestDevice test = new();
        ShaderModule probe = TestDevice.Shader("probe");
        ComputePipeline one = test.Device.Pipelines.Get(probe, [(0, 64), (1, 2)]);
        Assert.Same(one, test.Device.Pipelines.Get(probe, [(1, 2), (0, 64)]));
        Assert.NotSame(one, test.Device.Pipelines.Get(probe, [(0, 64), (1, 4)]));
    }

    [Fact]
    public void SubgroupSizeIsAskedForOrRefused()
    {
        using TestDevice test = new();
        if (test.Device.Features.SubgroupSizeControl)
            Assert.NotNull(test.Device.Pipelines.Get(TestDevice.Shader("step"), [], test.Device.Features.SubgroupSize));
        Assert.Throws<ArgumentException>(() => test.Device.Pipelines.Get(TestDevice.Shader("step"), [], 512));
    }

    [Fact]
    public void CacheIsWrittenAndReadBack()
    {
        using (TestDevice first = new(o => o with { CacheDirectory = folder.Path, Log = log.Add }))
            first.Device.Pipelines.Get(TestDevice.Shader("step"), []);
        FileInfo file = new(Assert.Single(Directory.GetFiles(folder.Path)));
        Assert.StartsWith("pipelines-", file.Name, StringComparison.Ordinal);
        DateTime written = file.LastWriteTimeUtc;

        // A run that compiles nothing reads the file and leaves it alone.
        using (TestDevice second = new(o => o with { CacheDirectory = folder.Path, Log = log.Add }))
            Assert.NotNull(second.Device);
        Assert.Equal(written, File.GetLastWriteTimeUtc(Assert.Single(Directory.GetFiles(folder.Path))));
        Assert.Empty(log);
    }

    [Fact]
    public void DamagedCacheIsIgnoredWithALineAndReplaced()
    {
        using (TestDevice first = new(o => o with { CacheDirectory = folder.Path }))
            first.Device.Pipelines.Get(TestDevice.Shader("step"), []);
        string path = Assert.Single(Directory.GetFiles(folder.Path));
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        using (TestDevice second = new(o => o with { CacheDirectory = folder.Path, Log = log.Add }))
            second.Device.Pipelines.Get(TestDevice.Shader("step"), []);
        Assert.Contains("damaged", Assert.Single(log), StringComparison.Ordinal);
        Assert.NotEmpty(new PipelineCacheFileAt(path).Data());
    }

    [Fact]
    public void AHomeWithoutACacheFolderDoesNotMakeOneWhereTheProgramRuns()
    {
        string? home = Environment.GetEnvironmentVariable("HOME"), cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME"), data = Environment.GetEnvironmentVariable("XDG_DATA_HOME");
        try
        {
            Environment.SetEnvironmentVariable("HOME", Path.Combine(folder.Path, "new"));
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", null);
            Environment.SetEnvironmentVariable("XDG_DATA_HOME", null);
            string path = new PipelineCacheFile(null, "uuid", 1, new string('0', 64), log: null).Path;
            Assert.StartsWith(OperatingSystem.IsWindows() ? Path.GetPathRoot(path)! : folder.Path, path, StringComparison.Ordinal);
            Assert.True(Path.IsPathFullyQualified(path), path);
        }
        finally
        {
            Environment.SetEnvironmentVariable("HOME", home);
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", cache);
            Environment.SetEnvironmentVariable("XDG_DATA_HOME", data);
        }
    }

    [Property(MaxTest = 100)]
    public bool AnyDamageIsNoticed(byte[] data, int at, byte flip)
    {
        PipelineCacheFile file = new(folder.Path, "uuid", 1, new string('0', 64), null);
        file.Write(data);
        if (!file.Read().AsSpan().SequenceEqual(data))
            return false;
        byte[] bytes = File.ReadAllBytes(file.Path);
        bytes[Math.Abs(at % bytes.Length)] ^= (byte)(flip | 1);
        File.WriteAllBytes(file.Path, bytes);
        bool flipped = file.Read().Length == 0;
        File.WriteAllBytes(file.Path, bytes[..Math.Abs(at % bytes.Length)]);
        return flipped && file.Read().Length == 0;
    }

    [Fact]
    public void UnwritableFolderCostsOnlyALine()
    {
        string blocked = Path.Combine(folder.Path, "file");
        File.WriteAllText(blocked, "not a folder");
        PipelineCacheFile file = new(blocked, "uuid", 1, new string('0', 64), log.Add);
        Assert.Empty(file.Read());
        file.Write([1, 2, 3]);
        Assert.Contains("cannot be written", Assert.Single(log), StringComparison.Ordinal);
    }

    [GlslcFact]
    public void ShaderDirectoryCompilesOnLoad()
    {
        File.WriteAllText(Path.Combine(folder.Path, "double.comp"), "#version 450\nlayout(local_size_x = SIZE) in;\nvoid main() {}\n");
        File.WriteAllText(Path.Combine(folder.Path, "variants.txt"), "# module source options\ndouble_16 double.comp -DSIZE=16 # comment\n");
        ShaderModule module = ShaderModule.Load("double_16", folder.Path);
        Assert.Equal((16u, 1u, 1u), module.Interface.LocalSize);

        GemmaVkException broken = Assert.Throws<GemmaVkException>(() => ShaderModule.Load("double", folder.Path));
        Assert.Contains("SIZE", broken.Message, StringComparison.Ordinal);
        GemmaVkException missing = Assert.Throws<GemmaVkException>(() => ShaderModule.Load("triple", folder.Path));
        Assert.Contains("triple.comp", missing.Message, StringComparison.Ordinal);
    }

    private sealed class PipelineCacheFileAt(string path)
    {
        public byte[] Data()
        {
            string[] parts = Path.GetFileNameWithoutExtension(path).Split('-');
            return new PipelineCacheFile(
                Path.GetDirectoryName(path), parts[1], Convert.ToUInt32(parts[2], 16), parts[3], null).Read();
        }
    }
}
