using System;
using GemmaVk.Tensors;

namespace GemmaVk;

/// <summary>Where pictures, sounds and clips stand in a text.</summary>
public static class PromptMarkers
{
    /// <summary>What stands for an item unless another marker is chosen.</summary>
    public const string Usual = "{}";

    /// <summary>
    /// Cuts a text at its markers. Without a marker the items come before the text, which is the order the model family was trained with.
    /// </summary>
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
                + "or none to put them before the text; add or drop some, or choose another spelling with --marker.");
        }

        texts = new string[items + 1];
        Array.Fill(texts, "");
        texts[items] = text;
        return texts;
    }

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";
}
