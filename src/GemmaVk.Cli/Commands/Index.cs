using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Reading;
using GemmaVk.Cli.Terminals;
using GemmaVk.Documents.Index;
using GemmaVk.Documents.Search;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Commands;

/// <summary>The index of a folder of documents: brought up to date, and searched.</summary>
internal sealed class Index : Verb
{
    private readonly Argument<string> _folder = new("folder") { Description = "The folder. Hidden files, what .gitignore names, and links are passed over." };
    private readonly Option<string?> _find = new("--find") { Description = "List the passages that fit this text best, each with file, page and score.", HelpName = "TEXT" };
    private readonly WholeOption _top = new("--top", "Most passages of --find. Default: 10.", 1, "leave it out for 10");
    private readonly IndexOption _index = new();
    private readonly RankOption _rank = new("words");
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object: files, passages, read, renamed, removed, skipped, seconds; with --find passages with file, page, heading, score, text." };
    private readonly ModelOption _model = new();
    private readonly DeviceOption _device = new();

    public Index()
        : base("index", "Makes or updates the index of a folder of documents, and finds passages in it. It is one file, in the folder itself unless --index names another; nothing leaves the machine.")
    {
        Arguments.Add(_folder);
        Options.Add(_find);
        Options.Add(_top);
        Options.Add(_index);
        Options.Add(_rank);
        Options.Add(_json);
        Options.Add(_model);
        Options.Add(_device);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk index ~/manuals",
        "gemmavk index ~/manuals --find \"torque of the wheel nuts\"",
        "gemmavk index ~/manuals --find \"torque of the wheel nuts\" --rank model --json",
        "gemmavk index ~/archive --index ~/archive-index.db",
    ];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        Terminal terminal = surroundings.Terminal;
        string folder = HomePath.Expand(parsed.GetValue(_folder)!);
        bool json = parsed.GetValue(_json);
        bool ranks = _rank.ByModel(parsed);
        int top = _top.Read(parsed) ?? 10;
        string? find = parsed.GetValue(_find);
        using Interruption.Listener interruption = terminal.Interruption.Listen();
        long start = Stopwatch.GetTimestamp();
        using FolderIndex index = FolderIndex.Open(folder, _index.Read(parsed));
        IndexReport report;
        using (ProgressLine line = new(terminal, "indexing"))
        {
            int most = 0;
            report = index.Update((_, left) => line.Show((most = Math.Max(most, left)) - left, most), interruption.Token);
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        IReadOnlyList<FoundPassage>? found = find is null ? null : Find(index, find, top, ranks, parsed, surroundings, interruption);
        if (json)
        {
            JsonOutput.Write(terminal.Out, writer => Write(writer, report, seconds, found));
        }
        else
        {
            Show(terminal, folder, report, seconds, found);
        }

        return ExitCode.Done;
    }

    private IReadOnlyList<FoundPassage> Find(FolderIndex index, string find, int top, bool ranks, ParseResult parsed, Surroundings surroundings, Interruption.Listener interruption)
    {
        if (string.IsNullOrWhiteSpace(find))
        {
            throw new GemmaVkException("--find is empty: expected what to look for; give some words.");
        }

        if (!ranks)
        {
            return new PassageSearch(index).FindAsync(find, top, interruption.Token).GetAwaiter().GetResult();
        }

        using GemmaEngine engine = surroundings.Load(new EngineOptions { Model = _model.Folder(parsed), Device = parsed.GetValue(_device)!, Context = 2048 }, out _);
        PassageSearch search = new(index, new LikelihoodRanking(engine));
        IReadOnlyList<FoundPassage> found = search.FindAsync(find, top, interruption.Token).GetAwaiter().GetResult();
        if (search.IsUninformed)
        {
            surroundings.Terminal.Error.WriteLine("The model finds this text less likely than chance behind every passage, so it cannot rank them: the order is that of their words.");
        }

        return found;
    }

    private static void Show(Terminal terminal, string folder, IndexReport report, double seconds, IReadOnlyList<FoundPassage>? found)
    {
        foreach ((string path, string reason) in report.Skipped)
        {
            terminal.Error.WriteLine(VisibleText.Sentence($"{path}: {reason}"));
        }

        string line = VisibleText.Sentence(FormattableString.Invariant(
            $"{folder}: {report.Files} files with {report.Passages:N0} passages; {report.Read} read, {report.Renamed} known under another name, {report.Removed} gone, {report.Binary} no documents, in {seconds:F2} s."));
        (found is null ? terminal.Out : terminal.Error).WriteLine(line);
        foreach (FoundPassage each in found ?? [])
        {
            terminal.Out.WriteLine(VisibleText.Lines(FormattableString.Invariant($"{each.Passage.Mark} {each.Passage.Heading} ({each.Score:G4})\n  {each.Passage.Text.ReplaceLineEndings("\n  ")}")));
        }

        if (found is { Count: 0 })
        {
            terminal.Error.WriteLine("No passage has any of these words.");
        }
    }

    private static void Write(System.Text.Json.Utf8JsonWriter json, IndexReport report, double seconds, IReadOnlyList<FoundPassage>? found)
    {
        json.WriteStartObject();
        json.WriteNumber("files", report.Files);
        json.WriteNumber("passage_count", report.Passages);
        json.WriteNumber("read", report.Read);
        json.WriteNumber("renamed", report.Renamed);
        json.WriteNumber("removed", report.Removed);
        json.WriteNumber("binary", report.Binary);
        json.WriteStartArray("skipped");
        foreach ((string path, string reason) in report.Skipped)
        {
            json.WriteStartObject();
            json.WriteString("file", path);
            json.WriteString("reason", reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("seconds", Math.Round(seconds, 3));
        if (found is not null)
        {
            json.WriteStartArray("passages");
            foreach (FoundPassage each in found)
            {
                json.WriteStartObject();
                CitationJson.Write(json, each.Passage);
                json.WriteNumber("score", Math.Round(each.Score, 6));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
