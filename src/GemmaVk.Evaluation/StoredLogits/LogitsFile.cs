using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using GemmaVk.Tensors;

namespace GemmaVk.Evaluation.StoredLogits;

/// <summary>Reads a file of logits, record by record: see <see cref="LogitsWriter"/> for its form.</summary>
public sealed class LogitsFile : IDisposable
{
    private const int MostHeader = 1 << 20;
    private readonly Stream _stream;
    private readonly string _path;
    private readonly byte[] _record;
    private readonly int[] _ids;
    private readonly float[] _values;
    private int _read;

    private LogitsFile(Stream stream, string path, LogitsHeader header)
    {
        (_stream, _path, Header) = (stream, path, header);
        _record = new byte[header.RecordBytes];
        _ids = new int[header.Top];
        _values = new float[header.IsFull ? header.Vocabulary : header.Top];
    }

    /// <summary>What it says of itself.</summary>
    public LogitsHeader Header { get; }

    /// <summary>What it is called in messages.</summary>
    public string Name => _path;

    /// <summary>Opens a file.</summary>
    /// <exception cref="GemmaVkException">It is not there, no file of logits, or cut short.</exception>
    public static LogitsFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!File.Exists(path))
        {
            throw new GemmaVkException($"{path}: expected a file that 'gemmavk eval --save-logits' wrote, but there is none; check the path.");
        }

        Stream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            return Open(stream, path);
        }
        catch (Exception error)
        {
            stream?.Dispose();
            throw error is IOException or UnauthorizedAccessException or NotSupportedException ? new GemmaVkException($"{path}: cannot be read: {Complaint.Of(error)}", error) : error;
        }
    }

    /// <summary>Reads the header of a stream, and holds its length against what the header promises.</summary>
    /// <param name="stream">From its beginning; becomes the file's.</param>
    /// <param name="path">For messages.</param>
    /// <exception cref="GemmaVkException">As for <see cref="Open(string)"/>.</exception>
    internal static LogitsFile Open(Stream stream, string path)
    {
        Span<byte> head = stackalloc byte[LogitsWriter.HeadBytes];
        long length = stream.Length;
        if (length < head.Length)
        {
            throw Broken(path, $"at least {head.Length} bytes", $"it has {length}");
        }

        stream.ReadExactly(head);
        int version = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
        int json = BinaryPrimitives.ReadInt32LittleEndian(head[12..]);
        if (!head[..8].SequenceEqual(LogitsWriter.Magic))
        {
            throw Broken(path, "a file of logits, which begins with GVKLOGIT", "it begins otherwise");
        }

        if (version != LogitsWriter.Version)
        {
            throw Broken(path, $"version {LogitsWriter.Version}", $"it is {version}");
        }

        if (json < 2 || json > MostHeader || json > length - head.Length)
        {
            throw Broken(path, $"a header of 2 to {Math.Min(MostHeader, length - head.Length)} bytes", $"it says {json}");
        }

        byte[] text = new byte[json];
        stream.ReadExactly(text);
        LogitsHeader header = LogitsHeader.Parse(text, path);
        long left = length - head.Length - json;
        return left == header.Tokens * header.RecordBytes
            ? new LogitsFile(stream, path, header)
            : throw Broken(path, $"{header.Tokens} records of {header.RecordBytes} bytes behind the header", $"there are {left} bytes: it is cut short or damaged");
    }

    /// <summary>The next record, valid until the one after it.</summary>
    /// <exception cref="GemmaVkException">Something in it cannot be, or there is none.</exception>
    public StoredRow Next()
    {
        if (_read == Header.Tokens)
        {
            throw Broken(_path, $"no more than {Header.Tokens} records to be asked for", "another is");
        }

        try
        {
            _stream.ReadExactly(_record);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GemmaVkException($"{_path}: cannot be read: {Complaint.Of(error)}", error);
        }

        _read++;
        ReadOnlySpan<byte> record = _record;
        int id = BinaryPrimitives.ReadInt32LittleEndian(record);
        Require(id >= 0 && id < Header.Vocabulary, "a token of the vocabulary", $"{id}");
        if (Header.IsFull)
        {
            for (int i = 0; i < _values.Length; i++)
            {
                _values[i] = BinaryPrimitives.ReadSingleLittleEndian(record[(4 + (4 * i))..]);
                Require(float.IsFinite(_values[i]), "finite logits", _values[i].ToString(System.Globalization.CultureInfo.InvariantCulture));
            }

            return new StoredRow(id, 0, default, _values, float.NegativeInfinity);
        }

        return Likeliest(record, id);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private StoredRow Likeliest(ReadOnlySpan<byte> record, int id)
    {
        // Sums in another order may end a little above one.
        const float Most = 1e-3f;
        int k = Header.Top;
        float logprob = BinaryPrimitives.ReadSingleLittleEndian(record[4..]), tail = BinaryPrimitives.ReadSingleLittleEndian(record[8..]);
        Require(logprob <= Most && float.IsFinite(logprob), "a log-probability of 0 or less", Shown(logprob));
        Require(tail <= Most, "the weight of the other tokens", Shown(tail));
        HashSet<int> seen = [];
        double sum = Math.Exp(tail);
        for (int i = 0; i < k; i++)
        {
            _ids[i] = BinaryPrimitives.ReadInt32LittleEndian(record[(16 + (4 * i))..]);
            _values[i] = BinaryPrimitives.ReadSingleLittleEndian(record[(16 + (4 * k) + (4 * i))..]);
            Require(_ids[i] >= 0 && _ids[i] < Header.Vocabulary && seen.Add(_ids[i]), "each token of the vocabulary once", $"{_ids[i]}");
            Require(float.IsFinite(_values[i]) && _values[i] <= (i == 0 ? Most : _values[i - 1]), "log-probabilities that do not rise", Shown(_values[i]));
            sum += Math.Exp(_values[i]);
        }

        Require(Math.Abs(sum - 1) < 1e-3, "probabilities that add up to 1", Shown(sum));
        return new StoredRow(id, logprob, _ids, _values, tail);
    }

    private void Require(bool met, string expected, string came)
    {
        if (!met)
        {
            throw Broken(_path, $"{expected} in record {_read}", $"{came} stands there");
        }
    }

    private static string Shown(double value) => value.ToString("G6", System.Globalization.CultureInfo.InvariantCulture);

    private static GemmaVkException Broken(string path, string expected, string came) => new($"{path}: expected {expected}, but {came}; save the logits anew with 'gemmavk eval --save-logits'.");
}
