using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading;
using GemmaVk.Tensors;

namespace GemmaVk.Hybrid.Sending;

/// <summary>
/// What left this machine, byte for byte: a line of JSON for each request, written to the disk before anything is sent. "body" as UTF-8 is the request's body;
/// "sha256" is its hash. Where it cannot be written, nothing is sent.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="clock">Tells the time.</param>
public sealed class AuditLog(string path, TimeProvider clock)
{
    private readonly Lock _gate = new();

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>Writes down what is about to leave.</summary>
    /// <param name="id">Of the request.</param>
    /// <param name="endpoint">Where to.</param>
    /// <param name="headers">Headers; the key is named, not written.</param>
    /// <param name="body">The body.</param>
    /// <exception cref="GemmaVkException">It cannot be written.</exception>
    public void Sends(string id, Endpoint endpoint, IReadOnlyDictionary<string, string> headers, byte[] body) => Write(json =>
    {
        json.WriteString("time", clock.GetUtcNow());
        json.WriteString("id", id);
        json.WriteString("event", "sent");
        json.WriteString("endpoint", endpoint.Name);
        json.WriteString("url", endpoint.Address.AbsoluteUri);
        json.WriteStartObject("headers");
        foreach ((string name, string value) in headers)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteNumber("bytes", body.Length);
        json.WriteString("sha256", Convert.ToHexStringLower(SHA256.HashData(body)));
        json.WriteString("body", Encoding.UTF8.GetString(body));
    });

    /// <summary>Writes down how a request ended.</summary>
    public void Ended(string id, string outcome) => Write(json =>
    {
        json.WriteString("time", clock.GetUtcNow());
        json.WriteString("id", id);
        json.WriteString("event", "ended");
        json.WriteString("outcome", outcome);
    });

    private void Write(Action<Utf8JsonWriter> write)
    {
        using MemoryStream line = new();
        using (Utf8JsonWriter json = new(line, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        try
        {
            lock (_gate)
            {
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
                FileStreamOptions options = new() { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite };
                if (!OperatingSystem.IsWindows())
                {
                    options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }

                using FileStream file = new(path, options);
                file.Write(line.GetBuffer(), 0, (int)line.Length);
                file.Flush(flushToDisk: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GemmaVkException($"{path}: expected to write down what leaves, but {Complaint.Of(e)} Nothing was sent; check the folder, or name another file as \"audit\".", e);
        }
    }
}
