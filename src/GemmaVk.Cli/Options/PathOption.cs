using System.CommandLine;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Options;

/// <summary>A flag with the path of a file to write, which may be left out.</summary>
internal sealed class PathOption : Option<string?>
{
    public PathOption(string name, string description)
        : base(name)
    {
        Description = description;
        HelpName = "FILE";
    }

    /// <summary>The path, or null where the flag is not given.</summary>
    /// <exception cref="GemmaVkException">It is empty.</exception>
    public string? Read(ParseResult parsed) => parsed.GetValue(this) is not { } path ? null
        : path.Length > 0 ? path
        : throw new GemmaVkException($"{Name} is empty: expected a file to write; give one.");
}
