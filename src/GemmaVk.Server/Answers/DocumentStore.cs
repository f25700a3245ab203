using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using GemmaVk.Documents;
using GemmaVk.Server.Http;
using GemmaVk.Tensors;

namespace GemmaVk.Server.Answers;

/// <summary>Documents of requests, read in memory. Every request carries the whole conversation, so what was read last is kept.</summary>
/// <param name="options">Limits.</param>
internal sealed class DocumentStore(ServerOptions options)
{
    private const int MostKept = 8;
    private const long MostLetters = 64L << 20;

    private readonly Dictionary<string, Document> _kept = [];
    private long _letters;

    /// <summary>What a text of a request is: a document of its own.</summary>
    public Document OfText(string text, string name, string param, CancellationToken cancel) => OfBytes(Encoding.UTF8.GetBytes(text), name, param, cancel);

    /// <summary>What base64 or a data: address stands for.</summary>
    /// <param name="data">As it came.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="param">The field that has it.</param>
    /// <param name="cancel">Ends reading.</param>
    public Document OfData(string data, string name, string param, CancellationToken cancel)
    {
        ReadOnlySpan<char> base64 = data;
        if (data.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            int comma = data.IndexOf(',', StringComparison.Ordinal);
            base64 = comma >= 0 && data.AsSpan(0, comma).EndsWith(";base64", StringComparison.OrdinalIgnoreCase)
                ? base64[(comma + 1)..]
                : throw ApiException.Field(param, $"{param}: expected data:TYPE;base64,DATA; encode the bytes as base64.");
        }

        byte[] bytes = new byte[(base64.Length / 4 * 3) + 3];
        return Convert.TryFromBase64Chars(base64, bytes, out int count)
            ? OfBytes(bytes[..count], name, param, cancel)
            : throw ApiException.Field(param, $"{param}: expected base64, but a character or a length that it cannot have came; encode the bytes again.", "invalid_base64");
    }

    private Document OfBytes(byte[] bytes, string name, string param, CancellationToken cancel)
    {
        string key = $"{Convert.ToHexString(SHA256.HashData(bytes))}|{name}";
        lock (_kept)
        {
            if (_kept.TryGetValue(key, out Document? known))
            {
                return known;
            }
        }

        Document document;
        try
        {
            document = !Parts.Documents ? throw Parts.LeftOut(param, nameof(Parts.Documents)) : DocumentReader.Read(bytes, name, null, DocumentLimits.Default with { FileBytes = Math.Min(DocumentLimits.Default.FileBytes, options.MostBodyBytes) }, cancel);
        }
        catch (GemmaVkException error)
        {
            throw new ApiException(400, error.Message, param, "invalid_document");
        }

        lock (_kept)
        {
            if (_kept.Count >= MostKept || _letters + document.Letters > MostLetters)
            {
                _kept.Clear();
                _letters = 0;
            }

            _kept[key] = document;
            _letters += document.Letters;
        }

        return document;
    }
}
