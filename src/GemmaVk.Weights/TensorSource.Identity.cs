using System;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace GemmaVk.Weights;

/// <content>Which checkpoint this is.</content>
public abstract partial class TensorSource
{
    private const int Sample = 4096;

    /// <summary>
    /// SHA-256, in hexadecimal, over each tensor's name, type and shape and over 4 KiB from its beginning, middle and end: other weights
    /// have another identity, and a 12B has its own without being read whole.
    /// </summary>
    /// <exception cref="Tensors.GemmaVkException">A file cannot be read any more.</exception>
    public string Identity()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] sample = new byte[Sample];
        foreach ((TensorFile file, FileTensor tensor) in _index.Tensors.OrderBy(entry => entry.Tensor.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{tensor.Name}\0{tensor.Kind}\0"));
            int count = (int)Math.Min(Sample, tensor.ByteLength);
            foreach (long first in (long[])[0, (tensor.ByteLength - count) / 2, tensor.ByteLength - count])
            {
                file.Read(tensor, first, sample.AsSpan(0, count));
                hash.AppendData(sample.AsSpan(0, count));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
