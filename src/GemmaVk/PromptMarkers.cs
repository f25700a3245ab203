using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk;

/// <summary>Where pictures, sounds and clips stand in a text.</summary>
public static class PromptMarkers
{
    /// <summary>What stands for an item unless another marker is chosen.</summary>
    public const string Usual = "{}";

    /// <summary>
    /// The parts of a message: items at their markers. Where a text has none, pictures and clips come before it and sounds after it, each in
    /// the order given, as the models' card wants it (June 2026); or all before it.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="marker">What stands for an item; not empty.</param>
    /// <param name="items">Pictures, sounds and clips.</param>
    /// <param name="soundFirst">Sounds come before the text too: what <see cref="Model.ProcessorConfig.AudioBeforeText"/> says.</param>
    /// <exception cref="GemmaVkException">There are markers, but not as many as items.</exception>
    public static IReadOnlyList<MessagePart> Parts(string text, string marker, IReadOnlyList<LoadedMedia> items, bool soundFirst)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(items);
        string[] texts = Split(text, marker, items.Count);
        IEnumerable<MessagePart> Words(string words) => words.Length > 0 ? [MessagePart.Words(words)] : [];
        if (!text.Contains(marker, StringComparison.Ordinal))
        {
            bool IsBefore(LoadedMedia item) => soundFirst || item.Kind != ChatPartKind.Audio;
            return [.. items.Where(IsBefore).SelectMany(item => item.Parts), .. Words(text), .. items.Where(item => !IsBefore(item)).SelectMany(item => item.Parts)];
        }

        return [.. texts.SelectMany((words, i) => Words(words).Concat(i < items.Count ? items[i].Parts : []))];
    }

    /// <summary>Cuts a text at its markers; a text without any stands behind all items.</summary>
    /// <param name="text">The text.</param>
    /// <param name="marker">What stands for an item; not empty.</param>
    /// <param name="items">Number of items.</param>
    /// <returns>items + 1 texts: item <c>i</c> stands between texts <c>i</c> and <c>i + 1</c>.</returns>
    /// <exception cref="GemmaVkException">There are markers, but not as many as items.</exception>
    public static string[] Split(string text, string marker, int items)
    {
        ArgumentException.ThrowIfNullOrEmpty(marker);
        string[] texts = items == 0 ? [text] : text.Split(marker);
        if (texts.Length == items + 1)
        {
            return texts;
        }

        if (texts.Length > 1)
        {
            throw new GemmaVkException(
                $"the prompt has {Count(texts.Length - 1, "marker")} {marker}, but {Count(items, "item")} came: expected one marker per picture, sound and clip, "
                + "or none for the usual places; add or drop some, or choose another spelling with --marker.");
        }

        texts = new string[items + 1];
        Array.Fill(texts, "");
        texts[items] = text;
        return texts;
    }

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";
}
