using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using GemmaVk.Server;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Options;

/// <summary>The flags that say where the server listens, whom it lets in, and how much it takes.</summary>
internal sealed class ServerFlags
{
    private readonly WholeOption _port = new("--port", $"Port to listen on; 0 for any that is free. Default: {ServerOptions.DefaultPort}.", 0, $"leave it out for {ServerOptions.DefaultPort}", 65535);
    private readonly Option<string> _host = new("--host") { Description = "Address to listen on. Default: 127.0.0.1, which only this machine reaches.", HelpName = "ADDRESS", DefaultValueFactory = _ => "127.0.0.1" };
    private readonly Option<string?> _key = new("--api-key-file") { Description = "File with the key that callers have to show.", HelpName = "FILE" };
    private readonly Option<bool> _insecure = new("--insecure") { Description = "Listen on an address that others reach without a key." };
    private readonly Option<string[]> _allowHost = new("--allow-host") { Description = "Host name that requests may name, such as that of a proxy. May come several times.", HelpName = "NAME" };
    private readonly Option<string[]> _allowOrigin = new("--allow-origin") { Description = "Origin of a web page that may call, such as https://chat.example. May come several times.", HelpName = "ORIGIN" };
    private readonly Option<string[]> _mediaRoot = new("--media-root") { Description = "Folder below which requests may name files. May come several times. Default: none.", HelpName = "DIR" };
    private readonly Option<string?> _sessionFolder = new("--session-folder") { Description = "Folder in which conversations are saved by request. Default: none are.", HelpName = "DIR" };
    private readonly Option<string?> _name = new("--alias") { Description = "What requests call the model. Default: the name of its folder.", HelpName = "NAME" };
    private readonly SizeOption _body = new("--max-body", "Most bytes of a request. Default: 64MiB.", "leave it out for 64MiB");
    private readonly WholeOption _queue = new("--max-queue", "Answers that may wait for their turn. Default: 64.", 0, "leave it out for 64", 1_000_000);
    private readonly WholeOption _wait = new("--queue-time", "Most seconds in the queue; who waits longer is told to come again. Default: 300.", 1, "leave it out for 300", 1_000_000);
    private readonly WholeOption _time = new("--max-time", "Most seconds of an answer. Default: 3600.", 1, "leave it out for an hour", 1_000_000);
    private readonly WholeOption _grace = new("--grace", "Seconds that running answers may go on once the server is told to end. Default: 20.", 0, "leave it out for 20", 86_400);

    private readonly Option<bool> _reasoning = new("--also-reasoning") { Description = "Give thoughts as reasoning too, beside reasoning_content, for clients that read that name." };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_port, _host, _key, _insecure, _allowHost, _allowOrigin, _mediaRoot, _sessionFolder, _name, _body, _queue, _wait, _time, _grace, _reasoning])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="folder">Of the model.</param>
    /// <param name="media">How much of media is taken.</param>
    /// <exception cref="GemmaVkException">A flag has no legal value.</exception>
    public ServerOptions Read(ParseResult parsed, string folder, MediaSettings media)
    {
        ServerOptions options = new();
        return options with
        {
            Port = _port.Read(parsed) ?? options.Port,
            Host = parsed.GetValue(_host)!,
            ApiKey = parsed.GetValue(_key) is { } file ? Key(file) : null,
            Insecure = parsed.GetValue(_insecure),
            AllowedHosts = parsed.GetValue(_allowHost) ?? [],
            AllowedOrigins = parsed.GetValue(_allowOrigin) ?? [],
            MediaRoots = [.. (parsed.GetValue(_mediaRoot) ?? []).Select(root => Directory.Exists(root) ? root : throw new GemmaVkException($"--media-root {root}: expected a folder, but there is none; give one that exists."))],
            SessionFolder = parsed.GetValue(_sessionFolder),
            ModelName = parsed.GetValue(_name) ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
            Media = media,
            MostBodyBytes = _body.Read(parsed) ?? options.MostBodyBytes,
            MostWaiting = _queue.Read(parsed) ?? options.MostWaiting,
            LongestWait = _wait.Read(parsed) is { } wait ? TimeSpan.FromSeconds(wait) : options.LongestWait,
            LongestAnswer = _time.Read(parsed) is { } seconds ? TimeSpan.FromSeconds(seconds) : options.LongestAnswer,
            AlsoReasoning = parsed.GetValue(_reasoning),
            Grace = _grace.Read(parsed) is { } grace ? TimeSpan.FromSeconds(grace) : options.Grace,
        };
    }

    private static string Key(string file)
    {
        string key;
        try
        {
            key = File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new GemmaVkException($"--api-key-file {file}: expected a file with a key, but it cannot be read: {e.Message}", e);
        }

        return key.Length >= 8 && !key.Any(char.IsWhiteSpace) ? key
            : throw new GemmaVkException($"--api-key-file {file}: expected one key of 8 characters or more without spaces, but {key.Length} characters came; write a longer one.");
    }
}
