using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Tensors;

namespace GemmaVk.Hybrid.Sending;

/// <summary>What another machine sends, up to a limit: an event that does not end would fill the memory of whoever waits for its end.</summary>
/// <param name="inner">What it sends.</param>
/// <param name="most">Bytes.</param>
internal sealed class CappedStream(Stream inner, long most) : Stream
{
    private long _read;

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
    public override int Read(byte[] buffer, int offset, int count) => Counted(inner.Read(buffer, offset, count));

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Counted(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

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

    private int Counted(int count) => (_read += count) <= most ? count
        : throw new GemmaVkException($"the answer: expected at most {most >> 20} MiB, but more came; it was left.");
}
