using System;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace GemmaVk.Mcp.Servers;

/// <summary>
/// What a server writes, up to a limit: a message is a line, and a line that does not end would fill the memory of whoever waits for its end. Notes the
/// first line that is no JSON, and gives up where nothing else comes.
/// </summary>
/// <param name="inner">The server's standard output, or the body of an answer.</param>
/// <param name="mostBytes">Of a line.</param>
/// <param name="isLines">Whether each line is a message; else only its length is looked at.</param>
internal sealed class BoundedLines(Stream inner, long mostBytes, bool isLines) : Stream
{
    private const int MostStrange = 64;
    private const int LongestShown = 80;
    private readonly StringBuilder _strange = new();
    private long _length;
    private int _strangeLines;
    private bool _began;
    private bool _isStrange;

    /// <summary>Why nothing more is read, as the end of a sentence; or null.</summary>
    public string? Fault { get; private set; }

    /// <summary>The beginning of the first line that was no message, or null.</summary>
    public string? Strange => _strange.Length > 0 ? _strange.ToString() : null;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Look(buffer.AsSpan(offset, count), inner.Read(buffer, offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => Look(buffer, inner.Read(buffer));

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Look(buffer.Span, count);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Look(ReadOnlySpan<byte> buffer, int count)
    {
        foreach (byte each in buffer[..count])
        {
            if (each == (byte)'\n')
            {
                (_length, _began, _isStrange) = (0, false, false);
                continue;
            }

            if (++_length > mostBytes)
            {
                throw Broken($"sent a message of more than {mostBytes >> 10} KiB");
            }

            if (isLines)
            {
                LookAt(each);
            }
        }

        return count;
    }

    private void LookAt(byte each)
    {
        if (!_began && each is not ((byte)' ' or (byte)'\t' or (byte)'\r' or 0xEF or 0xBB or 0xBF))
        {
            _began = true;
            _isStrange = each is not ((byte)'{' or (byte)'[');
            _strangeLines += _isStrange ? 1 : 0;
        }

        if (_isStrange && _strangeLines == 1 && _strange.Length < LongestShown)
        {
            _strange.Append(each is >= 0x20 and < 0x7F ? (char)each : '?');
        }

        if (_strangeLines > MostStrange)
        {
            throw Broken($"wrote {MostStrange} lines to its standard output that are no messages of the protocol");
        }
    }

    private IOException Broken(string fault)
    {
        Fault = fault;
        return new IOException(fault);
    }
}
