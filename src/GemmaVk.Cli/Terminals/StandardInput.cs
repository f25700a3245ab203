using System;
using System.IO;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Terminals;

/// <summary>Standard input as bytes, on Linux and macOS: waiting for it ends when the program is to end.</summary>
internal sealed unsafe class StandardInput(Interruption interruption) : Stream
{
    private const int Look = 100;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="GemmaVkException">It is a folder.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The program was told to end.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        while (true)
        {
            interruption.ThrowIfEnding();
            Libc.Waiting waiting = new() { Wanted = Libc.Readable };
            if (Libc.Poll(&waiting, 1, Look) == 0)
            {
                continue;
            }

            nint count;
            fixed (byte* bytes = buffer)
            {
                count = Libc.Read(0, bytes, buffer.Length);
            }

            if (count >= 0)
            {
                return (int)count;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error == Libc.IsDirectory)
            {
                throw new GemmaVkException("standard input must be a file or a pipe, but is a folder; give a file in it (< FOLDER/FILE).");
            }

            if (error != Libc.Interrupted && error != Libc.TryAgain)
            {
                throw new IOException($"standard input cannot be read: {Marshal.GetPInvokeErrorMessage(error)}.");
            }
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
