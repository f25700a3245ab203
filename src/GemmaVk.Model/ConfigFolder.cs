using System.IO;
using System.Text.Json;
using GemmaVk.Tensors;

namespace GemmaVk.Model;

/// <summary>Finds config.json and the small files beside it.</summary>
internal static class ConfigFolder
{
    /// <summary>config.json of <paramref name="path"/>, which is that file or its folder.</summary>
    public static string Locate(string path)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, "config.json") : path;
        if (!File.Exists(file))
        {
            throw new GemmaVkException(
                $"{path} must hold config.json, but {(Directory.Exists(path) ? "the folder has no such file" : "nothing is there")}; pass the folder of a Gemma 4 safetensors checkpoint.");
        }

        return file;
    }

    /// <summary>The optional file <paramref name="name"/> in the folder of <paramref name="config"/>, or null.</summary>
    public static JsonDocument? ReadBeside(string config, string name)
    {
        string file = Beside(config, name);
        return File.Exists(file) ? JsonFile.Read(file) : null;
    }

    /// <summary>The path of <paramref name="name"/> in the folder of <paramref name="config"/>.</summary>
    public static string Beside(string config, string name) => Path.Combine(Path.GetDirectoryName(config) ?? "", name);
}
