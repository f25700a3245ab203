using System;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Memory;
using GemmaVk.Gpu.Pipelines;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>What recording and running ask of the garbage collector: nothing per command.</summary>
public sealed class BindingCostTests
{
    [Fact]
    public void RunningARecordingAllocatesNothing()
    {
        using TestDevice test = new(options => options with { Validation = false });
        using DeviceBuffer buffer = test.Buffer(256);
        using Recording recording = Record(test, buffer, 3, out _);
        Run(10);
        Assert.Equal(0, Allocation.Least(() => Run(100)));

        void Run(int times)
        {
            for (int i = 0; i < times; i++)
            {
                recording.Submit();
                recording.Wait();
            }
        }
    }

    [Fact]
    public void RecordingADispatchAllocatesNoMoreThanItsPlaceInTheLists()
    {
        using TestDevice test = new(options => options with { Validation = false });
        using DeviceBuffer buffer = test.Buffer(256);
        Record(test, buffer, 200, out _).Dispose();
        Record(test, buffer, 2000, out long bytes).Dispose();
        // The name of each command and a pool per 128 sets, in lists that double.
        Assert.InRange(bytes / 2000.0, 0, 40);
    }

    private static Recording Record(TestDevice test, DeviceBuffer buffer, int dispatches, out long bytes)
    {
        ComputePipeline step = test.Device.Pipelines.Get(TestDevice.Shader("step"), []);
        using CommandRecorder recorder = new(test.Device, "steps");
        BufferRange range = buffer.Range;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < dispatches; i++)
            recorder.Dispatch(step, [range], (64u, 1u), 1);
        bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        return recorder.Finish();
    }
}
