using System;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Gpu.Pipelines;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>Dispatches, copies, repeats and times, on a software device under the validation layer.</summary>
public sealed class RecordingTests
{
    [StructLayout(LayoutKind.Explicit, Size = 48)]
    private struct ProbePush
    {
        [FieldOffset(0)] public uint Count;
        [FieldOffset(44)] public uint Offset;
    }

    private readonly record struct StepPush(uint Count, uint Add);

    [Theory]
    [InlineData(1, 3, false)]
    [InlineData(64, 5, false)]
    [InlineData(256, 7, true)]
    public void KernelWithSpecializationAndPushConstants(uint localSize, uint factor, bool negate)
    {
        const int count = 1000;
        using TestDevice test = new();
        using DeviceBuffer first = test.Buffer(count * 4);
        using DeviceBuffer second = test.Buffer(count * 4);
        using DeviceBuffer result = test.Buffer(count * 4, kind: MemoryKind.Host);
        uint[] a = [.. Enumerable.Range(0, count).Select(i => (uint)i * 11)];
        uint[] b = [.. Enumerable.Range(0, count).Select(i => (uint)(i ^ 0x5A))];
        first.Write(MemoryMarshal.AsBytes<uint>(a));
        second.Write(MemoryMarshal.AsBytes<uint>(b));

        ComputePipeline pipeline = test.Device.Pipelines.Get(TestDevice.Shader("probe"), [(0, localSize), (1, factor), (2, negate ? 1u : 0u)]);
        Assert.Equal((localSize, 1u, 1u), pipeline.LocalSize);
        using CommandRecorder recorder = new(test.Device, "probe");
        ProbePush push = new() { Count = count, Offset = 9 };
        recorder.Dispatch(pipeline, [first.Range, second.Range, result.Range], push, (count + localSize - 1) / localSize);
        using Recording recording = recorder.Finish();
        recording.Submit();
        recording.Wait();

        uint[] expected = [.. a.Zip(b, (x, y) => ((x + y) * factor) + 9).Select(v => negate ? ~v : v)];
        Assert.Equal(expected, Words(result, count));
    }

    [Fact]
    public void RecordingRunsAgainAndAgain()
    {
        const int count = 300;
        using TestDevice test = new();
        using DeviceBuffer data = test.Buffer(count * 4);
        data.Write(new byte[count * 4]);
        ComputePipeline step = test.Device.Pipelines.Get(TestDevice.Shader("step"), []);
        using CommandRecorder recorder = new(test.Device, "steps");
        for (uint i = 1; i <= 4; i++)
            recorder.Dispatch(step, [data.Range], new StepPush(count, i), 5);
        Assert.Equal(3, recorder.BarrierCount);
        using Recording recording = recorder.Finish();
        for (int run = 0; run < 5; run++)
            recording.Submit();
        Assert.All(Words(data, count), w => Assert.Equal(50u, w));
    }

    [Fact]
    public void IndependentKernelsHaveNoBarrierBetweenThem()
    {
        using TestDevice test = new();
        using DeviceBuffer a = test.Buffer(1024);
        using DeviceBuffer b = test.Buffer(1024);
        ComputePipeline step = test.Device.Pipelines.Get(TestDevice.Shader("step"), []);
        using CommandRecorder recorder = new(test.Device, "independent");
        recorder.Dispatch(step, [a.Range], new StepPush(256, 1), 4);
        recorder.Dispatch(step, [b.Range], new StepPush(256, 1), 4);
        Assert.Equal(0, recorder.BarrierCount);
        recorder.Copy(a.Range, b.Range);
        Assert.Equal(1, recorder.BarrierCount);
    }

    [Fact]
    public void CopyAndFill()
    {
        using TestDevice test = new();
        using DeviceBuffer a = test.Buffer(1024);
        using DeviceBuffer b = test.Buffer(1024);
        using CommandRecorder recorder = new(test.Device, "copy");
        recorder.Fill(a.Range, 5);
        recorder.Fill(b.Range, 6);
        recorder.Copy(a.Range.Slice(0, 512), b.Range.Slice(512, 512));
        using Recording recording = recorder.Finish();
        recording.Submit();
        Assert.Equal([.. Enumerable.Repeat(6u, 128), .. Enumerable.Repeat(5u, 128)], Words(b, 256));
        Assert.Equal(["fill", "fill", "copy"], recording.Kernels);
    }

    [Fact]
    public void DispatchLargerThanTheDeviceTakesIsRefused()
    {
        using TestDevice test = new();
        long limit = test.Device.Features.MaxWorkgroupCount.X;
        using DeviceBuffer words = test.Buffer(64);
        ComputePipeline step = test.Device.Pipelines.Get(TestDevice.Shader("step"), []);
        using CommandRecorder recorder = new(test.Device, "large");
        ArgumentException error = Assert.Throws<ArgumentException>(() => recorder.Dispatch(step, [words.Range], new StepPush(16, 1), limit + 1));
        Assert.Contains($"{limit + 1} x 1 x 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ChunkedBufferIsProcessedChunkByChunk()
    {
        const int rowBytes = 400;
        const int rows = 50;
        using TestDevice test = new(o => o with { MaxChunkBytes = 4096, AlwaysStage = true });
        using DeviceBuffer data = test.Buffer(rows * rowBytes, rowBytes);
        data.Write(new byte[rows * rowBytes]);
        ComputePipeline step = test.Device.Pipelines.Get(TestDevice.Shader("step"), []);
        using CommandRecorder recorder = new(test.Device, "chunks");
        foreach (BufferChunk chunk in data.Chunks)
            recorder.Dispatch(step, [chunk.Range], new StepPush((uint)chunk.Bytes / 4, 1 + (uint)chunk.FirstRow), (chunk.Bytes / 4 / 64) + 1);
        Assert.Equal(0, recorder.BarrierCount);
        using Recording recording = recorder.Finish();
        recording.Submit();
        uint[] words = Words(data, rows * rowBytes / 4);
        for (int i = 0; i < words.Length; i++)
            Assert.Equal((uint)(i / 100 / 10 * 10) + 1, words[i]);
    }

    [Fact]
    public void TimesAddUpUnderKernelNames()
    {
        const uint count = 1 << 16;
        using TestDevice test = new();
        using DeviceBuffer data = test.Buffer(count * 4);
        ComputePipeline step = test.Device.Pipelines.Get(TestDevice.Shader("step"), []);
        using CommandRecorder recorder = new(test.Device, "timed", timed: true);
        recorder.Fill(data.Range, 0);
        // More spans than one query pool holds.
        for (int i = 0; i < 600; i++)
            recorder.Dispatch(step, [data.Range], new StepPush(count, 1), count / 64);
        using Recording recording = recorder.Finish();
        Assert.Empty(recording.Times());
        for (int run = 0; run < 2; run++)
        {
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            recording.Submit();
            var times = recording.Times();
            TimeSpan wall = System.Diagnostics.Stopwatch.GetElapsedTime(start);
            Assert.Equal(recording.Kernels, times.Select(t => t.Name));
            TimeSpan sum = TimeSpan.FromTicks(times.Sum(t => t.Time.Ticks));
            Assert.True(sum > TimeSpan.Zero && sum <= wall, $"{sum} of GPU time in {wall}");
        }
    }

    [Fact]
    public void WrongArgumentsAreRefused()
    {
        using TestDevice test = new();
        using DeviceBuffer data = test.Buffer(1024);
        ComputePipeline step = test.Device.Pipelines.Get(TestDevice.Shader("step"), []);
        using CommandRecorder recorder = new(test.Device, "wrong");
        Assert.Throws<ArgumentException>(() => recorder.Dispatch(step, [], new StepPush(1, 1), 1));
        Assert.Throws<ArgumentException>(() => recorder.Dispatch(step, [data.Range], 1u, 1));
        Assert.Throws<ArgumentException>(() => recorder.Dispatch(step, [data.Range.Slice(16, 64)], new StepPush(1, 1), 1));
        Assert.Throws<ArgumentException>(() => recorder.Copy(data.Range, data.Range.Slice(0, 8)));
        Assert.Throws<ArgumentException>(() => test.Device.Pipelines.Get(TestDevice.Shader("step"), [(77, 1)]));
        Assert.Throws<ArgumentException>(() => test.Device.Pipelines.Get(TestDevice.Shader("probe"), [(0, 1 << 20)]));
        Assert.Throws<ArgumentException>(() => test.Device.Pipelines.Get("no_such_kernel", []));
    }

    [Fact]
    public void EmptyDispatchIsNothing()
    {
        using TestDevice test = new();
        using DeviceBuffer data = test.Buffer(1024);
        using CommandRecorder recorder = new(test.Device, "nothing");
        recorder.Dispatch(test.Device.Pipelines.Get(TestDevice.Shader("step"), []), [data.Range], new StepPush(0, 1), 0);
        using Recording recording = recorder.Finish();
        recording.Submit();
        Assert.Empty(recording.Kernels);
    }

    private static uint[] Words(DeviceBuffer buffer, int count)
    {
        uint[] words = new uint[count];
        buffer.Read(MemoryMarshal.AsBytes(words.AsSpan()));
        return words;
    }
}
