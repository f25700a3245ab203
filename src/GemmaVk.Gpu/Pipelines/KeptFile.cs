using System;
using System.IO;

namespace GemmaVk.Gpu.Pipelines;

/// <summary>A file that only saves time: it is replaced in one step, so that no process ever sees half of it, and never fails its caller.</summary>
internal static class KeptFile
{
    /// <summary>Replaces a file, and its folder where that is missing.</summary>
    /// <param name="path">Where.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="cannot">Told why it cannot be written.</param>
    public static void Replace(string path, Action<Stream> write, Action<string> cannot)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using (FileStream stream = File.Create(temporary))
                write(stream);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            cannot(e.Message);
            if (File.Exists(temporary))
                File.Delete(temporary);
        }
    }
}
