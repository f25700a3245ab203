using System.IO;
using GemmaVk.Weights;

namespace GemmaVk.Runtime.Tests;

/// <summary>Checkpoints made from the formula, kept under artifacts/ between runs: 2.9 GB for six layers.</summary>
internal static class GeneratedData
{
    private static readonly object Making = new();

    /// <summary>The folder of a generated checkpoint, made on first use.</summary>
    public static string Folder(string kind)
    {
        lock (Making)
        {
            string folder = Path.Combine(Repository.Root, "artifacts", "test-data", kind);
            if (!File.Exists(Path.Combine(folder, "model.safetensors")))
            {
                GeneratedCheckpoint.Write(kind, folder);
            }

            return folder;
        }
    }
}
