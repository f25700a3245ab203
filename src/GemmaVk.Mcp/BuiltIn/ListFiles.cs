using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Enumeration;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.Calls;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Mcp.BuiltIn;

/// <summary>Lists files below the allowed folders.</summary>
internal sealed class ListFiles(AllowedFolders folders) : OwnTool(ToolSchema.Declare(
    "list_files",
    "Lists the files below a folder with their sizes.",
    """{"type":"object","properties":{"folder":{"type":"string","description":"The folder; all that may be read without it."},"pattern":{"type":"string","description":"Names to list, such as *.md."}},"required":[],"additionalProperties":false}"""))
{
    private const int MostFiles = 200;

    /// <inheritdoc/>
    protected override ToolAnswer Call(JsonElement arguments, CancellationToken cancel)
    {
        string pattern = ToolSchema.Text(arguments, "pattern") is { Length: > 0 } given ? given : "*";
        List<string> lines = [];
        foreach (FileInfo file in Places(folders, ToolSchema.Text(arguments, "folder")).SelectMany(place => FolderWalk.Files(place, cancel)).Where(file => FileSystemName.MatchesSimpleExpression(pattern, file.Name)))
        {
            if (lines.Count == MostFiles)
            {
                lines.Add($"(more than {MostFiles} files: name a folder or a pattern)");
                break;
            }

            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{folders.Shown(file.FullName)} ({file.Length} bytes)"));
        }

        return ToolAnswer.Of(lines.Count > 0 ? string.Join('\n', lines) : "(no such files)");
    }

    /// <summary>The folders to look in: the one that is named, or all.</summary>
    /// <exception cref="GemmaVkException">It is none, or leads out.</exception>
    public static IEnumerable<string> Places(AllowedFolders folders, string? named)
    {
        if (named is null or { Length: 0 } or ".")
        {
            return folders.Roots;
        }

        string real = folders.Resolve(named);
        return Directory.Exists(real) ? [real] : throw new GemmaVkException($"{folders.Shown(real)}: expected a folder, but there is none; name another.");
    }
}
