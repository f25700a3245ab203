using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Weights;

/// <summary>What a checkpoint's folder holds beside the files that are read: refused where it changes the model, else said in a line.</summary>
internal static class FolderContents
{
    private const long LargestTemplate = 4 << 20;
    private const int MostNames = 4;
    private static readonly string[] AdapterFiles = ["adapter_config.json", "adapter_model.safetensors", "adapter_model.bin", "adapters.safetensors", "adapters.npz"];

    // What other formats begin a turn with: named, so that somebody recognises theirs.
    private static readonly string[] OtherTurns =
        ["<start_of_turn>", "<|im_start|>", "[INST]", "<|start_header_id|>", "<|user|>", "<|start|>", "### Instruction", "<\uFF5CUser\uFF5C>", "[gMASK]", "USER:"];

    /// <summary>Weights in other forms, by the end of the name.</summary>
    private static readonly (string End, string What)[] OtherWeights =
    [
        (".gguf", "GGUF"), (".ggml", "GGML"), (".bin", "PyTorch"), (".pt", "PyTorch"), (".pth", "PyTorch"), (".ckpt", "PyTorch"), (".onnx", "ONNX"), (".onnx_data", "ONNX"),
        (".npz", "MLX or NumPy"), (".h5", "Keras"), (".keras", "Keras"), (".msgpack", "Flax"), (".tflite", "LiteRT"), (".task", "LiteRT"), (".litertlm", "LiteRT"), (".mlpackage", "Core ML"),
    ];

    /// <summary>Refuses pipes and devices, or links to them, in place of files: reading one would wait, or never end.</summary>
    /// <exception cref="GemmaVkException">There is one.</exception>
    public static void RefuseStreams(string directory)
    {
        foreach (string name in Names(directory).Where(name => Path.GetExtension(name) is ".json" or ".jinja" or ".safetensors"))
        {
            string path = Path.Combine(directory, name);
            if (OutputTarget.IsStream(path))
            {
                throw new GemmaVkException($"{path} must be a file, but is a pipe or a device, or a link to one; put the file itself there.");
            }
        }
    }

    /// <summary>Refuses a folder whose weights an adapter is to change.</summary>
    /// <exception cref="GemmaVkException">It holds an adapter, alone or beside the weights.</exception>
    public static void RefuseAdapter(string directory, bool hasWeights)
    {
        if (AdapterFiles.FirstOrDefault(name => File.Exists(Path.Combine(directory, name))) is not { } file)
        {
            return;
        }

        string baseModel = BaseModel(directory);
        throw new GemmaVkException(hasWeights
            ? $"{directory} must hold a checkpoint alone, but also holds {file}: adapters (LoRA) are not applied; merge it into the weights first (peft: merge_and_unload, then save_pretrained), or move it out of the folder to run the model without it."
            : $"{directory} must hold a whole checkpoint, but holds an adapter (LoRA) alone, {file}{baseModel}; merge it into the model it was trained for first (peft: merge_and_unload, then save_pretrained) and pass the merged folder.");
    }

    /// <summary>The form of other weights in a folder without safetensors, or null.</summary>
    public static string? OtherForm(IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            if (FormOf(name) is { } what)
            {
                return what == "GGUF" ? $"holds the GGUF file {name}" : $"holds {what} weights ({name})";
            }
        }

        return null;
    }

    /// <summary>Files with weights that are not read, in one line; null for none.</summary>
    public static string? NotRead(string directory, IEnumerable<string> read)
    {
        HashSet<string> known = [.. read.Select(path => Path.GetFileName(path)!)];
        string[] names = [.. Names(directory).Where(name => !known.Contains(name) && (name.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) || FormOf(name) is not null))];
        return names.Length == 0 ? null
            : $"{directory}: {string.Join(", ", names.Take(MostNames))}{(names.Length > MostNames ? $" and {names.Length - MostNames} more" : "")} {(names.Length == 1 ? "is" : "are")} not read: the weights are those of {string.Join(", ", known.Order(StringComparer.Ordinal).Take(MostNames))}{(known.Count > MostNames ? " and the other shards" : "")}";
    }

    /// <summary>Chat templates of another format than the turns that are written, in one line; null for none.</summary>
    public static string? OtherTemplate(string directory)
    {
        List<string> other = [];
        string folder = Path.Combine(directory, "chat_templates");
        IEnumerable<string> named = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.jinja").Take(100).Order(StringComparer.Ordinal) : [];
        foreach (string path in named.Prepend(Path.Combine(directory, "chat_template.jinja")))
        {
            if (Text(path) is { } template && Differs(template) is { } how)
            {
                other.Add($"{Path.GetRelativePath(directory, path)} ({how})");
            }
        }

        foreach (string name in (ReadOnlySpan<string>)["chat_template.json", "tokenizer_config.json"])
        {
            foreach (string template in Templates(Path.Combine(directory, name)))
            {
                if (Differs(template) is { } how)
                {
                    other.Add($"chat_template of {name} ({how})");
                    break;
                }
            }
        }

        return other.Count == 0 ? null : $"{directory}: {string.Join(" and ", other.Take(MostNames))} is not followed: prompts are written in Gemma 4's own turns; a model that was trained with other turns answers worse";
    }

    /// <summary>Null for a template that writes Gemma 4's turns.</summary>
    internal static string? Differs(string template) =>
        string.IsNullOrWhiteSpace(template) || (template.Contains("<|turn>", StringComparison.Ordinal) && template.Contains("<turn|>", StringComparison.Ordinal)) ? null
        : OtherTurns.FirstOrDefault(turn => template.Contains(turn, StringComparison.Ordinal)) is { } own ? $"it writes {own} where Gemma 4 writes <|turn>"
        : "it writes no <|turn>";

    private static IEnumerable<string> Templates(string path)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        using JsonDocument? document = Json(path);
        if (document?.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("chat_template", out JsonElement template))
        {
            yield break;
        }

        // One template, or a list of { "name", "template" }.
        foreach (JsonElement item in template.ValueKind == JsonValueKind.Array ? template.EnumerateArray().ToArray() : [template])
        {
            JsonElement text = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("template", out JsonElement inner) ? inner : item;
            if (text.ValueKind == JsonValueKind.String && Words(text) is { } words)
            {
                yield return words;
            }
        }
    }

    private static JsonDocument? Json(string path)
    {
        try
        {
            return JsonFile.Read(path, LargestTemplate);
        }
        catch (GemmaVkException)
        {
            // Nothing else of the file is used: what it says does not matter, and it is no template.
            return null;
        }
    }

    private static string? Words(JsonElement text)
    {
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string BaseModel(string directory)
    {
        string path = Path.Combine(directory, "adapter_config.json");
        using JsonDocument? document = File.Exists(path) ? Json(path) : null;
        return document?.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("base_model_name_or_path", out JsonElement name)
            && name.ValueKind == JsonValueKind.String && Words(name) is { Length: > 0 } model ? $" for {model}" : "";
    }

    private static string? Text(string path)
    {
        try
        {
            return OutputTarget.IsOrdinary(path) && new FileInfo(path).Length <= LargestTemplate ? File.ReadAllText(path) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? FormOf(string name)
    {
        foreach ((string end, string what) in OtherWeights)
        {
            if (name.EndsWith(end, StringComparison.OrdinalIgnoreCase) && name is not ("training_args.bin" or "optimizer.pt" or "scheduler.pt" or "rng_state.pth"))
            {
                return what;
            }
        }

        return null;
    }

    private static IEnumerable<string> Names(string directory) =>
        Directory.EnumerateFileSystemEntries(directory).Take(1000).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal);
}
