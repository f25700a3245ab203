using System;
using System.Collections.Generic;
using GemmaVk.Fuzz.Targets;

namespace GemmaVk.Fuzz;

/// <summary>All parsers.</summary>
internal static class AllTargets
{
    private static readonly Func<Target>[] Make =
    [
        () => new SafetensorsTarget(), () => new IndexTarget(), () => new ConfigTarget(), () => new TokenizerTarget(), () => new PngTarget(), () => new WavTarget(),
        () => new ExifTarget(), () => new RiffTarget(), () => new ChromaTarget(), () => new ChatTarget(), () => new ResponseTarget(), () => new ProbeTarget(),
        () => new ProgressTarget(), () => new GgufTarget(), () => new LogitsTarget(), () => new QuestionsTarget(), () => new DocumentTarget(), () => new PdfTarget(),
    ];

    /// <summary>One of each; the caller disposes of them.</summary>
    public static IReadOnlyList<Target> One() => Array.ConvertAll(Make, make => make());

    /// <summary>One by name, or null.</summary>
    public static Target? Named(string name)
    {
        Target? found = null;
        foreach (Target target in One())
        {
            if (target.Name == name && found is null)
            {
                found = target;
            }
            else
            {
                target.Dispose();
            }
        }

        return found;
    }
}
