using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Documents.Formats;
using GemmaVk.Tensors;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Exceptions;
using static System.FormattableString;

namespace GemmaVk.Documents.Pdf;

/// <summary>The text of a PDF with its layout: letters by PdfPig, put into lines, columns, headings and paragraphs here. Parts of a long one are read side by side.</summary>
internal static class PdfText
{
    private const int PagesOfPart = 16;
    private const int LongNote = 12;

    /// <summary>Reads it.</summary>
    /// <exception cref="GemmaVkException">It is encrypted, damaged, or has more pages than are read at once.</exception>
    public static Document Read(byte[] bytes, string name, PageRange pages, DocumentLimits limits, CancellationToken cancel)
    {
        int count = Guarded(name, () =>
        {
            using PdfDocument pdf = Open(bytes, name, limits);
            return pdf.NumberOfPages;
        });
        int[] wanted = [.. Enumerable.Range(1, Math.Max(0, Math.Min(count, 1_000_000))).Where(pages.Has)];
        if (wanted.Length > limits.Pages)
        {
            throw new GemmaVkException(Invariant($"{name}: expected at most {limits.Pages:N0} pages at once, but it has {wanted.Length:N0}; choose some with --pages, such as --pages 1-{limits.Pages}."));
        }

        if (wanted.Length == 0)
        {
            throw new GemmaVkException(Invariant($"{name}: expected at least one page{(pages.Text.Length > 0 ? $" of {pages.Text}" : "")}, but it has {count}; check --pages and the file."));
        }

        List<PdfLine>?[] lines = new List<PdfLine>?[wanted.Length];
        int parts = Math.Clamp(Math.Min(Environment.ProcessorCount, wanted.Length / PagesOfPart), 1, 8);
        int next = -1;
        Guarded(name, () =>
        {
            Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts, CancellationToken = cancel }, _ =>
            {
                using PdfDocument pdf = Open(bytes, name, limits);
                for (int i; (i = Interlocked.Increment(ref next)) < wanted.Length;)
                {
                    cancel.ThrowIfCancellationRequested();
                    lines[i] = Page(pdf, wanted[i]);
                }
            });
            return 0;
        });
        return Assemble(bytes, name, count, wanted, lines, limits);
    }

    private static Document Assemble(byte[] bytes, string name, int count, int[] wanted, List<PdfLine>?[] lines, DocumentLimits limits)
    {
        int[] broken = [.. wanted.Where((_, i) => lines[i] is null)];
        if (broken.Length == wanted.Length)
        {
            throw Damaged(name, "no page of it can be read");
        }

        BlockList blocks = new(name, limits);
        PdfParagraphs.Add([.. wanted.Select((page, i) => (page, lines[i] ?? []))], blocks);
        HashSet<int> worded = [.. blocks.Blocks.Select(block => block.Page)];
        int[] wordless = [.. wanted.Where((page, i) => lines[i] is not null && !worded.Contains(page))];
        List<string> notes = [];
        if (broken.Length > 0)
        {
            notes.Add($"{Numbers(broken)} could not be read");
        }

        if (wanted.Length < count)
        {
            notes.Add(Invariant($"{wanted.Length} of its {count} pages were asked for"));
        }

        return new Document(name, DocumentKind.Pdf, blocks.Blocks, count, wordless, notes) { Source = wordless.Length > 0 ? bytes : null };
    }

    /// <summary>Pages in words: "page 3", "pages 1, 2 and 9 more".</summary>
    public static string Numbers(IReadOnlyList<int> pages) => pages.Count == 1
        ? Invariant($"page {pages[0]}")
        : $"pages {string.Join(", ", pages.Take(LongNote))}{(pages.Count > LongNote ? Invariant($" and {pages.Count - LongNote} more") : "")}";

    private static List<PdfLine>? Page(PdfDocument pdf, int number)
    {
        try
        {
            return PdfColumns.Read(PdfLines.Rows(pdf.GetPage(number).Letters));
        }
        catch (Exception error) when (error is not (OperationCanceledException or GemmaVkException or OutOfMemoryException or PdfDocumentEncryptedException))
        {
            // One page that cannot be read does not take the others with it; a note says which.
            return null;
        }
    }

    private static PdfDocument Open(byte[] bytes, string name, DocumentLimits limits) =>
        PdfDocument.Open(bytes, new ParsingOptions { UseLenientParsing = true, SkipMissingFonts = true, FilterProvider = new BoundedFilters(name, limits) });

    // The library throws what its parts throw, of any type: each is a sentence about the file.
    private static T Guarded<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (Inner(error) is { } inner)
        {
            throw inner switch
            {
                OperationCanceledException => inner,
                GemmaVkException => inner,
                PdfDocumentEncryptedException => new GemmaVkException($"{name}: expected a PDF that opens without a password, but it is encrypted; save it without one (qpdf --decrypt), and give that.", inner),
                _ => Damaged(name, Complaint.Of(inner).TrimEnd('.'), inner),
            };
        }
    }

    private static Exception Inner(Exception error) => error is AggregateException { InnerException: { } first } ? Inner(first) : error;

    private static GemmaVkException Damaged(string name, string why, Exception? error = null) =>
        new($"{name}: expected a whole PDF, but it is damaged ({why}); check that it opens elsewhere, or get it again.", error ?? new InvalidOperationException(why));
}
