using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf;

/// <summary>
/// A GGUF model opened as a checkpoint: its configuration in the words of config.json, and its tensors under their released names. What follows is the same
/// as for a folder.
/// </summary>
/// <param name="Index">Tensors by released name; owns the files.</param>
/// <param name="ConfigJson">config.json.</param>
/// <param name="GenerationJson">generation_config.json.</param>
/// <param name="ProcessorJson">processor_config.json; null where nothing in it differs from the 12B's.</param>
/// <param name="Vocabulary">The vocabulary; null for a drafter, which speaks its target's.</param>
/// <param name="Notes">What is passed over, a line each.</param>
internal sealed record GgufModel(CheckpointIndex Index, byte[] ConfigJson, byte[]? GenerationJson, byte[]? ProcessorJson, GgufVocabulary? Vocabulary, IReadOnlyList<string> Notes)
{
    /// <summary>Opens a target.</summary>
    /// <param name="path">The file, or one of its parts.</param>
    /// <param name="mmproj">The media projector; null for text alone.</param>
    /// <exception cref="GemmaVkException">It is not one, or damaged, or the projector is another model's.</exception>
    public static GgufModel Target(string path, string? mmproj)
    {
        List<GgufFile> files = GgufParts.Open(path);
        try
        {
            GgufMetadata metadata = files[0].Metadata;
            GgufArchitecture.Check(metadata, GgufArchitecture.Target);
            Dictionary<string, (TensorFile File, FileTensor Tensor)> tensors = GgufParts.Tensors(files);
            RequireTensors(path, tensors.Count);
            GgufVocabulary vocabulary = new(metadata);
            GgufConfig config = new(metadata, tensors);
            JsonObject root = config.TargetRoot(vocabulary);
            Dictionary<string, (TensorFile File, FileTensor Tensor)> released = Rename(tensors, GgufNames.OfTarget);
            JsonObject? processor = null;
            if (mmproj is not null)
            {
                GgufFile projector = GgufFile.Open(mmproj);
                files.Add(projector);
                GgufArchitecture.Check(projector.Metadata, GgufArchitecture.Projector);
                GgufProjector media = new(projector);
                media.AddTo(root);
                processor = media.Processor();
                foreach ((string name, (TensorFile File, FileTensor Tensor) entry) in Rename(projector.Tensors.Values.ToDictionary(tensor => tensor.Name, tensor => ((TensorFile)projector, tensor)), GgufNames.OfProjector))
                {
                    released.Add(name, entry);
                }
            }

            string? template = FolderContents.Differs(metadata.Text("tokenizer.chat_template") ?? "") is { } how
                ? $"{path}: tokenizer.chat_template ({how}) is not followed: prompts are written in Gemma 4's own turns; a model that was trained with other turns answers worse" : null;
            return new GgufModel(CheckpointIndex.Of(path, files, released), Bytes(root), Bytes(config.Generation(vocabulary)), processor is null ? null : Bytes(processor), vocabulary, template is null ? [] : [template]);
        }
        catch
        {
            GgufParts.Close(files);
            throw;
        }
    }

    /// <summary>Opens a drafter.</summary>
    /// <exception cref="GemmaVkException">It is not one, or damaged.</exception>
    public static GgufModel Drafter(string path)
    {
        List<GgufFile> files = GgufParts.Open(path);
        try
        {
            GgufMetadata metadata = files[0].Metadata;
            GgufArchitecture.Check(metadata, GgufArchitecture.Drafter);
            Dictionary<string, (TensorFile File, FileTensor Tensor)> tensors = GgufParts.Tensors(files);
            RequireTensors(path, tensors.Count);
            // A drafter has no text of its own: its vocabulary is as long as its embedding, and both as long as the target's.
            int vocabSize = (int?)metadata.Length("tokenizer.ggml.tokens") ?? metadata.RequiredWhole(GgufArchitecture.Drafter + ".vocab_size");
            JsonObject root = new GgufConfig(metadata, tensors).DrafterRoot(vocabSize);
            return new GgufModel(CheckpointIndex.Of(path, files, Rename(tensors, GgufNames.OfDrafter)), Bytes(root), null, null, null, []);
        }
        catch
        {
            GgufParts.Close(files);
            throw;
        }
    }

    private static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString(new() { WriteIndented = true }));

    private static void RequireTensors(string path, int count)
    {
        if (count == 0)
        {
            throw new GemmaVkException($"{path} must hold the weights of a model, but holds a vocabulary alone; pass the GGUF of the model.");
        }
    }

    /// <summary>Every tensor has a place in the model, or the numbers would be wrong without it.</summary>
    private static Dictionary<string, (TensorFile File, FileTensor Tensor)> Rename(
        Dictionary<string, (TensorFile File, FileTensor Tensor)> tensors, Func<string, string?> released)
    {
        Dictionary<string, (TensorFile File, FileTensor Tensor)> renamed = [];
        foreach ((string name, (TensorFile File, FileTensor Tensor) entry) in tensors.Where(pair => pair.Key != GgufNames.RopeFreqs))
        {
            renamed.Add(
                released(name) ?? throw new GemmaVkException($"{entry.File.Path}: tensor {name} must have a place in Gemma 4 12B, but has none; pass the GGUF of a Gemma 4 12B, or convert it again with a current llama.cpp."),
                entry);
        }

        return renamed;
    }
}
