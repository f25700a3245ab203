using System;
using System.IO;

namespace GemmaVk.Weights.Tests;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("gemmavk-weights-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>Copies a golden checkpoint here, to be damaged.</summary>
    public TemporaryFolder WithGolden(string name)
    {
        foreach (string file in Directory.GetFiles(Golden.Folder(name)))
        {
            File.Copy(file, this[System.IO.Path.GetFileName(file)]);
        }

        return this;
    }
}
