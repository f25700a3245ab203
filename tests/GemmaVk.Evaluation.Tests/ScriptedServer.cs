using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace GemmaVk.Evaluation.Tests;

/// <summary>A server on loopback that answers each request with the next of some texts, whatever was asked; then it repeats the last.</summary>
internal sealed class ScriptedServer : IDisposable
{
    /// <summary>Waits instead of answering.</summary>
    public const string Hang = "hang";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly string[] _answers;
    private int _next = -1;

    public ScriptedServer(params string[] answers)
    {
        _answers = answers;
        _listener.Start();
        _ = Serve();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1");

    /// <summary>First line and headers of each request.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>A whole answer.</summary>
    public static string Sends(string body, string status = "200 OK", string more = "", string type = "application/json") =>
        $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n{more}\r\n{body}";

    /// <summary>An answer of a chat.</summary>
    public static string Says(string text) => Sends($$$"""{"choices":[{"message":{"role":"assistant","content":"{{{text}}}"}}],"usage":{"completion_tokens":1}}""");

    public void Dispose()
    {
        _end.Cancel();
        _listener.Stop();
        _end.Dispose();
    }

    private async Task Serve()
    {
        List<Task> open = [];
        try
        {
            while (true)
            {
                open.Add(Answer(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Answer(TcpClient client)
    {
        using (client)
        {
            try
            {
                Stream stream = client.GetStream();
                Requests.Enqueue(await Request(stream));
                string answer = _answers[Math.Min(Interlocked.Increment(ref _next), _answers.Length - 1)];
                if (answer == Hang)
                {
                    await Task.Delay(Timeout.Infinite, _end.Token);
                }

                await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), _end.Token);
            }
            catch (Exception error) when (error is IOException or OperationCanceledException)
            {
                // The caller left.
            }
        }
    }

    /// <summary>Reads a request to its end.</summary>
    private static async Task<string> Request(Stream stream)
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) == 1)
        {
            head.Append((char)one[0]);
        }

        int at = head.ToString().IndexOf("Content-Length: ", StringComparison.Ordinal);
        if (at >= 0)
        {
            byte[] body = new byte[int.Parse(head.ToString()[(at + 16)..].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture)];
            await stream.ReadExactlyAsync(body);
        }

        return head.ToString();
    }
}
