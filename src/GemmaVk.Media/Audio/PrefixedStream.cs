using System;
using System.IO;
using System.Threading;

namespace GemmaVk.Media.Audio;

/// <summary>
/// A file or a pipe of which the first bytes were looked at: they come again, before the rest. A read from a terminal's pipe cannot be called
/// back: it is left waiting when the token comes.
/// </summary>
internal sealed class PrefixedStream(Stream rest, CancellationToken token) : Stream
{
    private byte[] _ahead = [];

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>These come next.</summary>
    public void Unread(ReadOnlySpan<byte> bytes) => _ahead = [.. bytes, .. _ahead];

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (_ahead.Length > 0)
        {
            int taken = Math.Min(count, _ahead.Length);
            _ahead.AsSpan(0, taken).CopyTo(buffer.AsSpan(offset));
            _ahead = _ahead[taken..];
            return taken;
        }

        token.ThrowIfCancellationRequested();
        return rest is FileStream or MemoryStream || !token.CanBeCanceled
            ? rest.Read(buffer, offset, count)
            : rest.ReadAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().WaitAsync(token).GetAwaiter().GetResult();
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        // A pipe is its owner's.
        if (disposing && rest is FileStream)
        {
            rest.Dispose();
        }

        base.Dispose(disposing);
    }
}
