using System;
using System.IO;
using System.Runtime.InteropServices;

namespace GemmaVk.Cli.Terminals;

/// <summary>Standard output or standard error as bytes, on Linux and macOS.</summary>
/// <param name="descriptor">1 or 2.</param>
/// <param name="mayFail">
/// What is written may be lost: an error cannot be reported on the stream that fails, and reporting one must not become another.
/// </param>
internal sealed unsafe class StandardOutput(int descriptor, bool mayFail) : Stream
{
    private bool _failed;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="ReaderGoneException">Nobody reads any more.</exception>
    /// <exception cref="IOException">The disk is full, or failed.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            for (int written = 0; written < buffer.Length && !_failed;)
            {
                nint count = Libc.Write(descriptor, bytes + written, buffer.Length - written);
                if (count >= 0)
                {
                    written += (int)count;
                }
                else
                {
                    Recover(Marshal.GetLastPInvokeError());
                }
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Recover(int error)
    {
        if (error == Libc.Interrupted)
        {
            return;
        }

        if (error == Libc.TryAgain)
        {
            // Somebody who shares the pipe has made it one that does not wait.
            Libc.Waiting waiting = new() { Descriptor = descriptor, Wanted = Libc.Writable };
            _ = Libc.Poll(&waiting, 1, -1);
            return;
        }

        _failed = true;
        if (!mayFail)
        {
            throw error == Libc.BrokenPipe
                ? new ReaderGoneException()
                : new IOException($"standard output takes no more: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
    }
}
