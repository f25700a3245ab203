using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using GemmaVk.Media;
using GemmaVk.Text;
using static System.FormattableString;

namespace GemmaVk.Documents.Answers;

/// <summary>Pages without text as pictures that the model sees.</summary>
internal static class PagePictures
{
    /// <summary>Draws the pages that have no text, the first of them where there are too many.</summary>
    /// <param name="document">A document with <see cref="Document.Source"/>.</param>
    /// <param name="loader">Resizes them for the model.</param>
    /// <param name="limits">How many, and how long one may take.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="Tensors.GemmaVkException">There is no pdftoppm, or it fails.</exception>
    public static IReadOnlyList<(int Page, LoadedMedia Picture)> Of(Document document, MediaLoader loader, DocumentLimits limits, CancellationToken cancel)
    {
        List<(int, LoadedMedia)> pictures = [];
        foreach (int page in document.Wordless.Take(limits.Pictures))
        {
            string name = Invariant($"{document.Name} p. {page}");
            byte[] png = PdfPagePicture.Png(document.Source!, page, name, MediaLimits.Default with { Time = limits.Time }, cancel);
            pictures.Add((page, loader.Load(ChatPartKind.Image, new MemoryStream(png, writable: false), name, cancel)));
        }

        return pictures;
    }
}
