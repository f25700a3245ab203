using System.CommandLine;
using System.IO;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Options;

/// <summary><c>--out</c>.</summary>
internal sealed class OutOption : Option<string>
{
    public OutOption(string description, string what)
        : base("--out", "-o")
    {
        Description = description;
        HelpName = what;
        Required = true;
    }

    /// <summary>The path.</summary>
    /// <exception cref="GemmaVkException">It is empty.</exception>
    public string Read(ParseResult parsed) => parsed.GetValue(this) is { Length: > 0 } path
        ? path
        : throw new GemmaVkException("--out is empty: expected a path to write to; give one.");

    /// <summary>The path of a file, in a folder that is there: said before the work and not after it.</summary>
    /// <exception cref="GemmaVkException">It is empty, a folder, or in none.</exception>
    public string ReadFile(ParseResult parsed)
    {
        string path = Read(parsed);
        if (Directory.Exists(path))
        {
            throw new GemmaVkException($"--out {path}: expected a file, but it is a folder; add a file name.");
        }

        return Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path)))
            ? path
            : throw new GemmaVkException($"--out {path}: expected a file in a folder that is there, but it is not; make the folder first.");
    }
}
