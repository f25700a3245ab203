using System.IO;
using System.Text;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Prompting;

/// <summary>Text from a file or from standard input: valid UTF-8, of a length that can be a prompt.</summary>
internal static class InputText
{
    // 262,144 tokens of the longest context are at most a few megabytes of text.
    private const int LargestBytes = 64 << 20;

    /// <summary>Reads a file.</summary>
    /// <param name="flag">Named in messages.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="GemmaVkException">It is not there, not readable, too long or not UTF-8.</exception>
    public static string OfFile(string flag, string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw new GemmaVkException($"{flag} {path}: expected a text file, but it is a folder; give a file in it.");
            }

            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return Read(stream, $"{flag} {path}");
        }
        catch (System.Exception e) when (e is IOException or System.UnauthorizedAccessException or System.ArgumentException)
        {
            throw new GemmaVkException($"{flag} {path}: expected a readable text file, but: {Complaint.Of(e)} Check the path.", e);
        }
    }

    /// <summary>Reads standard input to its end.</summary>
    /// <exception cref="GemmaVkException">It is too long or not UTF-8.</exception>
    public static string OfInput(Stream input) => Read(input, "standard input");

    private static string Read(Stream stream, string name)
    {
        using MemoryStream bytes = new();
        byte[] block = new byte[1 << 16];
        for (int count; (count = stream.Read(block)) > 0;)
        {
            bytes.Write(block, 0, count);
            if (bytes.Length > LargestBytes)
            {
                throw new GemmaVkException($"{name}: expected at most {LargestBytes >> 20} MiB of text, but there is more; give a shorter text.");
            }
        }

        try
        {
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
            return text.StartsWith('\uFEFF') ? text[1..] : text;
        }
        catch (DecoderFallbackException e)
        {
            throw new GemmaVkException($"{name}: expected UTF-8 text, but byte {e.Index} is not part of any; convert it (iconv -t UTF-8) or give another file.", e);
        }
    }
}
