using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using GemmaVk.Cli.Commands;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Terminals;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Porting;

/// <summary>The kit as a folder of its own.</summary>
internal sealed class GoldenExport : Verb
{
    private const string Catalogue = "kit.json";
    private readonly Argument<string> _folder = new("DIR") { Description = "What to write: a new or empty folder." };
    private readonly Option<string?> _kit = GoldenKit.Option();

    public GoldenExport()
        : base("export", "Copies the published results, the tiny checkpoints they belong to and their README into a folder, with kit.json: every array's shape, tolerance and reason.")
    {
        Arguments.Add(_folder);
        Options.Add(_kit);
    }

    public override string Title => "golden export";

    public override IReadOnlyList<string> Examples { get; } = ["gemmavk golden export /tmp/kit", "gemmavk golden check mine.safetensors --kit /tmp/kit"];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        GoldenKit kit = GoldenKit.Find(parsed.GetValue(_kit));
        string folder = parsed.GetValue(_folder)!;
        if (folder.Length == 0 || File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            throw new GemmaVkException($"DIR {folder}: expected a new or empty folder, but {(folder.Length == 0 ? "no name came" : File.Exists(folder) ? "it is a file" : "it has something in it")}; give another.");
        }

        bool existed = Directory.Exists(folder);
        using Interruption.Listener interruption = surroundings.Terminal.Interruption.Listen();
        string[] files = [.. Directory.EnumerateFiles(kit.Folder, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != Catalogue).Order(StringComparer.Ordinal)];
        long bytes = 0;
        try
        {
            foreach (string path in files)
            {
                interruption.Token.ThrowIfCancellationRequested();
                string target = Path.Combine(folder, Path.GetRelativePath(kit.Folder, path));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(path, target);
                bytes += new FileInfo(target).Length;
            }

            // The last file: what has it is whole.
            using StringWriter text = new();
            JsonOutput.Write(text, json => GoldenList.Write(json, kit, GoldenSets.All));
            OutputTarget.Of(Path.Combine(folder, Catalogue)).Write(stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text.ToString())));
        }
        catch (Exception error)
        {
            Remove(folder, existed);
            throw error is IOException or UnauthorizedAccessException
                ? new GemmaVkException($"DIR {folder}: expected a folder that can be written, but: {Complaint.Of(error)} Make room or give another.", error)
                : error;
        }

        surroundings.Terminal.Error.WriteLine(VisibleText.Sentence(FormattableString.Invariant($"{folder}: {files.Length + 1} files, {bytes / 1e6:F1} MB; its README.md shows the way.")));
        return ExitCode.Done;
    }

    /// <summary>Nothing stays half written.</summary>
    private static void Remove(string folder, bool existed)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (string entry in Directory.EnumerateFileSystemEntries(folder))
        {
            if (Directory.Exists(entry))
            {
                Directory.Delete(entry, recursive: true);
            }
            else
            {
                File.Delete(entry);
            }
        }

        if (!existed)
        {
            Directory.Delete(folder);
        }
    }
}
