using System;

namespace GemmaVk.Fuzz.Mutations;

/// <summary>Makes another input of one.</summary>
internal interface IMutation
{
    /// <param name="input">Left as it is.</param>
    /// <param name="other">Another input, to take parts of.</param>
    /// <param name="random">All choices come from it.</param>
    byte[] Apply(byte[] input, byte[] other, Random random);
}
