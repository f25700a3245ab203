using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using GemmaVk.Grammar;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Planning;
using GemmaVk.Runtime.Prefixes;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Text;
using GemmaVk.Weights;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GemmaVk;

/// <summary>
/// A loaded model: weights on a device, tokenizer, and what starts conversations. One per process is enough; sessions
/// are cheap beside it and may answer at the same time, from any thread; each is one thread's at a time.
/// </summary>
public sealed partial class GemmaEngine : IDisposable
{
    // Times that a device may be lost while a model is loaded onto it.
    private const int MostLosses = 2;

    private readonly Checkpoint _checkpoint;
    private readonly BpeTokenizer? _tokenizer;
    private readonly DrafterChoice _drafting;
    private readonly string _modelFolder;
    private readonly long _heldAfterLoading;
    private readonly Lazy<ContinuousBatch> _batch;
    private readonly Lazy<Vocabulary> _vocabulary;

    private GemmaEngine(
        string folder,
        Checkpoint checkpoint,
        BpeTokenizer? tokenizer,
        ChosenBackend chosen,
        GemmaModel model,
        MemoryPlan plan,
        DrafterChoice drafting,
        Drafter? drafter,
        EngineOptions options,
        ILogger log)
    {
        LongestQueue = options.LongestQueue;
        Plan = plan;
        _heldAfterLoading = chosen.Backend.Ledger.HeldBytes;
        _modelFolder = folder;
        _checkpoint = checkpoint;
        Notes = checkpoint.Notes();
        _tokenizer = tokenizer;
        Backend = chosen.Backend;
        DeviceReason = chosen.Reason;
        Model = model;
        _drafting = drafting;
        Drafter = drafter;
        _batch = new Lazy<ContinuousBatch>(() => new ContinuousBatch(model, drafter)
        {
            Notice = notice =>
            {
                log.LogWarning("{Notice}", notice);
                options.Notice?.Invoke(notice);
            },
        });
        _vocabulary = new Lazy<Vocabulary>(() => new Vocabulary(Tokenizer));
        Prefixes = plan.PrefixBytes > 0 ? new PrefixStore(model, plan.PrefixBytes) : null;
        StopIds = (tokenizer?.Specials.Stops ?? []).Concat(model.Config.EosTokenId).ToHashSet();
    }

    /// <summary>The device.</summary>
    public IBackend Backend { get; }

    /// <summary>Why this device and no other, in one sentence.</summary>
    public string DeviceReason { get; }

    /// <summary>The model.</summary>
    public GemmaModel Model { get; }

    /// <summary>What guesses tokens ahead of the model, or null. It makes answers faster and leaves them as they are.</summary>
    public Drafter? Drafter { get; }

    /// <summary>The name of the model's folder.</summary>
    public string ModelName => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(_modelFolder)));

    /// <summary>The drafter's folder, or null without one.</summary>
    public string? DrafterFolder => _drafting.Checkpoint?.Directory;

    /// <summary>Why this drafter or none, in half a sentence.</summary>
    public string DrafterReason => _drafting.Reason;

    /// <summary>Tokens that end an answer.</summary>
    public IReadOnlySet<int> StopIds { get; }

    /// <summary>Text to ids and back.</summary>
    /// <exception cref="GemmaVkException">The engine was loaded without.</exception>
    public BpeTokenizer Tokenizer => _tokenizer ?? throw new GemmaVkException(
        $"{_modelFolder} has no tokenizer.json: expected one beside model.safetensors, to turn text into tokens. Copy it there, or give token ids.");

    /// <summary>What the checkpoint recommends for drawing.</summary>
    public Sample.Choice RecommendedChoice => Model.Config.Generation is { DoSample: true } g
        ? new Sample.Choice(g.Temperature, g.TopK, g.TopP, g.MinP)
        : default;

    /// <summary>Lines about what the model's folder holds and what is passed over: other weights, templates, settings. None for a folder as it was published.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Writes the answers of all sessions side by side. From its first use on it alone may touch the device.</summary>
    public ContinuousBatch Batch => _batch.Value;

    /// <summary>How many may wait for a session (<see cref="EngineOptions.LongestQueue"/>).</summary>
    public int? LongestQueue { get; }

    /// <summary>What conversations begin with alike, taken in once for all; null where no memory is planned for it.</summary>
    public PrefixStore? Prefixes { get; }

    /// <summary>What was planned before loading: the model with its sessions takes this, and no more.</summary>
    public MemoryPlan Plan { get; }

    /// <summary>
    /// Context for a session when none is asked for: the one that was loaded for, which without a wish is the longest that
    /// fits the memory, at most what the model allows. On the CPU positions that are never reached take no memory.
    /// </summary>
    public int DefaultContextLength => Plan.Context;

    /// <summary>Loads a model.</summary>
    /// <exception cref="GemmaVkException">Something about the checkpoint or the device is wrong: the message says what to do.</exception>
    /// <exception cref="DeviceLostException">The device stopped answering, more than once.</exception>
    public static GemmaEngine Load(EngineOptions options, ILogger? log = null)
    {
        log ??= NullLogger.Instance;
        for (int losses = 1; ; losses++)
        {
            try
            {
                return LoadOnce(options, log);
            }
            catch (DeviceLostException lost) when (losses <= MostLosses)
            {
                string notice = $"{lost.Message} Loading begins anew, try {losses + 1} of {MostLosses + 1}.";
                log.LogWarning("{Notice}", notice);
                options.Notice?.Invoke(notice);
            }
        }
    }

    private static GemmaEngine LoadOnce(EngineOptions options, ILogger log)
    {
        options = options with { Model = CheckpointPath.Resolve(options.Model) };
        Checkpoint checkpoint = Checkpoint.Open(options.Model, options.Mmproj);
        ChosenBackend? chosen = null;
        DrafterChoice? drafting = null;
        GemmaModel? model = null;
        try
        {
            drafting = DrafterChoice.Open(options.Drafter, checkpoint);
            // Opening a device and reading a tokenizer take turns on different cores.
            Exception? deviceError = null;
            Thread opening = new(() =>
            {
                try
                {
                    chosen = BackendFactory.Create(options.Device, log, options.DeviceMemory, options.Timing ? true : null, options.Kernels, options.Tune);
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
                tokenizer = options.Tokenizer ? ModelTokenizer.Load(checkpoint) : null;
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
            DeviceMemory memory = BackendFactory.Capped(chosen.Backend.Memory, options.DeviceMemory);
            options = EnginePlan.WithRoom(options, checkpoint, memory);
            (MemoryPlan plan, drafting) = EnginePlan.Check(options, checkpoint, drafting, memory);
            log.LogInformation("plan: {Total:N0} of {Budget:N0} bytes for {Context:N0} positions", plan.TotalBytes, plan.BudgetBytes, plan.Context);
            chosen.Backend.Prepare(plan.Buffers, plan.ScratchBytes);
            long placed = 0;
            long total = checkpoint.TotalBytes + (drafting.Checkpoint?.TotalBytes ?? 0);
            Action<long>? progress = options.Progress is null ? null : bytes => options.Progress(Interlocked.Add(ref placed, bytes), total);
            model = GemmaModel.Load(
                checkpoint, chosen.Backend, options.Precision, options.Chunk, progress, EnginePlan.LargestPicture(options, checkpoint.Config));
            Tune(options, model, drafting.Checkpoint, log);
            log.LogInformation("weights: {Bytes:N0} bytes on the device, {Step:N0} read per step", model.Weights.Bytes, model.Weights.BytesPerStep);
            log.LogInformation("head: {Reason}", model.HeadReason);
            Drafter? drafter = drafting.Checkpoint is { } assistant
                ? Drafter.Load(model, assistant, options.DrafterPrecision, options.DraftLength, progress)
                : null;
            log.LogInformation("drafter: {Folder}; {Reason}", drafting.Checkpoint?.Directory ?? "none", drafting.Reason);
            GemmaEngine engine = new(options.Model, checkpoint, tokenizer, chosen, model, plan, drafting, drafter, options, log);
            foreach (string note in engine.Notes)
            {
                log.LogWarning("{Note}", note);
            }

            return engine;
        }
        catch
        {
            model?.Dispose();
            chosen?.Backend.Dispose();
            drafting?.Checkpoint?.Dispose();
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Starts a conversation.</summary>
    /// <param name="context">Most positions, or null for <see cref="DefaultContextLength"/>.</param>
    /// <exception cref="GemmaVkException">It does not fit beside the sessions there are.</exception>
    public GemmaSession NewSession(int? context = null)
    {
        return OnDevice(() => Open(context ?? DefaultContextLength));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_batch.IsValueCreated)
        {
            _batch.Value.Dispose();
        }

        Drafter?.Dispose();
        Model.Dispose();
        Backend.Dispose();
        _drafting.Checkpoint?.Dispose();
        _checkpoint.Dispose();
    }

    /// <summary>The tokenizer's vocabulary, ready for masks; made when the first answer has a shape.</summary>
    internal Vocabulary Vocabulary => _vocabulary.Value;

    /// <summary>Answers that are being written, and those that wait for the device.</summary>
    internal (int Running, int Waiting) BatchLoad => _batch.IsValueCreated ? _batch.Value.Load : default;

    /// <summary>Share of the memory planned for caches that sessions take.</summary>
    internal double CacheUsage => (double)(Backend.Ledger.HeldBytes - _heldAfterLoading) / Math.Max(1, Plan[PlanItems.SlidingKv] + Plan[PlanItems.FullKv]);

    /// <summary>Runs what touches the device where nothing else does so.</summary>
    internal T OnDevice<T>(Func<T> action) => _batch.IsValueCreated ? _batch.Value.Do(action).GetAwaiter().GetResult() : action();

    private GemmaSession Open(int positions)
    {
        if (positions < 1 || positions > Model.Config.MaxPositionEmbeddings)
        {
            return new(this, Model.NewSession(positions, Prefixes));
        }

        Admit(positions);
        return new(this, Model.NewSession(positions, Prefixes));
    }

    /// <summary>Opens a session of a file, where nothing else is at the device.</summary>
    internal Session Restore(string path, int? context, out string notes)
    {
        int positions = context ?? DefaultContextLength;
        Admit(Math.Clamp(positions, 1, Model.Config.MaxPositionEmbeddings));
        return SessionFile.Load(Model, path, positions, out notes, Prefixes);
    }

    /// <summary>Refuses a session that does not fit beside those there are.</summary>
    private void Admit(int positions)
    {
        long cache = MemoryPlanner.Cache(Model.Plan, positions, Model.Buffers.C, Model.Precision).Sum(buffer => buffer.Bytes);
        long used = Plan.TotalBytes - Plan[PlanItems.SlidingKv] - Plan[PlanItems.FullKv] + Backend.Ledger.HeldBytes - _heldAfterLoading;
        if (used + cache > Plan.BudgetBytes)
        {
            throw new EngineBusyException(
                $"a session of {positions} positions needs {PlanRefusal.Size(cache)}, but {PlanRefusal.Size(used)} of {PlanRefusal.Size(Plan.BudgetBytes)} are in use; "
                + "close another session first, or start one with a smaller --context.");
        }
    }
}
