using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Media;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Sessions;

/// <summary>
/// The rows of a prompt: token ids, and the media whose soft rows take the place of the placeholders among them.
/// </summary>
public sealed class PromptRows
{
    private readonly int[] _ids;

    /// <summary>A prompt of text.</summary>
    public PromptRows(ReadOnlySpan<int> ids)
        : this(ids.ToArray(), [])
    {
    }

    private PromptRows(int[] ids, IReadOnlyList<PlacedMedium> media)
    {
        _ids = ids;
        Media = media;
    }

    /// <summary>No rows: what is pending goes on.</summary>
    public static PromptRows None { get; } = new([], []);

    /// <summary>Number of rows.</summary>
    public int Length => _ids.Length;

    /// <summary>One id per row, that of the placeholder where a soft row stands.</summary>
    public ReadOnlySpan<int> Ids => _ids;

    /// <summary>The media and their first rows, in order. The first row is negative where a prompt begins inside a sound.</summary>
    public IReadOnlyList<PlacedMedium> Media { get; }

    /// <summary>
    /// Rows that other conversations are likely to begin with too: those of the system turn with its tools. 0 where that is not known. It
    /// changes nothing but where a <see cref="Prefixes.PrefixStore"/> keeps a place to go on from.
    /// </summary>
    public int Head { get; init; }

    /// <summary>The same rows, of which that many are a head.</summary>
    public PromptRows WithHead(int head) => new(_ids, Media) { Head = head };

    /// <summary>Rows whose media are placed already, then more of them.</summary>
    internal static PromptRows Joined(
        ReadOnlySpan<int> ids, IReadOnlyList<PlacedMedium> media, IReadOnlyList<int> moreIds, IReadOnlyList<PlacedMedium> moreMedia) =>
        new PromptRows([.. moreIds], moreMedia).After(ids.ToArray(), media);

    /// <summary>Gives each run of placeholders its medium.</summary>
    /// <param name="config">Knows the placeholders.</param>
    /// <param name="ids">Ids with as many placeholders for each medium as it has soft rows.</param>
    /// <param name="media">In the order of the prompt.</param>
    /// <exception cref="GemmaVkException">Placeholders and media do not match.</exception>
    public static PromptRows Of(Gemma4Config config, int[] ids, IReadOnlyList<Medium> media)
    {
        List<PlacedMedium> placed = [];
        Queue<Medium> left = new(media.Where(medium => medium.SoftRows > 0));
        int row = 0;
        while (row < ids.Length)
        {
            if (KindOf(config, ids[row]) is not { } kind)
            {
                row++;
                continue;
            }

            if (!left.TryDequeue(out Medium? medium) || medium.Kind != kind)
            {
                throw Wrong($"a {Word(kind)} at row {row}", medium is null ? "no further medium was given" : $"the next medium is a {Word(medium.Kind)}");
            }

            int end = row + medium.SoftRows;
            for (int i = row; i < end; i++)
            {
                if (i == ids.Length || ids[i] != ids[row])
                {
                    throw Wrong($"{medium.SoftRows} placeholders for the {Word(kind)} at row {row}", $"there are {i - row}");
                }
            }

            placed.Add(new PlacedMedium(medium, row));
            row = end;
        }

        return left.Count == 0 ? new PromptRows(ids, placed) : throw Wrong($"placeholders for {media.Count} media", $"{left.Count} of them have none");
    }

    /// <summary>What is left without the first <paramref name="rows"/> rows, which may end inside a sound.</summary>
    public PromptRows From(int rows) => new(_ids[rows..], [.. Media.Where(placed => placed.End > rows).Select(placed => placed.Moved(-rows))]) { Head = Math.Max(0, Head - rows) };

    /// <summary>What is left without rows <paramref name="from"/> to <paramref name="to"/> - 1, which split no medium.</summary>
    public PromptRows Without(int from, int to) => From(to).After(_ids[..from], [.. Media.Where(placed => placed.End <= from)]);

    /// <summary>This prompt with one more token.</summary>
    internal PromptRows Then(int id) => new([.. _ids, id], Media) { Head = Head };

    /// <summary>This prompt after other rows.</summary>
    public PromptRows After(IReadOnlyList<int> ids, IReadOnlyList<PlacedMedium> media) =>
        ids.Count == 0 ? this : new([.. ids, .. _ids], [.. media, .. Media.Select(placed => placed.Moved(ids.Count))]) { Head = Head == 0 ? 0 : Head + ids.Count };

    /// <summary>
    /// Where a pass that begins at row <paramref name="first"/> ends: after <paramref name="chunk"/> rows, but never inside a
    /// picture. A picture that does not fit waits for the next pass; one that is longer than a chunk is a pass of its own.
    /// </summary>
    internal int PassEnd(int first, int chunk)
    {
        int end = Math.Min(Length, first + chunk);
        foreach (PlacedMedium placed in Media)
        {
            if (placed.Medium.IsBlock && placed.First < end && placed.End > end)
            {
                return placed.First > first ? placed.First : placed.End;
            }
        }

        return end;
    }

    /// <summary>The pass in which a row is taken in, where the prompt is taken in from its first row on.</summary>
    internal (int Start, int End) PassAround(int row, int chunk)
    {
        int start = 0;
        int end = PassEnd(0, chunk);
        while (end <= row)
        {
            start = end;
            end = PassEnd(start, chunk);
        }

        return (start, end);
    }

    /// <summary>
    /// Where a pass ends that may have no more than <paramref name="most"/> rows of the chunk it lies in, because others wait. The pieces
    /// of a chunk leave the same rows behind as the whole: none is so short that other kernels would run it, and none splits a picture.
    /// </summary>
    internal int PieceEnd(int first, int chunk, int? most)
    {
        (int start, int end) = PassAround(first, chunk);
        if (most is not { } rows || end - start <= MatVec.MaxRows)
        {
            return end;
        }

        for (rows = Math.Max(rows, MatVec.MaxRows + 1); first + rows < end; rows++)
        {
            int piece = PassEnd(first, rows);
            if (piece - first > MatVec.MaxRows && (piece == end || end - piece > MatVec.MaxRows))
            {
                return Math.Min(piece, end);
            }
        }

        return end;
    }

    /// <summary>The soft rows among rows first .. end - 1.</summary>
    internal SoftRun[] Soft(int first, int end)
    {
        List<SoftRun> runs = [];
        foreach (PlacedMedium placed in Media)
        {
            int from = Math.Max(first, placed.First);
            int to = Math.Min(end, placed.End);
            if (from < to)
            {
                runs.Add(new SoftRun(placed.Medium, from - placed.First, from - first, to - from));
            }
        }

        return [.. runs];
    }

    private static MediumKind? KindOf(Gemma4Config config, int id) =>
        config.VisionConfig is not null && id == config.ImageTokenId ? MediumKind.Image
        : config.VisionConfig is not null && id == config.VideoTokenId ? MediumKind.Frame
        : config.AudioConfig is not null && id == config.AudioTokenId ? MediumKind.Sound
        : null;

    private static string Word(MediumKind kind) => kind == MediumKind.Image ? "picture" : kind == MediumKind.Frame ? "frame of a clip" : "sound";

    private static GemmaVkException Wrong(string expected, string came) =>
        new($"prompt: expected {expected}, but {came}; give one picture, frame or sound per placeholder block, in the prompt's order.");
}

/// <summary>A medium at its place.</summary>
/// <param name="Medium">Whose soft rows.</param>
/// <param name="First">Row of the first of them.</param>
public readonly record struct PlacedMedium(Medium Medium, int First)
{
    /// <summary>The row after the last.</summary>
    public int End => First + Medium.SoftRows;

    /// <summary>The same some rows further on.</summary>
    public PlacedMedium Moved(int rows) => this with { First = First + rows };
}

/// <summary>Soft rows within one pass.</summary>
/// <param name="Medium">Whose.</param>
/// <param name="Skip">Rows of the medium that earlier passes had.</param>
/// <param name="Row">Row of the pass.</param>
/// <param name="Count">Number of rows.</param>
internal readonly record struct SoftRun(Medium Medium, int Skip, int Row, int Count);
