using System;
using System.IO;
using System.Text;

namespace GemmaVk.Shared;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("gemmavk-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file, with the folders on its way, and says where it is.</summary>
    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    /// <summary>Writes a text.</summary>
    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    /// <summary>Copies the files of a golden folder here, to be damaged.</summary>
    public TemporaryFolder WithGolden(string name)
    {
        foreach (string file in Directory.GetFiles(Repository.Golden(name)))
        {
            File.Copy(file, this[System.IO.Path.GetFileName(file)]);
        }

        return this;
    }

    /// <summary>A program that does what a shell script says.</summary>
    public string Program(string name, string script)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("scripts need a shell");
        }

        string path = Write(name, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
