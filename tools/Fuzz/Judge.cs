using System;
using System.Diagnostics;
using System.Linq;
using System.Text;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Fuzz;

/// <summary>Runs one input and says what is wrong with how it went.</summary>
internal static class Judge
{
    // Where sentences come escaped, a control character in one is a hole; found by looking what becomes of one.
    private static readonly bool GemmaVkEscapes = !new GemmaVkException("\u001b").Message.Contains('\u001b', StringComparison.Ordinal);
    private static readonly bool TextEscapes = !new TextException("\u001b").Message.Contains('\u001b', StringComparison.Ordinal);

    /// <summary>Longest sentence that a person still reads.</summary>
    private const int LongestSentence = 4000;

    /// <summary>Parses.</summary>
    /// <param name="target">The parser; one thread at a time.</param>
    /// <param name="input">The bytes.</param>
    /// <param name="outcome">The shape of what happened: the same for inputs that took the same way out.</param>
    /// <returns>What is wrong, or null.</returns>
    public static Finding? Of(Target target, byte[] input, out string outcome)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        outcome = "";
        Exception? error = null;
        try
        {
            outcome = target.Parse(input) ? "accepted" : "refused";
        }
        catch (Exception thrown)
        {
            error = thrown;
            outcome = Shape(thrown);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        long most = target.MostAllocated(input.Length);
        return error is not null && !target.IsClear(error) ? new Finding(target.Name, input, Place(error), error.ToString())
            : error is not null && Unseen(error) is { } unseen ? new Finding(target.Name, input, "control character " + outcome, $"U+{(int)unseen:X4} in: {error.Message}")
            : error?.Message.Length > LongestSentence ? new Finding(target.Name, input, "long sentence, " + error.GetType().Name, $"a sentence of {error.Message.Length} characters")
            : allocated > most ? new Finding(target.Name, input, "allocation", $"{allocated:N0} bytes allocated for {input.Length:N0} bytes of input, at most {most:N0} expected")
            : null;
    }

    private static char? Unseen(Exception error) =>
        (error is GemmaVkException && GemmaVkEscapes) || (error is TextException && TextEscapes)
            ? error.Message.Where(letter => char.IsControl(letter) && letter != '\n').Select(letter => (char?)letter).FirstOrDefault()
            : null;

    /// <summary>Type, and where it was thrown first in code of this repository.</summary>
    private static string Place(Exception error)
    {
        StackFrame? frame = new StackTrace(error).GetFrames().FirstOrDefault(frame => frame.GetMethod()?.DeclaringType?.Namespace?.StartsWith("GemmaVk", StringComparison.Ordinal) == true);
        return $"{error.GetType().Name} in {frame?.GetMethod()?.DeclaringType?.Name}.{frame?.GetMethod()?.Name}";
    }

    /// <summary>A sentence without numbers and what stands in quotes.</summary>
    private static string Shape(Exception error)
    {
        StringBuilder shape = new(error.GetType().Name);
        bool quoted = false, number = false;
        foreach (char letter in error.Message.AsSpan(0, Math.Min(300, error.Message.Length)))
        {
            quoted ^= letter == '"';
            if (!quoted && (!char.IsAsciiDigit(letter) || !number))
            {
                shape.Append(char.IsAsciiDigit(letter) ? '0' : letter);
            }

            number = char.IsAsciiDigit(letter);
        }

        return shape.ToString();
    }
}
