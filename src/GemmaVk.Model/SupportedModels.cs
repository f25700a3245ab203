namespace GemmaVk.Model;

/// <summary>The values of <c>model_type</c> and <c>architectures</c> that are understood; everything else is refused by name.</summary>
internal static class SupportedModels
{
    public const string Unified = "gemma4_unified";
    public const string Text = "gemma4_unified_text";
    public const string Assistant = "gemma4_unified_assistant";

    private const string Remedy = "GemmaVk runs gemma4_unified and gemma4_unified_text checkpoints (Gemma 4 12B); use one of those.";

    /// <summary>Checks the top level of a target's config.json and returns its model type.</summary>
    public static string CheckTarget(JsonSection root)
    {
        string? type = root.Text("model_type");
        if (type == Assistant)
        {
            throw root.Wrong("model_type", $"{Unified} or {Text}", type, "this is a drafter, which cannot answer by itself: pass the folder of its target.");
        }

        if (type is not (Unified or Text))
        {
            throw root.Wrong("model_type", $"{Unified} or {Text}", Show(type), Remedy);
        }

        string expected = type == Unified ? "Gemma4UnifiedForConditionalGeneration" : "Gemma4UnifiedForCausalLM";
        CheckArchitecture(root, expected, type == Text ? "Gemma4UnifiedTextForCausalLM" : expected);
        return type;
    }

    /// <summary>Checks the nested text_config.</summary>
    public static void CheckText(JsonSection text)
    {
        if (text.Text("model_type") is { } type && type != Text)
        {
            throw text.Wrong("model_type", Text, type, Remedy);
        }
    }

    /// <summary>Checks the top level of a drafter's config.json.</summary>
    public static void CheckAssistant(JsonSection root)
    {
        string? type = root.Text("model_type");
        if (type != Assistant)
        {
            throw root.Wrong("model_type", Assistant, Show(type), "pass the folder of the assistant that was published with the target.");
        }

        CheckArchitecture(root, "Gemma4UnifiedAssistantForCausalLM", "Gemma4UnifiedAssistantForCausalLM");
    }

    private static void CheckArchitecture(JsonSection root, string expected, string alternative)
    {
        // Some converters drop the list; model_type alone decides then.
        if (root.Texts("architectures") is not { Count: > 0 } names)
        {
            return;
        }

        foreach (string name in names)
        {
            if (name == expected || name == alternative)
            {
                return;
            }
        }

        throw root.Wrong("architectures", $"[\"{expected}\"]", $"[\"{string.Join("\", \"", names)}\"]", Remedy);
    }

    private static string Show(string? value) => value is null ? "absent" : $"\"{value}\"";
}
