using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Gpu.Pipelines;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>Shaders of a user's in the place of embedded ones: they run, or a sentence says why not.</summary>
public sealed class OwnKernelTests
{
    private const string Source = """
        #version 450
        layout(local_size_x_id = 0) in;
        layout(set = 0, binding = 0, std430) readonly buffer X { float x[]; };
        layout(set = 0, binding = 1, std430) writeonly buffer Y { float y[]; };
        layout(push_constant) uniform Push { uint Count; float Cap; };
        #include "body.glsl"
        """;

    private const string Body = """
        void main()
        {
            for (uint i = gl_GlobalInvocationID.x; i < Count; i += gl_NumWorkGroups.x * gl_WorkGroupSize.x) y[i] = Cap * (x[i] + 100.0);
        }
        """;

    [GlslcFact]
    public void AShaderWithItsIncludeBesideItRunsInThePlaceOfAnEmbeddedOne()
    {
        using TemporaryFolder folder = new();
        folder.Write("body.glsl", Body);
        string path = folder.Write("mine.comp", Source.Replace("#version 450", "#version 450\n#extension GL_GOOGLE_include_directive : require", StringComparison.Ordinal));
        using TestBackend test = new(options => options with { OwnKernels = new Dictionary<string, string> { ["soft_cap"] = path } });
        using BufferHandle x = test.Filled<float>(DType.F32, [1, 2, 3]), y = test.Filled<float>(DType.F32, [0, 0, 0]);
        test.Run(pass => pass.SoftCap(new(x, y, 2, 3)));
        Assert.Equal([202, 204, 206], test.Read(y));
    }

    [GlslcFact]
    public void ItTakesTurnsWithTheEmbeddedOneOnOneDevice()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("mine.comp", Source.Replace("#include \"body.glsl\"", Body, StringComparison.Ordinal));
        using VulkanBackend backend = VulkanBackend.Create(new GpuOptions { OwnKernels = new Dictionary<string, string> { ["soft_cap"] = path }, Timing = true });
        float[] values = [1, 2, 3], embedded = new float[3], read = new float[3];
        SoftCap.Reference(values, embedded, 2);
        using BufferHandle x = backend.Allocate("x", DType.F32, new Shape(3)), y = backend.Allocate("y", DType.F32, new Shape(3));
        using IRecording recording = backend.Record("in turns", pass => pass.SoftCap(new(x, y, 2, 3)));
        List<string> codes = [];
        foreach (bool own in (bool[])[false, true, false, true])
        {
            Run(own);
            codes.Add(backend.LastRun.Single().Code);
        }

        Assert.Equal((codes[0], codes[1]), (codes[2], codes[3]));
        Assert.NotEqual(codes[0], codes[1]);
        Assert.Equal(["soft_cap"], backend.OwnKernelsRun);

        // A device that was lost comes back with what was taken.
        backend.TakeOwnKernels(false);
        backend.Reopen();
        Run(null);

        void Run(bool? own)
        {
            if (own is { } taken)
                backend.TakeOwnKernels(taken);
            backend.Write<float>(x, values);
            backend.Run(recording);
            backend.Read<float>(y, read);
            Assert.All(read.Zip(own == true ? [202, 204, 206] : embedded), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        }
    }

    [GlslcTheory]
    [InlineData("", 1u << 27)]
    [InlineData("", 64u)]
    [InlineData("no-pipeline-robustness", 1u << 27)]
    [InlineData("no-pipeline-robustness", 64u)]
    public void AWrongIndexLeavesTheDeviceAndOtherBuffersAsTheyAre(string lacks, uint beside)
    {
        using TemporaryFolder folder = new();
        string body = Body.Replace("y[i] = Cap * (x[i] + 100.0)", $"{{ y[i + {beside}u] = 1.0 / 3.0; y[i] = x[i + {beside}u] + Cap; }}", StringComparison.Ordinal);
        string path = folder.Write("mine.comp", Source.Replace("#include \"body.glsl\"", body, StringComparison.Ordinal));
        List<string> said = [];
        using TestBackend test = new(options => options with
        {
            OwnKernels = new Dictionary<string, string> { ["soft_cap"] = path },
            Pretend = PretendedLacks.Parse(lacks),
            Log = said.Add,
        });
        float[] values = [1, 2, 3], more = [.. Enumerable.Repeat(7f, 256)];
        BufferHandle[] around = [.. Enumerable.Range(0, 4).Select(_ => test.Filled<float>(DType.F32, more))];
        using BufferHandle x = test.Filled<float>(DType.F32, values), y = test.Filled<float>(DType.F32, values);
        test.Run(pass =>
        {
            pass.SoftCap(new(x, y, 2, 3));
            pass.GeGlu(new(around[0], around[1], around[2], 1, 256));
        });
        Assert.Equal([2, 2, 2], test.Read(y));
        Assert.Equal(more, test.Read(around[3]));
        Assert.All(test.Read(around[2]), value => Assert.Equal(7 * 7, value, 1e-3));
        (BoundsChecks bounds, IReadOnlyDictionary<string, BoundsChecks> pipelines) = (test.Device.Features.OwnKernelBounds, test.Device.Pipelines.Bounds);
        Assert.Equal(bounds, pipelines["soft_cap"]);
        Assert.Equal(BoundsChecks.None, pipelines["ge_glu"]);
        Assert.True(lacks.Length > 0 ? bounds == BoundsChecks.WholeDevice : bounds != BoundsChecks.None, $"{bounds}");
        Assert.Contains(said, line => line.Contains("indices into buffers are checked in ", StringComparison.Ordinal));
        Array.ForEach(around, buffer => buffer.Dispose());
    }

    [GlslcTheory]
    [InlineData("binding = 1", "binding = 2", "Binding 2 does not exist")]
    [InlineData("binding = 1", "binding = 2", "Binding 1, which the kernel writes, is not declared")]
    [InlineData("writeonly buffer Y", "buffer Y", "Binding 1 is read and written, and the host takes it for writeonly")]
    [InlineData("set = 0, binding = 0", "set = 1, binding = 0", "Binding 0 is in set 1")]
    [InlineData("float Cap; }", "float Cap; float More; }", "Its push constants take 12 bytes, and the host gives 8")]
    [InlineData("uint Count; float Cap;", "float Cap; layout(offset = 4) uint Count;", null)]
    [InlineData("uint Count;", "layout(offset = 4) uint Count; layout(offset = 0)", "Its push constants lie at")]
    [InlineData("local_size_x_id = 0", "local_size_x = 64", "Specialization constant 0, LocalSize, is not declared")]
    [InlineData("local_size_x_id = 0", "local_size_x = 64", "Its workgroup takes its size from its own numbers")]
    [InlineData("local_size_x_id = 0", "local_size_x_id = 0, local_size_y = 1000, local_size_z = 60", "invocations, and the device allows")]
    [InlineData("(push_constant)", "(constant_id = 5) const uint Extra = 1u;\nlayout(push_constant)", null)]
    public void AnotherInterfaceIsRefusedWithASentencePerDifference(string what, string with, string? sentence)
    {
        using TemporaryFolder folder = new();
        string text = Source.Replace("#include \"body.glsl\"", Body, StringComparison.Ordinal);
        Assert.Contains(what, text, StringComparison.Ordinal);
        string path = folder.Write("mine.comp", text.Replace(what, with, StringComparison.Ordinal));
        using TestDevice device = new();
        using GpuKernels kernels = new(new KernelSettings(device.Device));
        string[] faults = [.. OwnKernels.Mismatches(
            kernels.SoftCap.Interface, ShaderModule.Load("soft_cap", null).Interface, ShaderCompiler.LoadOwn("soft_cap", path).Interface, device.Device.Features)];
        if (sentence is null)
        {
            Assert.Empty(faults);
        }
        else
        {
            Assert.Contains(faults, fault => fault.Contains(sentence, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void EveryEmbeddedModuleHasItsOwnInterface()
    {
        using TestDevice device = new();
        using GpuKernels kernels = new(new KernelSettings(device.Device));
        foreach (IGpuKernel kernel in kernels.Passes)
        {
            foreach (string module in kernel.Interface.Modules)
            {
                SpirvInterface shader = ShaderModule.Load(module, null).Interface;
                Assert.Empty(OwnKernels.Mismatches(kernel.Interface, shader, shader, device.Device.Features));
            }
        }
    }

    [GlslcFact]
    public void WhatDoesNotCompileIsRefusedWithTheCompilersLines()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("mine.comp", Source.Replace("#include \"body.glsl\"", Body.Replace("Cap *", "Kap *", StringComparison.Ordinal), StringComparison.Ordinal));
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => ShaderCompiler.LoadOwn("soft_cap", path));
        Assert.Matches(@"mine\.comp:8: error: 'Kap'", error.Message);
    }

    [Theory]
    [InlineData("cut.spv", 40, "expected a whole SPIR-V module")]
    [InlineData("odd.spv", 41, "no whole number of SPIR-V words")]
    [InlineData("other.txt", 40, "ends in .comp (GLSL) or .spv")]
    public void AFileThatIsNoShaderIsRefused(string name, int bytes, string sentence)
    {
        using TemporaryFolder folder = new();
        byte[] whole = TestSpirv();
        string path = folder.Write(name, whole.AsSpan(0, bytes));
        Assert.Contains(sentence, Assert.Throws<GemmaVkException>(() => ShaderCompiler.LoadOwn("soft_cap", path)).Message, StringComparison.Ordinal);
        Assert.Contains("there is none", Assert.Throws<GemmaVkException>(() => ShaderCompiler.LoadOwn("soft_cap", Path.Combine(folder.Path, "none.comp"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "the file is empty or none that has a size")]
    [InlineData("\0\u0001", "its bytes are no text")]
    [InlineData("#include \"mine.comp\"", "expected includes that end, but")]
    [InlineData("#include \"a.glsl\"", "a.glsl includes ")]
    public void WhatNoCompilerShouldSeeIsRefused(string text, string sentence)
    {
        using TemporaryFolder folder = new();
        folder.Write("a.glsl", "float f() { return 1; }\n  # include \"b.glsl\"");
        folder.Write("b.glsl", "#include <a.glsl>");
        string path = folder.Write("mine.comp", text);
        Assert.Contains(sentence, Assert.Throws<GemmaVkException>(() => ShaderCompiler.LoadOwn("soft_cap", path)).Message, StringComparison.Ordinal);
    }

    [GlslcFact]
    public void ACompilerThatBreaksSaysWhyInAFewLines()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("mine.comp", "what is no GLSL at all");
        Assert.InRange(Assert.Throws<GemmaVkException>(() => ShaderCompiler.LoadOwn("soft_cap", path)).Message.Length, 60, 2000);
        // An include that a condition ends may come again.
        folder.Write("once.glsl", "#ifndef ONCE\n#define ONCE\n#include \"once.glsl\"\n#endif");
        string guarded = folder.Write("guarded.comp", "#version 450\n#extension GL_GOOGLE_include_directive : require\n#include \"once.glsl\"\n"
            + Source[(Source.IndexOf('\n', StringComparison.Ordinal) + 1)..].Replace("#include \"body.glsl\"", Body, StringComparison.Ordinal));
        Assert.Equal(8, ShaderCompiler.LoadOwn("soft_cap", guarded).Interface.PushBytes);
    }

    [Fact]
    public void ANewerSpirvThanTheDeviceTakesIsRefused()
    {
        using TestDevice device = new();
        using GpuKernels kernels = new(new KernelSettings(device.Device));
        SpirvInterface shader = ShaderModule.Load("soft_cap", null).Interface;
        string Faults(SpirvInterface own, Version api) =>
            string.Join(' ', OwnKernels.Mismatches(kernels.SoftCap.Interface, shader, own, device.Device.Features with { ApiVersion = api }));
        Assert.Empty(Faults(shader with { MinorVersion = 6 }, new Version(1, 3)));
        Assert.Contains("It is SPIR-V 1.6, and Vulkan 1.2 takes 1.5 at most", Faults(shader with { MinorVersion = 6 }, new Version(1, 2)), StringComparison.Ordinal);
        Assert.Contains("floats of 64 bits, which the host does not turn on", Faults(shader with { Capabilities = new HashSet<uint> { 1, 10 } }, new Version(1, 3)), StringComparison.Ordinal);
    }

    [Fact]
    public void AModuleThatDoesNotExistIsRefused()
    {
        Dictionary<string, string> own = new() { ["peak_f32"] = "x.comp" };
        Assert.Contains("there is no peak_f32", Assert.Throws<GemmaVkException>(() => new TestBackend(options => options with { OwnKernels = own })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SpansFollowEachOtherAndNameTheirModules()
    {
        using TestBackend test = new(options => options with { Timing = true });
        using BufferHandle x = test.Filled<float>(DType.F32, [1, 2, 3]), y = test.Filled<float>(DType.F32, [0, 0, 0]);
        test.Run(pass =>
        {
            pass.SoftCap(new(x, y, 2, 3));
            pass.GeGlu(new(x, y, y, 1, 3));
        });
        var spans = test.Backend.LastRun;
        Assert.Equal(["soft_cap", "ge_glu"], spans.Select(span => span.Module));
        Assert.Equal(["SoftCap", "GeGlu"], spans.Select(span => span.Call.Kernel));
        Assert.All(spans, span => Assert.Matches("^[0-9a-f]{12}$", span.Code));
        Assert.True(spans[0].Start < spans[0].End && spans[0].End <= spans[1].Start, string.Join(", ", spans.Select(span => $"{span.Start.TotalMicroseconds} to {span.End.TotalMicroseconds}")));
    }

    [Fact]
    public void PeaksAreMeasured()
    {
        using TestBackend test = new();
        var peaks = test.Backend.MeasurePeaks();
        Assert.InRange(peaks.F32!.Value, 1e8, 1e15);
        Assert.InRange(peaks.Int8!.Value, 1e8, 1e16);
        Assert.InRange(peaks.BytesPerSecond, 1e8, 1e14);
        Assert.InRange(peaks.DispatchSeconds!.Value, 1e-8, 0.1);
    }

    [Fact]
    public void ADeviceIsRousedInBoundedTimeAndASoftwareDriverNotAtAll()
    {
        using TestBackend usual = new();
        Assert.False(usual.Backend.Rouse());
        using TestBackend card = new(options => options with { AsSoftware = false, Matrices = false });
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        // The first finds out how long a pulse takes, so nothing can have slept.
        Assert.False(card.Backend.Rouse());
        Assert.True(watch.Elapsed >= TimeSpan.FromMilliseconds(250));
        card.Backend.Rouse();
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    private static byte[] TestSpirv() => System.Runtime.InteropServices.MemoryMarshal.AsBytes<uint>(ShaderModule.Load("soft_cap", null).Words).ToArray();
}
