using System;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Gpu.Commands;

/// <summary>Cuts a recording into submissions between calls of kernels, by what each costs.</summary>
/// <param name="recorder">What is cut.</param>
/// <param name="pace">How much a submission may hold.</param>
/// <param name="calls">Hears of the calls too, where times are taken.</param>
internal sealed class SubmissionCuts(CommandRecorder recorder, SubmissionPace pace, CommandCalls? calls) : IPassObserver
{
    private readonly double full = pace.Full;
    private double work;

    /// <summary>Work of all calls.</summary>
    public double Work { get; private set; }

    /// <summary>Work of the largest submission.</summary>
    public double Largest { get; private set; }

    /// <summary>Work of the largest call.</summary>
    public double Single { get; private set; }

    public void Begin(KernelCall call)
    {
        double added = SubmissionPace.Work(call.Cost(0));
        if (work > 0 && work + added > full)
        {
            recorder.Cut();
            work = 0;
        }

        work += added;
        Work += added;
        Single = Math.Max(Single, added);
        Largest = Math.Max(Largest, work);
        calls?.Begin(call);
    }

    public void End(KernelCall call) => calls?.End(call);
}
