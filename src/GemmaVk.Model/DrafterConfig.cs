using System;
using System.Text.Json;
using GemmaVk.Tensors;

namespace GemmaVk.Model;

/// <summary>
/// config.json of a <c>gemma4_unified_assistant</c>: a short stack of decoder layers that reads the target's KV and proposes
/// tokens. Values that a file leaves out are those of the 12B's assistant.
/// </summary>
public sealed record DrafterConfig : Gemma4TextConfig
{
    /// <summary>Hidden size of the target.</summary>
    public int BackboneHiddenSize { get; init; } = 3840;

    /// <summary>Reads the configuration of a drafter.</summary>
    /// <param name="path">config.json or the folder that holds it.</param>
    /// <exception cref="GemmaVkException">A file is missing or unreadable, or describes what this is not.</exception>
    public static DrafterConfig Load(string path)
    {
        string file = ConfigFolder.Locate(path);
        using JsonDocument document = JsonFile.Read(file);
        using JsonDocument? generation = ConfigFolder.ReadBeside(file, "generation_config.json");
        return Read(
            new JsonSection(document.RootElement, file, ""),
            generation is null ? null : new JsonSection(generation.RootElement, ConfigFolder.Beside(file, "generation_config.json"), ""),
            file);
    }

    /// <summary>Whether a folder's config.json is that of a drafter. What cannot be read is none.</summary>
    public static bool Describes(string folder)
    {
        try
        {
            using JsonDocument document = JsonFile.Read(ConfigFolder.Locate(folder));
            return new JsonSection(document.RootElement, folder, "").Text("model_type") == SupportedModels.Assistant;
        }
        catch (GemmaVkException)
        {
            // Whoever opens it as a target says better what is wrong.
            return false;
        }
    }

    /// <summary>Reads a config.json that is already in memory; nothing lies beside it.</summary>
    /// <param name="json">Its bytes.</param>
    /// <param name="file">The name used in messages.</param>
    /// <exception cref="GemmaVkException">It describes what this is not.</exception>
    public static DrafterConfig Parse(ReadOnlyMemory<byte> json, string file)
    {
        using JsonDocument document = JsonFile.Parse(json, file);
        return Read(new JsonSection(document.RootElement, file, ""), null, file);
    }

    internal static DrafterConfig Read(JsonSection root, JsonSection? generation, string file)
    {
        SupportedModels.CheckAssistant(root);
        JsonSection text = root.Section("text_config")
            ?? throw root.Wrong("text_config", "an object", "absent", "restore the file that was published with the checkpoint.");
        SupportedModels.CheckText(text);
        DrafterConfig config = new()
        {
            File = file,
            BackboneHiddenSize = root.Whole("backbone_hidden_size", 3840),
            HiddenSize = 1024,
            IntermediateSize = 8192,
            NumHiddenLayers = 4,
            NumKvSharedLayers = 4,
            FinalLogitSoftcapping = null,
        };
        config = (DrafterConfig)TextConfigReader.Fill(config, text, root, generation);

        const string Remedy = "use the assistant that was published with the 12B.";
        ConfigRules rules = new(config);
        rules.CheckStack();
        rules.Size("backbone_hidden_size", config.BackboneHiddenSize);
        rules.Require(!root.Flag("use_ordered_embeddings", false), "use_ordered_embeddings", "false", "true", Remedy);
        rules.Require(root.Section("quantization_config") is null, "quantization_config", "absent", "an object", "the drafter is read from plain weights and converted on loading; " + Remedy);
        rules.Require(config.TieWordEmbeddings, "tie_word_embeddings", "true", "false", Remedy);
        rules.Require(config.NumKvSharedLayers == config.NumHiddenLayers, "num_kv_shared_layers", $"num_hidden_layers = {config.NumHiddenLayers}", config.NumKvSharedLayers, Remedy);
        return config;
    }
}
