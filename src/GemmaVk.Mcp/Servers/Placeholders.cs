using System;
using System.Text;
using GemmaVk.Tensors;

namespace GemmaVk.Mcp.Servers;

/// <summary>Values of the environment in texts of a file: <c>${NAME}</c>, and <c>${NAME:-otherwise}</c>.</summary>
internal static class Placeholders
{
    /// <summary>The text with values in their places.</summary>
    /// <param name="text">As the file has it.</param>
    /// <param name="where">Begins a sentence.</param>
    /// <param name="variable">Finds a value, or null.</param>
    /// <exception cref="GemmaVkException">A variable is not set, or a bracket is left open.</exception>
    public static string Fill(string text, string where, Func<string, string?> variable)
    {
        StringBuilder filled = new();
        int at = 0;
        for (int open; (open = text.IndexOf("${", at, StringComparison.Ordinal)) >= 0;)
        {
            int close = text.IndexOf('}', open);
            if (close < 0)
            {
                throw new GemmaVkException($"{where}: expected }} behind ${{, but \"{text}\" ends before it; close it.");
            }

            string[] named = text[(open + 2)..close].Split(":-", 2);
            string? value = variable(named[0]);
            value = string.IsNullOrEmpty(value) && named.Length > 1 ? named[1] : value;
            filled.Append(text, at, open - at).Append(value ?? throw new GemmaVkException(
                $"{where}: expected the variable {named[0]} in the environment, but it is not set; set it, or write ${{{named[0]}:-VALUE}}."));
            at = close + 1;
        }

        return filled.Append(text, at, text.Length - at).ToString();
    }
}
