using System;
using System.Threading;
using GemmaVk.Kernels;
using GemmaVk.Server.Http;

namespace GemmaVk.Server;

/// <summary>Whether the server can answer: it loads its model, serves, ends, or has lost its device.</summary>
internal sealed class ServerState : IDisposable
{
    private const int EndingRetry = 5;
    private readonly CancellationTokenSource _end = new();
    private volatile string? _failure;
    private volatile bool _ends;
    private volatile ServedModel? _model;

    /// <summary>Cancelled once running answers have to end.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>Whether nothing new is taken.</summary>
    public bool Ends => _ends;

    /// <summary>What went wrong with the model or its device, or null.</summary>
    public string? Failure => _failure;

    /// <summary>The model once it is loaded, or null.</summary>
    public ServedModel? Loaded => _model;

    /// <summary>The model.</summary>
    /// <exception cref="ApiException">It is not loaded yet, or its device is lost.</exception>
    public ServedModel Model => _failure is { } failure ? throw new ApiException(503, $"The model cannot answer: {failure}", code: "device_lost")
        : _model ?? throw new ApiException(503, "Loading model", code: "loading") { RetryAfter = 1 };

    /// <summary>The model is there.</summary>
    public void Ready(ServedModel model) => _model = model;

    /// <summary>Loading failed, or a pass did: what failed once on a device fails again.</summary>
    public void Failed(Exception error)
    {
        if (_model is null || error is DeviceLostException)
        {
            _failure ??= error.Message;
        }
    }

    /// <summary>Takes nothing new from now on.</summary>
    public void Drain() => _ends = true;

    /// <summary>Ends what still runs.</summary>
    public void Stop() => _end.Cancel();

    /// <summary>The error for requests that come while the server ends.</summary>
    public ApiException Ending() => new(503, "The server is ending; ask another, or come again.", code: "ending") { RetryAfter = EndingRetry };

    /// <inheritdoc/>
    public void Dispose() => _end.Dispose();
}
