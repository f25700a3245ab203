using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;

namespace GemmaVk.Shared;

/// <summary>
/// Processor time that this process takes while it has nothing to do. The host of the tests, code that is compiled for speed and the memory's
/// collector take some now and then, on a slow machine for seconds; a thread that spins takes some in every window there is.
/// </summary>
/// <param name="Own">Milliseconds of the threads that this project names, in a window of half a second; 0 where the system does not tell (it is Linux that does).</param>
/// <param name="All">Milliseconds of the whole process in the same window.</param>
internal sealed record Idleness(double Own, double All)
{
    private const int WindowMilliseconds = 500;

    // Ticks of the system are 10 ms: one may fall to a thread that was awake for a moment.
    private const double MostOwn = 10, MostAll = 150;

    /// <summary>A thread that sleeps takes nothing, and the process next to nothing.</summary>
    public bool IsIdle => Own <= MostOwn && All <= MostAll;

    /// <summary>The first idle window, or the last one of all that are looked at.</summary>
    public static Idleness Measure(int windows = 40)
    {
        Idleness window = new(double.NaN, double.NaN);
        for (int i = 0; i < windows && !window.IsIdle; i++)
        {
            (double own, double all) = (OwnTime(), AllTime());
            Thread.Sleep(WindowMilliseconds);
            window = new(OwnTime() - own, AllTime() - all);
        }

        return window;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Own:0} ms of named threads, {All:0} ms of the whole process in {WindowMilliseconds} ms");

    private static double AllTime()
    {
        using Process process = Process.GetCurrentProcess();
        return process.TotalProcessorTime.TotalMilliseconds;
    }

    // "1234 (gemmavk-cpu-1) S 1 ...": user and system ticks are the fields 14 and 15, 11 and 12 places behind the state.
    private static double OwnTime() => !OperatingSystem.IsLinux() ? 0 : Directory.GetDirectories("/proc/self/task").Sum(task =>
    {
        try
        {
            string stat = File.ReadAllText(Path.Combine(task, "stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return stat.Contains("(gemmavk", StringComparison.Ordinal)
                ? (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) * 10.0 : 0;
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return 0;
        }
    });
}
