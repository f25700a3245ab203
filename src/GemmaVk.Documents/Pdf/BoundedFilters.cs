using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using GemmaVk.Tensors;
using UglyToad.PdfPig.Filters;
using UglyToad.PdfPig.Tokens;
using static System.FormattableString;

namespace GemmaVk.Documents.Pdf;

/// <summary>The library's filters, each of which refuses a stream that unpacks to more than a document's share of memory before it is unpacked.</summary>
/// <param name="name">The document, for the message.</param>
/// <param name="limits">Most bytes of one stream.</param>
internal sealed class BoundedFilters(string name, DocumentLimits limits) : ILookupFilterProvider
{
    private readonly IFilterProvider _own = DefaultFilterProvider.Instance;

    /// <inheritdoc/>
    public IReadOnlyList<IFilter> GetFilters(DictionaryToken dictionary) => Bounded(_own.GetFilters(dictionary));

    /// <inheritdoc/>
    public IReadOnlyList<IFilter> GetFilters(DictionaryToken dictionary, UglyToad.PdfPig.Tokenization.Scanner.IPdfTokenScanner scanner) =>
        Bounded(_own.GetFilters(Resolved(dictionary, scanner)));

    /// <inheritdoc/>
    public IReadOnlyList<IFilter> GetNamedFilters(IReadOnlyList<NameToken> names) => Bounded(_own.GetNamedFilters(names));

    /// <inheritdoc/>
    public IReadOnlyList<IFilter> GetAllFilters() => Bounded(_own.GetAllFilters());

    // The filter of a stream may be named by reference.
    private static DictionaryToken Resolved(DictionaryToken dictionary, UglyToad.PdfPig.Tokenization.Scanner.IPdfTokenScanner scanner) =>
        dictionary.TryGet(NameToken.Filter, out IndirectReferenceToken reference) && scanner.Get(reference.Data)?.Data is { } token ? dictionary.With(NameToken.Filter, token) : dictionary;

    private IReadOnlyList<IFilter> Bounded(IReadOnlyList<IFilter> filters) => [.. filters.Select(filter => filter is BoundedFilter ? filter : new BoundedFilter(filter, name, limits.UnpackedBytes))];

    private sealed class BoundedFilter(IFilter own, string name, long most) : IFilter
    {
        // One byte of LZW or of run lengths may stand for this many at most.
        private const int LargestRatio = 2048;

        public bool IsSupported => own.IsSupported;

        public Memory<byte> Decode(Memory<byte> input, DictionaryToken streamDictionary, IFilterProvider filterProvider, int filterIndex)
        {
            bool flate = own.GetType().Name.StartsWith("Flate", StringComparison.Ordinal);
            if (flate ? Unpacked(input) > most : (long)input.Length * (own.GetType().Name.StartsWith("Ascii", StringComparison.OrdinalIgnoreCase) ? 1 : LargestRatio) > 16 * most)
            {
                throw new GemmaVkException(Invariant($"{name}: expected streams that unpack to at most {most:N0} bytes, but one unpacks to more; it may be made to fill the memory: leave it out."));
            }

            return own.Decode(input, streamDictionary, filterProvider, filterIndex);
        }

        private long Unpacked(ReadOnlyMemory<byte> input)
        {
            // What is small cannot become too much: a byte of Deflate stands for 1,032 at most.
            if ((long)input.Length * 1032 <= most)
            {
                return 0;
            }

            try
            {
                using DeflateStream stream = new(new MemoryStream(input.ToArray(), 2, Math.Max(0, input.Length - 2)), CompressionMode.Decompress);
                byte[] block = new byte[1 << 16];
                long count = 0;
                for (int came; count <= most && (came = stream.Read(block)) > 0;)
                {
                    count += came;
                }

                return count;
            }
            catch (InvalidDataException)
            {
                // The library reads what it can of a damaged stream, which is no more than this did.
                return 0;
            }
        }
    }
}
