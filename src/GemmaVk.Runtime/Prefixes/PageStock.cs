using System;
using System.Collections.Generic;

namespace GemmaVk.Runtime.Prefixes;

/// <summary>
/// Main memory in pages of one size: what is given back is given out again, and there are never more of them than was planned. A page is
/// made when it is first wanted.
/// </summary>
/// <param name="bytes">Most bytes of all pages together.</param>
/// <param name="pageBytes">Bytes of a page, a multiple of 4.</param>
internal sealed class PageStock(long bytes, int pageBytes)
{
    private readonly Stack<byte[]> _free = new();
    private long _made;

    /// <summary>Most pages.</summary>
    public long Most { get; } = bytes / pageBytes;

    /// <summary>Bytes of a page.</summary>
    public int PageBytes => pageBytes;

    /// <summary>Pages that could be taken now.</summary>
    public long Left => Most - _made + _free.Count;

    /// <summary>Bytes of the pages in use.</summary>
    public long UsedBytes => (_made - _free.Count) * pageBytes;

    /// <summary>Pages for so many bytes.</summary>
    public long PagesFor(long wanted) => (wanted + pageBytes - 1) / pageBytes;

    /// <summary>Takes pages; there are enough of them left.</summary>
    public byte[][] Take(long wanted)
    {
        byte[][] pages = new byte[PagesFor(wanted)][];
        for (int i = 0; i < pages.Length; i++)
        {
            if (!_free.TryPop(out byte[]? page))
            {
                page = GC.AllocateUninitializedArray<byte>(pageBytes);
                _made++;
            }

            pages[i] = page;
        }

        return pages;
    }

    /// <summary>Gives pages back.</summary>
    public void Return(byte[][] pages) => Array.ForEach(pages, _free.Push);
}
