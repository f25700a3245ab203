using System.Collections.Generic;

namespace GemmaVk.Documents.Index;

/// <summary>What bringing an index up to date did.</summary>
/// <param name="Files">Files with text that the index has now.</param>
/// <param name="Passages">Their passages.</param>
/// <param name="Read">Files that were read and taken apart.</param>
/// <param name="Renamed">Files whose content was known under another name.</param>
/// <param name="Removed">Files that are gone.</param>
/// <param name="Skipped">Files that have no text that can be read, with the reason; binary ones are only counted.</param>
/// <param name="Binary">Files that are no documents.</param>
public sealed record IndexReport(long Files, long Passages, int Read, int Renamed, int Removed, IReadOnlyList<(string Path, string Reason)> Skipped, int Binary);
