using System;
using System.IO;
using System.IO.Compression;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Http;

/// <summary>
/// Bodies that come packed, as Content-Encoding says: unpacked while they are read, at most as long as a body may be. A short body that unpacks to a long one is
/// refused where it passes that length.
/// </summary>
internal static class EncodedBody
{
    /// <summary>Unpacks the body of a request, if it is packed.</summary>
    /// <param name="request">The request.</param>
    /// <param name="most">Most bytes of it, unpacked.</param>
    /// <exception cref="ApiException">It is packed in a way that is not known.</exception>
    public static void Unpack(HttpRequest request, long most)
    {
        string encoding = request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant();
        if (encoding is "" or "identity")
        {
            return;
        }

        Stream body = request.Body;
        Stream plain = encoding switch
        {
            "gzip" or "x-gzip" => new GZipStream(body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(body, CompressionMode.Decompress),
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            _ => throw new ApiException(415, $"Content-Encoding {encoding}: expected gzip, deflate or br; send the body in one of these, or as it is.", code: "unsupported_encoding"),
        };
        request.Headers.Remove("Content-Encoding");
        request.ContentLength = null;
        request.Body = new Plain(plain, encoding, most);
    }

    /// <summary>What is unpacked, up to a length.</summary>
    private sealed class Plain(Stream plain, string encoding, long most) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count;
            try
            {
                count = await plain.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception damaged) when (damaged is InvalidDataException or InvalidOperationException)
            {
                throw new ApiException(400, $"The body is not the {encoding} that Content-Encoding says; pack it again, or send it as it is.", code: "invalid_encoding");
            }

            _read += count;
            return _read <= most ? count
                : throw new ApiException(413, $"The body is larger than {most} bytes once it is unpacked; send less, or start the server with a larger --max-body.");
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
