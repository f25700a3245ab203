using System;
using System.Globalization;
using System.IO;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.Calls;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Mcp.BuiltIn;

/// <summary>Reads lines of a text file below the allowed folders.</summary>
internal sealed class ReadFile(AllowedFolders folders) : OwnTool(ToolSchema.Declare(
    "read_file",
    "Reads lines of a text file.",
    """{"type":"object","properties":{"path":{"type":"string","description":"Path of the file, as list_files shows it."},"first_line":{"type":"integer","description":"The first line to read; 1 without it."},"lines":{"type":"integer","description":"How many lines; 200 without it."}},"required":["path"],"additionalProperties":false}"""))
{
    private const int UsualLines = 200;
    private const int MostLines = 2000;

    /// <inheritdoc/>
    protected override ToolAnswer Call(JsonElement arguments, CancellationToken cancel)
    {
        using FileStream file = folders.Open(ToolSchema.Text(arguments, "path") ?? "");
        string shown = folders.Shown(file.Name);
        (string text, bool more) = TextOfFile.Read(file, shown);
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        int first = Math.Max(1, ToolSchema.Number(arguments, "first_line") ?? 1);
        int count = Math.Clamp(ToolSchema.Number(arguments, "lines") ?? UsualLines, 1, MostLines);
        int last = (int)Math.Min(lines.Length, (long)first + count - 1);
        string head = string.Create(CultureInfo.InvariantCulture, $"{shown}, lines {first} to {last} of {lines.Length}{(more ? " and more" : "")}:");
        return first > lines.Length ? ToolAnswer.Failed($"{shown} has {lines.Length} lines: expected one of them as the first.")
            : ToolAnswer.Of($"{head}\n{string.Join('\n', lines[(first - 1)..last])}");
    }
}
