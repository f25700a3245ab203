using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.MemoryMappedFiles;

namespace GemmaVk.Fuzz;

/// <summary>
/// The input at work, in a mapped file that outlives the process: where a parser ends that too (a full stack cannot be caught), the
/// next run finds what did it. Removed at an orderly end.
/// </summary>
internal sealed class Witness : IDisposable
{
    private const int Longest = 1 << 20;
    private readonly string _path;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public Witness(string target)
    {
        Directory.CreateDirectory(Folder);
        _path = Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{target}.{Environment.ProcessId}.{Guid.NewGuid():N}"));
        _file = MemoryMappedFile.CreateFromFile(_path, FileMode.Create, null, Longest + sizeof(int));
        _view = _file.CreateViewAccessor();
    }

    private static string Folder => Seeds.Named("artifacts", "fuzz");

    /// <summary>Inputs at which processes ended that are no more, by parser; each is given once.</summary>
    public static IEnumerable<(string Target, byte[] Input)> OfTheDead()
    {
        foreach (string path in Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*.*.*") : [])
        {
            string[] parts = Path.GetFileName(path).Split('.');
            if (parts.Length == 3 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int process) && !Lives(process))
            {
                byte[] bytes = File.ReadAllBytes(path);
                File.Delete(path);
                int length = BitConverter.ToInt32(bytes);
                if (length > 0 && length <= Longest)
                {
                    yield return (parts[0], bytes[sizeof(int)..(sizeof(int) + length)]);
                }
            }
        }
    }

    /// <summary>Notes an input before it is parsed.</summary>
    public void Note(byte[] input)
    {
        int length = Math.Min(input.Length, Longest);
        _view.Write(0, length);
        _view.WriteArray(sizeof(int), input, 0, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
        File.Delete(_path);
    }

    private static bool Lives(int process)
    {
        try
        {
            System.Diagnostics.Process.GetProcessById(process).Dispose();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
