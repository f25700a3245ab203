using System;

namespace GemmaVk.Text;

/// <summary>What one more token made certain of a call that is still being written.</summary>
/// <param name="Name">The function's name, once, where it became known; null before and after.</param>
/// <param name="Arguments">More of the arguments as JSON without white space; all of a call's parts are a beginning of what it will be, never its last bracket.</param>
public readonly record struct CallPart(string? Name, string Arguments)
{
    /// <summary>What is to follow all parts of a call that is complete.</summary>
    /// <param name="given">All of its parts.</param>
    /// <param name="whole">Its arguments as JSON without white space.</param>
    public static string Rest(string given, string whole)
    {
        ArgumentNullException.ThrowIfNull(given);
        ArgumentNullException.ThrowIfNull(whole);
        // Where a key came a second time, its first value was given already: all keys come once more, and readers of JSON take the last.
        return whole.StartsWith(given, StringComparison.Ordinal) ? whole[given.Length..] : $",{whole[1..]}";
    }
}
