using System.CommandLine;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Options;

/// <summary>A flag that takes one of a few words; an option of text for the same reason as <see cref="NumberOption"/>.</summary>
internal sealed class WordOption : Option<string?>
{
    private readonly string _remedy;
    private readonly string[] _words;

    public WordOption(string name, string description, string remedy, params string[] words)
        : base(name)
    {
        Description = description;
        HelpName = string.Join('|', words);
        _remedy = remedy;
        _words = words;
    }

    /// <summary>The word, or null where the flag is not given.</summary>
    /// <exception cref="GemmaVkException">It is another one.</exception>
    public string? Read(ParseResult parsed)
    {
        if (parsed.GetValue(this) is not { } text)
        {
            return null;
        }

        foreach (string word in _words)
        {
            if (word == text)
            {
                return text;
            }
        }

        throw new GemmaVkException($"{Name} {text}: expected {string.Join(", ", _words[..^1])} or {_words[^1]}; {_remedy}.");
    }

    /// <summary>The format that a word stands for: int4, int8 or bf16.</summary>
    public static DType? Format(string? word) => word switch
    {
        "int4" => DType.Q4,
        "int8" => DType.Q8,
        "bf16" => DType.BF16,
        _ => null,
    };
}
