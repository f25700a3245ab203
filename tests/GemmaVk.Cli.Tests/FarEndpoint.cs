using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;

namespace GemmaVk.Cli.Tests;

/// <summary>An endpoint on loopback that gives one answer to every question, and notes what came.</summary>
internal sealed class FarEndpoint : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _answer;

    public FarEndpoint(string answer)
    {
        _answer = answer;
        _listener.Start();
        _ = Task.Run(Serve);
    }

    /// <summary>Base of its address.</summary>
    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1";

    /// <summary>Bodies that came.</summary>
    public ConcurrentQueue<JsonElement> Came { get; } = [];

    /// <summary>A route file with one rule that leads here.</summary>
    public string Route(TemporaryFolder folder, string rule) =>
        folder.Write("route.json", $$"""{"endpoints": {"far": {"url": "{{Url}}", "model": "m"} }, "rules": [{{rule}}], "audit": "audit.jsonl"}""");

    public void Dispose() => _listener.Stop();

    private async Task Serve()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                using NetworkStream stream = client.GetStream();
                Came.Enqueue(JsonElement.Parse(await Body(stream)));
                string[] chunks =
                [
                    $"{{\"choices\":[{{\"delta\":{{\"content\":{JsonSerializer.Serialize(_answer)}}},\"finish_reason\":null}}]}}",
                    """{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":9}}""",
                    "[DONE]",
                ];
                string events = string.Concat(chunks.Select(chunk => $"data: {chunk}\n\n"));
                await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: {Encoding.UTF8.GetByteCount(events)}\r\nConnection: close\r\n\r\n{events}"));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }

    private static async Task<byte[]> Body(NetworkStream stream)
    {
        MemoryStream came = new();
        byte[] block = new byte[4096];
        while (true)
        {
            int length = await stream.ReadAsync(block);
            came.Write(block, 0, length);
            string text = Encoding.Latin1.GetString(came.ToArray());
            int head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            string? field = head < 4 ? null : text[..head].Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
            if (length == 0 || (field is not null && text.Length - head >= int.Parse(field.Split(':')[1])))
            {
                return came.ToArray()[head..];
            }
        }
    }
}
