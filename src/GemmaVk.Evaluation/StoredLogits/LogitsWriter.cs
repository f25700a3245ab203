using System;
using System.Buffers.Binary;
using System.IO;
using GemmaVk.Evaluation.Perplexity;

namespace GemmaVk.Evaluation.StoredLogits;

// Letters: V vocabulary, k likeliest tokens that are kept.

/// <summary>
/// Writes a file of logits, all numbers little-endian:
/// <code>
/// 0       8  "GVKLOGIT"
/// 8       4  version, 1
/// 12      4  H, bytes of the header
/// 16      H  the header, JSON
/// 16 + H     records, one per scored token, all of one length
///   top:   u32 id, f32 log-probability, f32 log(probability of all but the k), u32 0, u32[k] ids, f32[k] log-probabilities
///   full:  u32 id, f32[V] logits
/// </code>
/// </summary>
public sealed class LogitsWriter : ILogitsListener
{
    internal const int Version = 1;
    internal const int HeadBytes = 16;
    private readonly Stream _stream;
    private readonly LogitsHeader _header;
    private readonly byte[] _record;
    private readonly int[] _ids;

    /// <summary>Writes the header.</summary>
    /// <param name="stream">Where to; stays the caller's.</param>
    /// <param name="header">What follows.</param>
    public LogitsWriter(Stream stream, LogitsHeader header)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(header);
        (_stream, _header) = (stream, header);
        _record = new byte[header.RecordBytes];
        _ids = new int[header.Top];
        byte[] json = header.ToJson();
        Span<byte> head = stackalloc byte[HeadBytes];
        Magic.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], json.Length);
        stream.Write(head);
        stream.Write(json);
    }

    internal static ReadOnlySpan<byte> Magic => "GVKLOGIT"u8;

    /// <inheritdoc/>
    public void Take(in ScoredToken token, ReadOnlySpan<float> logits, double logSum)
    {
        Span<byte> record = _record;
        BinaryPrimitives.WriteInt32LittleEndian(record, token.Id);
        if (_header.IsFull)
        {
            for (int i = 0; i < logits.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(record[(4 + (4 * i))..], logits[i]);
            }
        }
        else
        {
            int k = _header.Top;
            StoredRow.Likeliest(logits, _ids);
            BinaryPrimitives.WriteSingleLittleEndian(record[4..], (float)token.Logprob);
            BinaryPrimitives.WriteSingleLittleEndian(record[8..], (float)StoredRow.TailOf(logits, _ids, logSum));
            for (int i = 0; i < k; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(record[(16 + (4 * i))..], _ids[i]);
                BinaryPrimitives.WriteSingleLittleEndian(record[(16 + (4 * k) + (4 * i))..], (float)(logits[_ids[i]] - logSum));
            }
        }

        _stream.Write(record);
    }
}
