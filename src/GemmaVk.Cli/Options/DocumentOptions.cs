using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Options;

/// <summary>The flags that give documents, and how those are taken that do not fit.</summary>
internal sealed class DocumentOptions
{
    private readonly Option<string[]> _document = new("--document")
    {
        Description = "A document: PDF, DOCX, ODT, EPUB, HTML, Markdown, CSV or text. May come several times. Answers carry file and page behind each sentence.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _pages = new("--pages") { Description = "Pages of the PDFs, such as 3-7 or 1,4,9-. Default: all.", HelpName = "LIST" };

    private readonly WordOption _long = new(
        "--long-documents", "What to do with documents that the context does not hold: look up passages for each question (retrieve), or read all in parts (summary). Default: retrieve.",
        "leave it out to look passages up", "retrieve", "summary");

    private readonly Option<string?> _docs = new("--docs") { Description = "A folder of documents to answer from: its index is brought up to date, and searched for each question.", HelpName = "FOLDER" };
    private readonly IndexOption _index = new();
    private readonly RankOption _rank = new("model");

    public void AddTo(Command command)
    {
        command.Options.Add(_document);
        command.Options.Add(_pages);
        command.Options.Add(_long);
        command.Options.Add(_docs);
        command.Options.Add(_index);
        command.Options.Add(_rank);
    }

    /// <summary>Whether a flag was given that only a chat template can honour.</summary>
    public string? NeedsTemplate(ParseResult parsed) => Files(parsed).Count > 0 ? "--document" : parsed.GetValue(_docs) is not null ? "--docs" : null;

    /// <summary>Whether there is anything to answer from.</summary>
    /// <exception cref="GemmaVkException">A flag is given without the one that it is about.</exception>
    public bool AreGiven(ParseResult parsed) => Pages(parsed) is not null || Docs(parsed) is not null || NeedsTemplate(parsed) is not null;

    /// <summary>The documents' paths.</summary>
    /// <exception cref="GemmaVkException">One is empty, or --pages has no document.</exception>
    public IReadOnlyList<string> Files(ParseResult parsed)
    {
        string[] files = parsed.GetValue(_document) ?? [];
        return files.Contains("") ? throw new GemmaVkException("--document is empty: expected the path of a file; give one.") : [.. files.Select(HomePath.Expand)];
    }

    /// <summary>What --pages says; null without.</summary>
    public string? Pages(ParseResult parsed) => parsed.GetValue(_pages) is not { } pages ? null
        : Files(parsed).Count > 0 ? pages
        : throw new GemmaVkException("--pages: expected together with --document, whose pages it chooses; add one, or leave it out.");

    /// <summary>Whether documents that do not fit are summarised.</summary>
    public bool Summarises(ParseResult parsed) => _long.Read(parsed) == "summary";

    /// <summary>Whether the model ranks what words have found.</summary>
    public bool Ranks(ParseResult parsed) => _rank.ByModel(parsed);

    /// <summary>The folder to answer from with the place of its index, or null.</summary>
    /// <exception cref="GemmaVkException">It is empty.</exception>
    public (string Folder, string? Index)? Docs(ParseResult parsed) => parsed.GetValue(_docs) is not { } folder
        ? parsed.GetValue(_index) is null ? null : throw new GemmaVkException("--index: expected together with --docs, whose index it names; add the folder, or leave it out.")
        : folder.Length > 0 ? (HomePath.Expand(folder), _index.Read(parsed))
        : throw new GemmaVkException("--docs is empty: expected a folder of documents; give one.");
}
