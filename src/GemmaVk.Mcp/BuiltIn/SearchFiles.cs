using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.Calls;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Mcp.BuiltIn;

/// <summary>Finds lines with a text in files below the allowed folders.</summary>
internal sealed class SearchFiles(AllowedFolders folders) : OwnTool(ToolSchema.Declare(
    "search_files",
    "Finds the lines that contain a text, in all text files below a folder.",
    """{"type":"object","properties":{"text":{"type":"string","description":"What to find, whatever its case."},"folder":{"type":"string","description":"The folder; all that may be read without it."}},"required":["text"],"additionalProperties":false}"""))
{
    private const int MostHits = 50;
    private const int LongestLine = 300;
    private const long MostBytes = 256L << 20;

    /// <inheritdoc/>
    public override Task<ToolAnswer> CallAsync(JsonElement arguments, CancellationToken cancel) => Task.Run(() => Answer(arguments, cancel), cancel);

    /// <inheritdoc/>
    protected override ToolAnswer Call(JsonElement arguments, CancellationToken cancel)
    {
        if (ToolSchema.Text(arguments, "text") is not { Length: > 0 } text)
        {
            return ToolAnswer.Failed("text: expected what to find, but it is empty.");
        }

        List<string> hits = [];
        long bytes = 0;
        foreach (FileInfo info in ListFiles.Places(folders, ToolSchema.Text(arguments, "folder")).SelectMany(place => FolderWalk.Files(place, cancel)))
        {
            bytes += Math.Min(info.Length, TextOfFile.MostBytes);
            if (bytes > MostBytes)
            {
                hits.Add($"(looked through {MostBytes >> 20} MiB: name a folder to look further)");
                break;
            }

            Find(info.FullName, text, hits);
            if (hits.Count >= MostHits)
            {
                hits.Add($"(more than {MostHits} lines: name a folder, or a longer text)");
                break;
            }
        }

        return ToolAnswer.Of(hits.Count > 0 ? string.Join('\n', hits) : "(found nowhere)");
    }

    private void Find(string path, string text, List<string> hits)
    {
        string[] lines;
        try
        {
            using FileStream file = folders.Open(path);
            lines = TextOfFile.Read(file, path).Text.Split('\n');
        }
        catch (GemmaVkException)
        {
            // What is no text has no lines to find.
            return;
        }

        for (int i = 0; i < lines.Length && hits.Count < MostHits; i++)
        {
            if (lines[i].Contains(text, StringComparison.OrdinalIgnoreCase))
            {
                string line = lines[i].Trim();
                hits.Add(string.Create(CultureInfo.InvariantCulture, $"{folders.Shown(path)}:{i + 1}: {(line.Length <= LongestLine ? line : line[..LongestLine] + "...")}"));
            }
        }
    }
}
