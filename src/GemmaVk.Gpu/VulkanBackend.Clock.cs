using System;
using System.Diagnostics;
using System.Linq;
using GemmaVk.Gpu.Commands;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Gpu.Memory;

namespace GemmaVk.Gpu;

// A card lowers its clock while it idles and takes a while to raise it: one was seen at a sixth of it after the tenth of a second in which the
// host made operands. What is measured then is the card's sleep.
public sealed partial class VulkanBackend
{
    // Long enough to be timed, short enough to end soon on a slow device.
    private const uint PulseRounds = 512;
    private const int LeastPulses = 4;
    private const double Awake = 1.05;
    private const double Asleep = 1.15;
    private static readonly TimeSpan LongestRousing = TimeSpan.FromMilliseconds(250);

    // Seconds of a pulse at the highest clock that was seen.
    private double shortestPulse = double.PositiveInfinity;

    /// <inheritdoc/>
    public bool Rouse()
    {
        // Software devices run at the processor's clock, which others see too.
        if (kernels.Settings.Software)
            return false;
        using DeviceBuffer sink = DeviceBuffer.Allocate(device, "pulse sink", PeakGpu.SinkBytes);
        using CommandRecorder recorder = new(device, "pulse", timed: true);
        kernels.Peak.Record(recorder, new PeakGpu.Args("peak_f32", sink.Range, PeakGpu.Workgroups, PulseRounds));
        using Recording recording = recorder.Finish();
        bool slept = false;
        bool known = double.IsFinite(shortestPulse);
        Stopwatch watch = Stopwatch.StartNew();
        // Without a shortest pulse to compare with, the whole time is taken once.
        for (int pulse = 0; watch.Elapsed < LongestRousing; pulse++)
        {
            long start = Stopwatch.GetTimestamp();
            recording.Submit();
            recording.Wait();
            double wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
            double seconds = recording.Times().Count > 0 ? recording.Times().Sum(each => each.Time.TotalSeconds) : wall;
            slept |= pulse == 0 && known && seconds > Asleep * shortestPulse;
            shortestPulse = Math.Min(shortestPulse, seconds);
            if (known && pulse + 1 >= LeastPulses && seconds <= Awake * shortestPulse)
                break;
        }

        return slept;
    }
}
