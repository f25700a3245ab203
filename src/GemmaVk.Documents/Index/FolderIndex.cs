using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Documents.Search;
using GemmaVk.Tensors;

namespace GemmaVk.Documents.Index;

/// <summary>
/// The index of a folder: one file, by default <see cref="FileName"/> in the folder itself, so that it moves and goes with the documents whose text it holds. Bringing it up to
/// date reads only files that changed; each is a transaction, so that the program may end at any moment. May be used by one thread at a time.
/// </summary>
public sealed class FolderIndex : IPassageFinder, IDisposable
{
    /// <summary>What the index is called in its folder.</summary>
    public const string FileName = ".gemmavk-index.db";

    // A file that changed within the last moments may change again without a change of its time.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(3);

    private readonly string _folder;
    private readonly DocumentLimits _limits;
    private readonly PassageStore _store;
    private readonly Lock _gate = new();

    private FolderIndex(string folder, PassageStore store, DocumentLimits limits) => (_folder, _store, _limits) = (folder, store, limits);

    /// <summary>Opens the index of a folder, or makes an empty one.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="file">The index; null for <see cref="FileName"/> in the folder.</param>
    /// <param name="limits">What reading a document may cost.</param>
    /// <exception cref="GemmaVkException">There is no such folder, or the index cannot be used.</exception>
    public static FolderIndex Open(string folder, string? file = null, DocumentLimits? limits = null) => Open(folder, file, limits, 5);

    internal static FolderIndex Open(string folder, string? file, DocumentLimits? limits, int patience)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string full = Path.GetFullPath(folder);
        if (!Directory.Exists(full))
        {
            throw new GemmaVkException(File.Exists(full)
                ? $"{folder}: expected a folder of documents, but it is a file; give the folder it is in, or the file with --document."
                : $"{folder}: expected a folder of documents, but there is none; check the path.");
        }

        string place = file ?? Path.Combine(full, FileName);
        return new FolderIndex(full, PassageStore.Open(place, patience), limits ?? DocumentLimits.Default);
    }

    /// <summary>Most pages of the database, in tests.</summary>
    internal void Bound(int pages) => _store.Bound(pages);

    /// <summary>Brings it up to date with the folder.</summary>
    /// <param name="onFile">Called with each file that is read, and how many are still to come.</param>
    /// <param name="cancel">Ends it; what is indexed by then stays.</param>
    /// <exception cref="GemmaVkException">The index cannot be written.</exception>
    public IndexReport Update(Action<string, int>? onFile = null, CancellationToken cancel = default)
    {
        List<(string Path, string Reason)> skipped = [];
        (string Path, FileInfo File)[] there = [.. new FolderWalk(_folder, (path, reason) => skipped.Add((path, reason))).Files()];
        Dictionary<string, (long Length, long Changed, long Content)> known = _store.Files();
        long recent = (DateTime.UtcNow - Settled).Ticks;
        (string Path, FileInfo File)[] news = [.. there.Where(each => !IsKnown(each, known, recent))];
        (int read, int renamed, int binary, int left) = (0, 0, 0, news.Length);
        SideBySide(news, cancel, each =>
        {
            onFile?.Invoke(each.Path, Interlocked.Decrement(ref left));
            Outcome outcome = Take(each.Path, each.File, cancel, out string? reason);
            lock (skipped)
            {
                read += outcome == Outcome.Read ? 1 : 0;
                renamed += outcome == Outcome.Known && !known.ContainsKey(each.Path) ? 1 : 0;
                binary += outcome == Outcome.Binary ? 1 : 0;
                if (reason is not null)
                {
                    skipped.Add((each.Path, reason));
                }
            }
        });
        string[] gone = [.. known.Keys.Except(there.Select(each => each.Path))];
        Written(() =>
        {
            Array.ForEach(gone, _store.Remove);
            _store.Sweep();
        });
        // What was said of a file when it was read holds as long as the file does.
        HashSet<string> said = [.. skipped.Select(each => each.Path)];
        skipped.AddRange(_store.Notes().Where(each => !said.Contains(each.Path)));
        (long files, long passages) = _store.Totals();
        return new IndexReport(files, passages, read, renamed, gone.Length, [.. skipped.OrderBy(each => each.Path, StringComparer.Ordinal)], binary);
    }

    /// <summary>Passages by BM25, best first.</summary>
    public IReadOnlyList<FoundPassage> Find(string question, int most)
    {
        lock (_gate)
        {
            return _store.Find(question, most);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<FoundPassage>> FindAsync(string question, int most, CancellationToken cancel = default) => Task.FromResult(Find(question, most));

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();

    private static bool IsKnown((string Path, FileInfo File) each, Dictionary<string, (long Length, long Changed, long Content)> known, long recent) =>
        known.TryGetValue(each.Path, out (long Length, long Changed, long Content) file) && each.File.Exists
        && file.Length == each.File.Length && file.Changed == each.File.LastWriteTimeUtc.Ticks && file.Changed < recent;

    private static void SideBySide((string Path, FileInfo File)[] files, CancellationToken cancel, Action<(string Path, FileInfo File)> each)
    {
        try
        {
            Parallel.ForEach(files, new ParallelOptions { MaxDegreeOfParallelism = Math.Min(Environment.ProcessorCount, 4), CancellationToken = cancel }, each);
        }
        catch (AggregateException error) when (error.InnerExceptions.FirstOrDefault(inner => inner is GemmaVkException) is { } sentence)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(sentence);
        }
    }

    private enum Outcome
    {
        Read,
        Known,
        Binary,
        Unread,
    }

    private Outcome Take(string path, FileInfo file, CancellationToken cancel, out string? reason)
    {
        reason = null;
        byte[] bytes;
        (long length, long changed) = (0, 0);
        try
        {
            file.Refresh();
            (length, changed) = (file.Exists ? file.Length : 0, file.LastWriteTimeUtc.Ticks);
            bytes = DocumentReader.Bytes(file.FullName, _limits);
        }
        catch (Exception error) when (error is GemmaVkException or IOException or UnauthorizedAccessException)
        {
            // Gone, changing, too large or not for us: the index keeps what it has of it, if that is still so next time.
            reason = Short(error.Message, file.FullName);
            return Outcome.Unread;
        }

        byte[] hash = SHA256.HashData(bytes);
        string kind = Kind(bytes, file.Name);
        if (Known(path, hash, kind, length, changed))
        {
            return Outcome.Known;
        }

        (IReadOnlyList<Passage> passages, int pages) = ([], 0);
        string? note = null;
        if (kind != "none")
        {
            try
            {
                Document document = DocumentReader.Read(bytes, file.Name, null, _limits, cancel);
                (passages, pages) = (PassageCutter.Cut(document), document.Pages);
                note = document.Wordless.Count > 0 ? $"{Pdf.PdfText.Numbers(document.Wordless)} have no text" : null;
            }
            catch (GemmaVkException error)
            {
                note = Short(error.Message, file.Name);
            }
        }

        Written(() => _store.Place(path, _store.Content(hash, kind) ?? _store.Add(hash, kind, pages, note, passages), length, changed));
        reason = note;
        return kind == "none" ? Outcome.Binary : Outcome.Read;
    }

    private static string Kind(byte[] bytes, string name)
    {
        try
        {
            DocumentKind kind = DocumentReader.KindOf(bytes, name);
            return kind is DocumentKind.Text or DocumentKind.Markdown or DocumentKind.Csv or DocumentKind.Html && Formats.TextDecoding.IsBinary(bytes) ? "none" : kind.ToString();
        }
        catch (GemmaVkException)
        {
            return "none";
        }
    }

    private bool Known(string path, byte[] hash, string kind, long length, long changed)
    {
        lock (_gate)
        {
            if (_store.Content(hash, kind) is null)
            {
                return false;
            }
        }

        Written(() =>
        {
            if (_store.Content(hash, kind) is { } content)
            {
                _store.Place(path, content, length, changed);
            }
        });
        return true;
    }

    private void Written(Action write)
    {
        lock (_gate)
        {
            _store.Begin();
            try
            {
                write();
                _store.Commit();
            }
            catch
            {
                _store.Rollback();
                throw;
            }
        }
    }

    private static string Short(string message, string name) =>
        message.StartsWith(name + ": ", StringComparison.Ordinal) ? message[(name.Length + 2)..] : message;
}
