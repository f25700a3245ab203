using System;
using System.Collections.Generic;
using System.IO;

namespace GemmaVk.Media.Png;

/// <summary>Parts of a file as one stream: a PNG's compressed data lie in any number of chunks.</summary>
internal sealed class ChunkStream(byte[] file, IReadOnlyList<Range> parts) : Stream
{
    private int _part;
    private int _done;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (_part < parts.Count)
        {
            ReadOnlySpan<byte> left = file.AsSpan(parts[_part])[_done..];
            int count = Math.Min(left.Length, buffer.Length);
            if (count > 0 || buffer.IsEmpty)
            {
                left[..count].CopyTo(buffer);
                _done += count;
                return count;
            }

            _part++;
            _done = 0;
        }

        return 0;
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
