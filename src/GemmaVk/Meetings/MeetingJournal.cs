using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using GemmaVk.Tensors;

namespace GemmaVk.Meetings;

/// <summary>
/// What was heard so far, in a file of JSON lines: a head that says of which sound, model and settings, then a line for each piece and each stretch of
/// the summary. A run that ends in the middle, by whatever, goes on behind the last whole line.
/// </summary>
public sealed partial class MeetingJournal : IDisposable
{
    private const string Form = "gemmavk-meeting-journal-1";
    private readonly FileStream _file;
    private readonly List<HeardPiece> _pieces = [];
    private readonly List<StretchNotes> _stretches = [];

    private MeetingJournal(string path, FileStream file) => (Path, _file) = (path, file);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Pieces that an earlier run heard.</summary>
    public int Resumed { get; private set; }

    internal IReadOnlyList<HeardPiece> Pieces => _pieces;

    internal IReadOnlyList<StretchNotes> Stretches => _stretches;

    /// <summary>Opens a journal, or begins one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="about">Which sound, model and settings it is of: equal text goes on.</param>
    /// <exception cref="GemmaVkException">It is of something else, in use, no journal, or cannot be written.</exception>
    public static MeetingJournal Open(string path, string about)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            MeetingJournal journal = new(path, file);
            journal.Read(about);
            return journal;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new GemmaVkException($"{path}: expected a journal that can be written, but: {Complaint.Of(error)} Is another run at work on it? Choose another --out otherwise.", error);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    internal void Add(HeardPiece piece)
    {
        _pieces.Add(piece);
        Line(JsonSerializer.SerializeToUtf8Bytes(new Entry(piece, null), JournalJson.Default.Entry));
    }

    internal void Add(StretchNotes notes)
    {
        _stretches.Add(notes);
        Line(JsonSerializer.SerializeToUtf8Bytes(new Entry(null, notes), JournalJson.Default.Entry));
    }

    /// <summary>The result is written: nothing is left to go on with.</summary>
    public void Remove()
    {
        _file.Dispose();
        File.Delete(Path);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Read(string about)
    {
        byte[] bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        // A line that has no end was being written when the run ended.
        int whole = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        string[] lines = Encoding.UTF8.GetString(bytes.AsSpan(0, whole)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0 && bytes.Length > 0 && !$"{{\"form\":\"{Form}\"".StartsWith(Encoding.UTF8.GetString(bytes, 0, Math.Min(bytes.Length, 8)), StringComparison.Ordinal))
        {
            throw Other("another file");
        }

        if (lines.Length > 0)
        {
            try
            {
                Head head = JsonSerializer.Deserialize(lines[0], JournalJson.Default.Head) ?? throw Other("another file");
                if (head.Form != Form || head.About != about)
                {
                    throw Other(head.Form == Form ? "one of another recording, model or settings" : "another file");
                }

                foreach (Entry entry in lines.Skip(1).Select(line => JsonSerializer.Deserialize(line, JournalJson.Default.Entry)!))
                {
                    if (entry.Piece is { } piece && piece.Index == _pieces.Count && piece is { Text: not null, Speakers: not null, People: not null })
                    {
                        _pieces.Add(piece);
                    }
                    else if (entry.Notes is { Points: not null } notes)
                    {
                        _stretches.Add(notes);
                    }
                    else
                    {
                        throw Other("one with lines out of order");
                    }
                }
            }
            catch (JsonException)
            {
                throw Other("another file, or damaged");
            }
        }

        Resumed = _pieces.Count;
        _file.SetLength(whole);
        _file.Position = whole;
        if (whole == 0)
        {
            Line(JsonSerializer.SerializeToUtf8Bytes(new Head(Form, about), JournalJson.Default.Head));
        }
    }

    private GemmaVkException Other(string what) => new($"{Path}: expected the journal of this recording under these settings, but it is {what}; give the same command as before, another --out, or delete it to begin again.");

    private void Line(byte[] json)
    {
        _file.Write([.. json, (byte)'\n']);
        _file.Flush(flushToDisk: true);
    }

    internal sealed record Head([property: JsonPropertyName("form")] string Form, [property: JsonPropertyName("about")] string About);

    internal sealed record Entry(HeardPiece? Piece, StretchNotes? Notes);

    [JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(Head))]
    [JsonSerializable(typeof(Entry))]
    internal sealed partial class JournalJson : JsonSerializerContext;
}
