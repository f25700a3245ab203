using System.CommandLine;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Options;

/// <summary><c>--session</c>: the file in which a conversation goes on.</summary>
internal sealed class SessionOption : Option<string?>
{
    public SessionOption(string when)
        : base("--session")
    {
        Description = $"Go on with the conversation of this file, cache included, if it is there, and write it {when}. Same model and precision as before.";
        HelpName = "FILE";
    }

    /// <summary>The path, in a folder that is there; null without the flag.</summary>
    /// <exception cref="GemmaVkException">It is empty, a folder, in none, or in one that takes no files.</exception>
    public string? Read(ParseResult parsed)
    {
        if (parsed.GetValue(this) is not { } path)
        {
            return null;
        }

        if (path.Length == 0)
        {
            throw new GemmaVkException("--session is empty: expected a file; give one such as talk.session.");
        }

        // Said before the work and not after it.
        _ = OutOption.TargetOf(path, "--session");
        return path;
    }
}
