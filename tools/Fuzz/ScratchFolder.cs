using System;
using System.IO;

namespace GemmaVk.Fuzz;

/// <summary>A folder of one target's files, in memory where the system has such a place.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public ScratchFolder()
    {
        string memory = "/dev/shm";
        Path = Directory.Exists(memory)
            ? Directory.CreateDirectory(System.IO.Path.Combine(memory, $"gemmavk-fuzz-{Guid.NewGuid():N}")).FullName
            : Directory.CreateTempSubdirectory("gemmavk-fuzz-").FullName;
        AppDomain.CurrentDomain.ProcessExit += Remove;
    }

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= Remove;
        Remove(null, EventArgs.Empty);
    }

    private void Remove(object? sender, EventArgs e)
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
