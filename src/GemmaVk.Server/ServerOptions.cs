using System;
using System.Collections.Generic;
using GemmaVk.Hybrid.Rules;

namespace GemmaVk.Server;

/// <summary>Where the server listens, whom it lets in, and how much of anything it takes.</summary>
public sealed record ServerOptions
{
    /// <summary>The port that is listened on unless another is given.</summary>
    public const int DefaultPort = 11435;

    /// <summary>Address or name to listen on. Beyond loopback only with <see cref="ApiKey"/> or <see cref="Insecure"/>.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Port; 0 for any that is free.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>What callers show as "Authorization: Bearer KEY" or "x-api-key: KEY"; null for none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Lets the server listen beyond loopback without a key.</summary>
    public bool Insecure { get; init; }

    /// <summary>Host names that requests may name beside loopback and the address that is listened on.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Origins of web pages that may call; none but the server's own page by default.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Folders below which file: addresses may lie; none by default.</summary>
    public IReadOnlyList<string> MediaRoots { get; init; } = [];

    /// <summary>Folder of saved conversations, or null where none are kept.</summary>
    public string? SessionFolder { get; init; }

    /// <summary>Name of the model in answers and in /v1/models; null for the folder's.</summary>
    public string? ModelName { get; init; }

    /// <summary>Tools that the server runs, or null for none.</summary>
    public ServedTools? Tools { get; init; }

    /// <summary>Rules by which an endpoint may answer in place of the model, or null: then nothing leaves.</summary>
    public RouteFile? Route { get; init; }

    /// <summary>How much of pictures, sounds and clips the model gets.</summary>
    public MediaSettings Media { get; init; } = new();

    /// <summary>Most bytes of a request.</summary>
    public long MostBodyBytes { get; init; } = 64L << 20;

    /// <summary>Most messages of a request.</summary>
    public int MostMessages { get; init; } = 10_000;

    /// <summary>Most pictures, sounds and clips of a request.</summary>
    public int MostMedia { get; init; } = 64;

    /// <summary>Most pixels of a picture or of a clip's frame.</summary>
    public long MostPixels { get; init; } = 64L << 20;

    /// <summary>Longest sound or clip.</summary>
    public TimeSpan LongestMedia { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Answers that may wait for their turn; one more is told to come again.</summary>
    public int MostWaiting { get; init; } = 64;

    /// <summary>Longest time in the queue; who waited so long is told to come again.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest time of an answer, from its turn on.</summary>
    public TimeSpan LongestAnswer { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a body may come slower than 240 bytes a second before the request is given up. Above 1 s.</summary>
    public TimeSpan BodyPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether chat completions give thoughts as "reasoning" too, beside "reasoning_content": some clients read the one name and some the other.</summary>
    public bool AlsoReasoning { get; init; }

    /// <summary>Time between comments that keep a silent stream open.</summary>
    public TimeSpan Ping { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long running answers may go on once the server is told to stop.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(20);
}
