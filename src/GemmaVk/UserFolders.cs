using System;
using System.IO;
using GemmaVk.Tensors;

namespace GemmaVk;

/// <summary>Where a user's settings and data lie, as the system has it: on Linux XDG_CONFIG_HOME and XDG_DATA_HOME. Nothing is made before it is needed.</summary>
public static class UserFolders
{
    /// <summary>Settings: what the user said for good.</summary>
    public static string Settings => Below("XDG_CONFIG_HOME", Environment.SpecialFolder.ApplicationData);

    /// <summary>Data: what the program has to remember.</summary>
    public static string Data => Below("XDG_DATA_HOME", Environment.SpecialFolder.LocalApplicationData);

    /// <summary>Writes a file whole or not at all, for its owner alone; its folder is made.</summary>
    /// <exception cref="GemmaVkException">It cannot be written.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            string whole = Path.GetFullPath(path);
            Directory.CreateDirectory(Path.GetDirectoryName(whole)!);
            string partial = $"{whole}.{Environment.ProcessId}.partial";
            using (FileStream file = Open(partial, FileMode.Create))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, whole, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new GemmaVkException($"{path}: expected to write it, but {Complaint.Of(e)} Check the folder and the room there.", e);
        }
    }

    /// <summary>Opens a file for writing that nobody else may read.</summary>
    public static FileStream Open(string path, FileMode mode)
    {
        FileStreamOptions options = new() { Mode = mode, Access = mode == FileMode.OpenOrCreate ? FileAccess.ReadWrite : FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private static string Below(string variable, Environment.SpecialFolder folder)
    {
        string? named = OperatingSystem.IsLinux() ? Environment.GetEnvironmentVariable(variable) : null;
        string root = named is { Length: > 0 } && Path.IsPathRooted(named) ? named : Environment.GetFolderPath(folder);
        return Path.Join(root.Length > 0 ? root : Path.GetTempPath(), "gemmavk");
    }
}
