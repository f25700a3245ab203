using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using GemmaVk.Tensors;

namespace GemmaVk.Speech;

/// <summary>Languages as a model is told of them: by name.</summary>
internal static class SpokenLanguage
{
    // ISO 639-1. A table of its own: without language data, which the program does without, .NET knows no names.
    private static readonly FrozenDictionary<string, string> Names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["af"] = "Afrikaans",
        ["am"] = "Amharic",
        ["ar"] = "Arabic",
        ["az"] = "Azerbaijani",
        ["be"] = "Belarusian",
        ["bg"] = "Bulgarian",
        ["bn"] = "Bengali",
        ["bs"] = "Bosnian",
        ["ca"] = "Catalan",
        ["cs"] = "Czech",
        ["cy"] = "Welsh",
        ["da"] = "Danish",
        ["de"] = "German",
        ["el"] = "Greek",
        ["en"] = "English",
        ["es"] = "Spanish",
        ["et"] = "Estonian",
        ["eu"] = "Basque",
        ["fa"] = "Persian",
        ["fi"] = "Finnish",
        ["fil"] = "Filipino",
        ["fr"] = "French",
        ["ga"] = "Irish",
        ["gl"] = "Galician",
        ["gu"] = "Gujarati",
        ["he"] = "Hebrew",
        ["hi"] = "Hindi",
        ["hr"] = "Croatian",
        ["hu"] = "Hungarian",
        ["hy"] = "Armenian",
        ["id"] = "Indonesian",
        ["is"] = "Icelandic",
        ["it"] = "Italian",
        ["ja"] = "Japanese",
        ["ka"] = "Georgian",
        ["kk"] = "Kazakh",
        ["km"] = "Khmer",
        ["kn"] = "Kannada",
        ["ko"] = "Korean",
        ["lo"] = "Lao",
        ["lt"] = "Lithuanian",
        ["lv"] = "Latvian",
        ["mk"] = "Macedonian",
        ["ml"] = "Malayalam",
        ["mn"] = "Mongolian",
        ["mr"] = "Marathi",
        ["ms"] = "Malay",
        ["my"] = "Burmese",
        ["nb"] = "Norwegian",
        ["ne"] = "Nepali",
        ["nl"] = "Dutch",
        ["no"] = "Norwegian",
        ["pa"] = "Punjabi",
        ["pl"] = "Polish",
        ["pt"] = "Portuguese",
        ["ro"] = "Romanian",
        ["ru"] = "Russian",
        ["si"] = "Sinhala",
        ["sk"] = "Slovak",
        ["sl"] = "Slovenian",
        ["sq"] = "Albanian",
        ["sr"] = "Serbian",
        ["sv"] = "Swedish",
        ["sw"] = "Swahili",
        ["ta"] = "Tamil",
        ["te"] = "Telugu",
        ["th"] = "Thai",
        ["tr"] = "Turkish",
        ["uk"] = "Ukrainian",
        ["ur"] = "Urdu",
        ["uz"] = "Uzbek",
        ["vi"] = "Vietnamese",
        ["yue"] = "Cantonese",
        ["zh"] = "Chinese",
        ["zu"] = "Zulu",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The name of a language that was given as a tag ("fr", "pt-BR") or as a person calls it; null for none.</summary>
    /// <exception cref="GemmaVkException">It is empty, or a tag of no language that is known here.</exception>
    public static string? NameOf(string? given, string option)
    {
        if (given is null)
        {
            return null;
        }

        string[] parts = given.Trim().Split('-', '_');
        return Names.TryGetValue(parts[0], out string? name) ? name
            : parts[0].Length > 3 ? given.Trim()
            : throw new GemmaVkException($"{option} '{given}': expected a language, as a tag such as fr or pt-BR or by its name; leave it out where it is not known.");
    }
}
