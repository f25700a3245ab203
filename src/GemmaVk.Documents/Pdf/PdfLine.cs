namespace GemmaVk.Documents.Pdf;

/// <summary>A line of text on a page, or the part of one that stands in a column. Lengths are in points, y grows upwards.</summary>
/// <param name="Text">Its words.</param>
/// <param name="Left">Where it begins.</param>
/// <param name="Right">Where it ends.</param>
/// <param name="Base">Its base line.</param>
/// <param name="Size">The size of most of its letters.</param>
/// <param name="IsBold">Whether all of it is.</param>
/// <param name="Column">Which column of the page it stands in, in reading order.</param>
internal sealed record PdfLine(string Text, double Left, double Right, double Base, double Size, bool IsBold, int Column = 0);
