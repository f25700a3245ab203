using System;
using System.CommandLine;
using System.Linq;

namespace GemmaVk.Cli.Options;

/// <summary>Flags that take one of a few words.</summary>
internal static class WordOption
{
    /// <summary>A flag whose words stand for values; null when it is not given.</summary>
    public static Option<T?> Of<T>(string name, string description, string remedy, params (string Word, T Value)[] words)
        where T : struct => new(name)
        {
            Description = description,
            HelpName = string.Join('|', words.Select(each => each.Word)),
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                foreach ((string word, T value) in words)
                {
                    if (word == text)
                    {
                        return value;
                    }
                }

                result.AddError($"{name} {text}: expected {string.Join(", ", words[..^1].Select(each => each.Word))} or {words[^1].Word}; {remedy}");
                return null;
            },
        };
}
