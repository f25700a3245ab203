using System;
using System.IO;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Hybrid.Sending;

/// <summary>Where the key of an endpoint is: a variable of the environment, or a file that nobody else may read. It is read when something is sent, and shown nowhere.</summary>
/// <param name="where">Begins a sentence.</param>
/// <param name="variable">The variable, or null.</param>
/// <param name="file">The file, or null.</param>
public sealed class EndpointKey(string where, string? variable, string? file)
{
    private const int LongestKey = 4096;

    /// <summary>Where it is, in words.</summary>
    public string Place => variable is not null ? $"the variable {variable}" : $"the file {file}";

    /// <summary>The key.</summary>
    /// <exception cref="GemmaVkException">The variable is not set; or the file is not there, others may read it, or it is no key.</exception>
    public string Read()
    {
        if (variable is not null)
        {
            return Environment.GetEnvironmentVariable(variable)?.Trim() is { Length: > 0 } value ? Checked(value)
                : throw new GemmaVkException($"{where}: expected the key in the variable {variable} of the environment, but it is not set; set it.");
        }

        RequireOwn();
        try
        {
            using StreamReader reader = new(file!);
            char[] text = new char[LongestKey + 1];
            return Checked(new string(text, 0, reader.ReadBlock(text, 0, text.Length)).Trim());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GemmaVkException($"{where}: expected the key in {file}, but {Complaint.Of(e)} Check the path.", e);
        }
    }

    /// <summary>Refuses a file that others may read.</summary>
    /// <exception cref="GemmaVkException">They may, or there is none.</exception>
    public void RequireOwn()
    {
        if (file is null)
        {
            return;
        }

        if (!File.Exists(file))
        {
            throw new GemmaVkException($"{where}: expected the key in {file}, but there is no such file; write it there, and give the file mode 600.");
        }

        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(file) is var mode && (mode & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
        {
            throw new GemmaVkException($"{where}: expected {file} with mode 600, because it holds a key, but it has mode {Convert.ToString((int)mode, 8)}; run chmod 600 on it.");
        }
    }

    private string Checked(string key) => key.Length is > 0 and <= LongestKey && key.All(c => c is > ' ' and < (char)0x7F) ? key
        : throw new GemmaVkException($"{where}: expected one key without spaces in {Place}, but what is there is none; write the key alone.");
}
