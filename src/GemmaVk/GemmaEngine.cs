using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime;
using GemmaVk.Tensors;
using GemmaVk.Text;
using GemmaVk.Weights;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GemmaVk;

/// <summary>
/// A loaded model: weights on a device, tokenizer, and what starts conversations. One per process is enough; sessions
/// are cheap beside it. Not for several threads at once.
/// </summary>
public sealed class GemmaEngine : IDisposable
{
    private const int DefaultContext = 32768;
    private readonly Checkpoint _checkpoint;
    private readonly BpeTokenizer? _tokenizer;
    private readonly string _modelFolder;

    private GemmaEngine(string folder, Checkpoint checkpoint, BpeTokenizer? tokenizer, ChosenBackend chosen, GemmaModel model)
    {
        _modelFolder = folder;
        _checkpoint = checkpoint;
        _tokenizer = tokenizer;
        Backend = chosen.Backend;
        DeviceReason = chosen.Reason;
        Model = model;
        StopIds = (tokenizer?.Specials.Stops ?? []).Concat(model.Config.EosTokenId).ToHashSet();
    }

    /// <summary>The device.</summary>
    public IBackend Backend { get; }

    /// <summary>Why this device and no other, in one sentence.</summary>
    public string DeviceReason { get; }

    /// <summary>The model.</summary>
    public GemmaModel Model { get; }

    /// <summary>Tokens that end an answer.</summary>
    public IReadOnlySet<int> StopIds { get; }

    /// <summary>Text to ids and back.</summary>
    /// <exception cref="GemmaVkException">The engine was loaded without.</exception>
    public BpeTokenizer Tokenizer => _tokenizer ?? throw new GemmaVkException(
        $"{_modelFolder} has no tokenizer.json: expected one beside model.safetensors, to turn text into tokens. Copy it there, or give token ids.");

    /// <summary>What the checkpoint recommends for drawing.</summary>
    public Sample.Choice RecommendedChoice => Model.Config.Generation is { DoSample: true } g
        ? new Sample.Choice(g.Temperature, g.TopK, g.TopP)
        : default;

    /// <summary>Context for a session when none is asked for: what the model allows, at most 32,768 positions.</summary>
    public int DefaultContextLength => Math.Min(Model.Config.MaxPositionEmbeddings, DefaultContext);

    /// <summary>Loads a model.</summary>
    /// <exception cref="GemmaVkException">Something about the checkpoint or the device is wrong: the message says what to do.</exception>
    public static GemmaEngine Load(EngineOptions options, ILogger? log = null)
    {
        log ??= NullLogger.Instance;
        Checkpoint checkpoint = Checkpoint.Open(options.Model);
        ChosenBackend? chosen = null;
        try
        {
            // Opening a device and reading a tokenizer take turns on different cores.
            Exception? deviceError = null;
            Thread opening = new(() =>
            {
                try
                {
                    chosen = BackendFactory.Create(options.Device, log);
                }
                catch (Exception e)
                {
                    deviceError = e;
                }
            });
            opening.Start();
            BpeTokenizer? tokenizer;
            try
            {
                tokenizer = LoadTokenizer(options, checkpoint.Config);
            }
            finally
            {
                opening.Join();
            }

            if (deviceError is not null)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(deviceError);
            }

            log.LogInformation("device: {Device}; {Reason}", chosen!.Backend.Device.Name, chosen.Reason);
            long placed = 0;
            long total = checkpoint.TotalBytes;
            Action<long>? progress = options.Progress is null ? null : bytes => options.Progress(Interlocked.Add(ref placed, bytes), total);
            GemmaModel model = GemmaModel.Load(checkpoint, chosen.Backend, options.Precision, options.Chunk, progress, LargestPicture(options, checkpoint.Config));
            log.LogInformation("weights: {Bytes:N0} bytes on the device, {Step:N0} read per step", model.Weights.Bytes, model.Weights.BytesPerStep);
            return new GemmaEngine(options.Model, checkpoint, tokenizer, chosen, model);
        }
        catch
        {
            chosen?.Backend.Dispose();
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Starts a conversation.</summary>
    /// <param name="context">Most positions, or null for <see cref="DefaultContextLength"/>.</param>
    public GemmaSession NewSession(int? context = null) => new(this, Model.NewSession(context ?? DefaultContextLength));

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        Backend.Dispose();
        _checkpoint.Dispose();
    }

    /// <summary>Soft rows of the largest picture or frame that may come; 0 for text only.</summary>
    private static int LargestPicture(EngineOptions options, Gemma4Config config) =>
        options.ImageTokens ?? Math.Max(config.Processor.ImageMaxSoftTokens, config.Processor.VideoMaxSoftTokens);

    private static BpeTokenizer? LoadTokenizer(EngineOptions options, Gemma4Config config)
    {
        string path = Path.Combine(options.Model, "tokenizer.json");
        if (!options.Tokenizer || !File.Exists(path))
        {
            return null;
        }

        BpeTokenizer tokenizer;
        try
        {
            tokenizer = BpeTokenizer.Load(path);
        }
        catch (TextException e)
        {
            throw new GemmaVkException(e.Message, e);
        }

        return tokenizer.VocabularySize <= config.VocabSize
            ? tokenizer
            : throw new GemmaVkException(
                $"{path} has {tokenizer.VocabularySize} tokens, but config.json says vocab_size {config.VocabSize}: the two belong to different models. Take both from one checkpoint.");
    }
}
