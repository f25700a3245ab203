using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Options;

/// <summary><c>--out</c>.</summary>
internal sealed class OutOption : Option<string>
{
    /// <param name="description">What it is for.</param>
    /// <param name="what">Placeholder of its value.</param>
    /// <param name="required">Whether it must be there.</param>
    public OutOption(string description, string what, bool required = true)
        : base("--out", "-o")
    {
        Description = description;
        HelpName = what;
        Required = required;
    }

    /// <summary>The path.</summary>
    /// <exception cref="GemmaVkException">It is empty.</exception>
    public string Read(ParseResult parsed) => parsed.GetValue(this) is { Length: > 0 } path
        ? path
        : throw new GemmaVkException("--out is empty: expected a path to write to; give one.");

    /// <summary>A file to write, in a folder that is there: said before the work and not after it.</summary>
    /// <exception cref="GemmaVkException">It is empty, a folder, in none, or in one that takes no files.</exception>
    public OutputTarget ReadFile(ParseResult parsed) => TargetOf(Read(parsed));

    /// <summary>The same for a path that was read elsewhere.</summary>
    /// <param name="path">The path.</param>
    /// <param name="flag">What it was given as, for the sentence that refuses it.</param>
    /// <exception cref="GemmaVkException">As for <see cref="ReadFile"/>.</exception>
    /// <param name="read">What is read meanwhile and must stay: files, folders for all files in them; of a GGUF file all beside it.</param>
    public static OutputTarget TargetOf(string path, string flag = "--out", params IEnumerable<string?> read)
    {
        if (Directory.Exists(path))
        {
            throw new GemmaVkException($"{flag} {path}: expected a file, but it is a folder; add a file name.");
        }

        try
        {
            OutputTarget target = OutputTarget.Of(path);
            return Directory.Exists(Path.GetDirectoryName(target.Path))
                ? target.Sparing(read.OfType<string>().SelectMany(WithItsKind)).InWritableFolder()
                : throw new GemmaVkException($"{path}: expected a file in a folder that is there, but it is not; make the folder first.");
        }
        catch (GemmaVkException error)
        {
            throw new GemmaVkException($"{flag} {error.Message}", error);
        }
    }

    /// <summary>A GGUF model's other parts, its projector and its drafter are found beside it by their ending.</summary>
    private static IEnumerable<string> WithItsKind(string path) =>
        path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.gguf").Append(path)
            : [path];
}
