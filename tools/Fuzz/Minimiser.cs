using System;

namespace GemmaVk.Fuzz;

/// <summary>Makes a finding smaller while it stays the same finding: parts are left out, then bytes made plain.</summary>
internal static class Minimiser
{
    /// <param name="target">The parser.</param>
    /// <param name="finding">As it was found.</param>
    /// <param name="patience">How long it may take.</param>
    public static Finding Shrink(Target target, Finding finding, TimeSpan patience)
    {
        long end = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        Finding smallest = finding;
        for (int part = Math.Max(1, finding.Input.Length / 2); part >= 1; part /= 2)
        {
            for (int at = 0; at + part <= smallest.Input.Length && Environment.TickCount64 < end;)
            {
                byte[] shorter = [.. smallest.Input[..at], .. smallest.Input[(at + part)..]];
                if (Judge.Of(target, shorter, out _) is { } same && same.Kind == finding.Kind)
                {
                    smallest = same;
                }
                else
                {
                    at += part;
                }
            }
        }

        for (int at = 0; at < smallest.Input.Length && Environment.TickCount64 < end; at++)
        {
            byte[] plainer = [.. smallest.Input];
            plainer[at] = (byte)'0';
            if (smallest.Input[at] != '0' && Judge.Of(target, plainer, out _) is { } same && same.Kind == finding.Kind)
            {
                smallest = same;
            }
        }

        return smallest;
    }
}
