using System;

namespace GemmaVk.Tensors;

/// <summary>A variable of the environment that turns something on: 1 does, 0 and nothing do not, and any other text is a mistake.</summary>
public static class OnOffVariable
{
    /// <summary>Whether it is on.</summary>
    /// <param name="name">The variable.</param>
    /// <exception cref="GemmaVkException">It has another text.</exception>
    public static bool IsOn(string name) => IsOn(name, Environment.GetEnvironmentVariable(name));

    /// <summary>The same for a text that is there already.</summary>
    public static bool IsOn(string name, string? text) => text switch
    {
        null or "" or "0" => false,
        "1" => true,
        _ => throw new GemmaVkException($"{name}: expected 1 for on, or 0 for off, but '{text}' came; correct it, or unset the variable.") { Variable = name },
    };
}
