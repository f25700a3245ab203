using System;
using System.IO;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace GemmaVk.Weights;

/// <summary>SHA-256 of the beginning of a file.</summary>
internal static class FileHash
{
    private const int Piece = 1 << 20;

    /// <summary>Over the first <paramref name="count"/> bytes; null if there are fewer.</summary>
    public static byte[]? Of(SafeFileHandle file, long count)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] piece = new byte[(int)Math.Min(Piece, count)];
        for (long at = 0; at < count;)
        {
            int read = RandomAccess.Read(file, piece.AsSpan(0, (int)Math.Min(piece.Length, count - at)), at);
            if (read == 0)
            {
                return null;
            }

            hash.AppendData(piece.AsSpan(0, read));
            at += read;
        }

        return hash.GetHashAndReset();
    }
}
