using System;

namespace GemmaVk.Runtime.Drafting;

/// <summary>
/// A pattern of accepted and refused drafts from a fixed seed, for measuring: with weights from a formula guesses are right by
/// chance only, and what drafting costs would otherwise not be seen at its work. Text made with it means nothing.
/// </summary>
/// <param name="chance">Chance that a draft is accepted if those before it were.</param>
public sealed class AssumedAcceptance(double chance)
{
    private readonly Random _random = new(1);

    /// <summary>Chance that a draft is accepted if those before it were.</summary>
    public double Chance { get; } = chance;

    /// <summary>How many of a round's drafts are accepted.</summary>
    internal int Next(int drafts)
    {
        int accepted = 0;
        while (accepted < drafts && _random.NextDouble() < Chance)
        {
            accepted++;
        }

        return accepted;
    }
}
