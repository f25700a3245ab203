using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf;

/// <summary>What a GGUF file holds, by <c>general.architecture</c>.</summary>
internal static class GgufArchitecture
{
    public const string Target = "gemma4";
    public const string Drafter = "gemma4-assistant";
    public const string Projector = "clip";

    private const string Key = "general.architecture";
    private const string Supported = "GemmaVk runs Gemma 4 12B: models of architecture gemma4, drafters of gemma4-assistant, and their projectors (clip, gemma4uv and gemma4ua)";

    /// <summary>Refuses a file of another architecture than <paramref name="expected"/>.</summary>
    /// <exception cref="GemmaVkException">It names the architecture and what is supported.</exception>
    public static void Check(GgufMetadata metadata, string expected)
    {
        string? actual = metadata.Text(Key);
        if (actual == expected)
        {
            return;
        }

        string remedy = (expected, actual) switch
        {
            (_, Target) => $"this is a model: pass it with --model{(expected == Drafter ? ", and as --drafter the assistant that was published with it" : "")}.",
            (_, Drafter) => "this is a drafter: pass it with --drafter, and its model with --model.",
            (_, Projector) => "this is a media projector: pass it with --mmproj, and its model with --model.",
            _ => $"{Supported}.",
        };
        throw new GemmaVkException($"{metadata.Path}: {Key} must be \"{expected}\", but is {(actual is null ? "absent" : $"\"{actual}\"")}; {remedy}");
    }

    /// <summary>The architecture of a file, or null where it cannot be read.</summary>
    public static string? Of(string path)
    {
        try
        {
            using GgufFile file = GgufFile.Open(path);
            return file.Metadata.Text(Key);
        }
        catch (GemmaVkException)
        {
            // Whoever opens it for use says what is wrong.
            return null;
        }
    }
}
