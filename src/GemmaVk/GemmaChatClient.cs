using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Sessions;
using GemmaVk.Telemetry;
using GemmaVk.Tensors;
using GemmaVk.Text;
using Microsoft.Extensions.AI;
using ChatOptions = Microsoft.Extensions.AI.ChatOptions;

namespace GemmaVk;

/// <summary>
/// The engine as an <see cref="IChatClient"/>. Every call carries the whole conversation, as that interface wants it; what
/// of it is in a cache from a call before is not run again. Calls from several threads are answered side by side, as many as
/// <see cref="EngineOptions.Sessions"/>; the others wait. Each gets the answer that it would get alone. Cancelling ends the answer with an <see cref="OperationCanceledException"/>.
/// </summary>
/// <param name="engine">The model; stays the caller's to dispose, after the client.</param>
/// <param name="context">Most positions of a conversation, or null for <see cref="GemmaEngine.DefaultContextLength"/>.</param>
/// <param name="media">
/// How much of pictures, sounds and clips is taken. They come as bytes (<see cref="DataContent"/>), as file: addresses
/// (<see cref="UriContent"/>; others are refused, nothing is ever fetched), or ready for the model (<see cref="MediaContent"/>).
/// </param>
/// <param name="conversations">
/// How many conversations are kept under an id, those used last. With 0 each call brings all messages. With more, every answer names its
/// <see cref="ChatResponse.ConversationId"/>; a call with that id (<see cref="ChatOptions.ConversationId"/>) brings new messages alone, as
/// <c>FunctionInvokingChatClient</c> does by itself, and a call without one starts a conversation.
/// </param>
public sealed class GemmaChatClient(GemmaEngine engine, int? context = null, MediaSettings? media = null, int conversations = 0) : IChatClient
{
    /// <summary>
    /// The additional property of an answer's message (of the last update of a stream) that lists what is not to be passed over of the conversation's pictures, sounds and clips: that a file is
    /// cut off, or what ffmpeg complained about. Strings; absent where there is nothing to say.
    /// </summary>
    public const string Notes = "media_notes";

    /// <summary>
    /// Finish reason of an answer whose tool call cannot be read, code of the <see cref="ErrorContent"/> behind its text, and name of the
    /// properties that mark that text (true) and the message (the texts).
    /// </summary>
    public const string UnreadCall = "unread_tool_call";

    /// <summary>
    /// Additional property of a call's options: true gives each token of the answer with its log-probability. Additional property of the
    /// updates: an <see cref="IReadOnlyList{T}"/> of <see cref="TokenLogprob"/> with the tokens since the update before, thoughts and stop
    /// token included; of the answer's message: all of them. They are those of the model at temperature 1, whatever was drawn by.
    /// </summary>
    public const string Logprobs = "logprobs";

    /// <summary>Additional property of a call's options: how many of the likeliest tokens come with each, 0 to 20.</summary>
    public const string TopLogprobs = "top_logprobs";

    /// <summary>Additional property of a call's options: a dictionary or JSON object of token ids with what is added to their logits, -100 to 100.</summary>
    public const string LogitBias = "logit_bias";

    /// <summary>Additional property of a call's options: makes tokens of conversation and answer less likely, above 0; 1 is off.</summary>
    public const string RepetitionPenalty = "repetition_penalty";

    /// <summary>Additional count of the usage: drafts that the model confirmed.</summary>
    public const string AcceptedDrafts = "accepted_drafts";

    /// <summary>Additional count of the usage: drafts that it did not.</summary>
    public const string RejectedDrafts = "rejected_drafts";

    /// <summary>
    /// Additional property of a call's options: a text that keeps callers apart. What conversations begin with alike is shared, and
    /// caches found again, only among calls with the same salt.
    /// </summary>
    public const string CacheSalt = "cache_salt";

    private readonly ContentReader _reader = new(new MediaLoader(engine.Model.Config, media ?? new MediaSettings()));
    private readonly SessionPool _sessions = new(engine, context);
    private readonly KeptConversations _kept = new(conversations);
    private readonly ChatClientMetadata _metadata = new("gemmavk", defaultModelId: engine.Model.Config.ModelType);
    private readonly ClientTotals _totals = new();

    /// <summary>What is told beyond names, numbers and times to those who listen to <see cref="GemmaTelemetry"/>.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <inheritdoc/>
    /// <exception cref="GemmaVkException">
    /// The conversation does not fit, or an option or content was given that cannot be honoured: nothing is left out silently.
    /// </exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            updates.Add(update);
        }

        ChatResponse response = updates.ToChatResponse();
        ChatLogits.Join(updates, response);
        return response;
    }

    /// <inheritdoc/>
    /// <exception cref="GemmaVkException">As for <see cref="GetResponseAsync"/>.</exception>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        EngineGauges.Add(_totals, engine, _metadata.DefaultModelId!, Telemetry.DeviceBandwidth);
        return new ChatTelemetry(_metadata.DefaultModelId!, Telemetry).Watch(Stream(messages, options, cancellationToken), messages, options, cancellationToken);
    }

    private async IAsyncEnumerable<ChatResponseUpdate> Stream(
        IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenSource abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using ClientTotals.Call counted = _totals.Begin();
        List<string> notes = [];
        RequireModel(options?.ModelId);
        KeptConversation? kept = _kept.Take(options?.ConversationId);
        GemmaSession? session = null;
        Task<(Answer Answer, int Reused)>? running = null;
        bool answered = false;
        try
        {
            ChatRequest request = ChatRequest.From([.. messages], options, content => _reader.Read(content, notes), kept?.Calls);
            PromptRows rows = Rows(request, kept, out bool inThought);
            session = await _sessions.Take(rows, SaltOf(options), cancellationToken).ConfigureAwait(false);
            string id = Guid.NewGuid().ToString("N");
            List<TokenLogprob> logprobs = [];
            ChatResponseUpdate Update(params IList<AIContent> contents) => new(ChatRole.Assistant, contents)
            {
                ResponseId = id,
                MessageId = id,
                ModelId = _metadata.DefaultModelId,
                ConversationId = kept?.Id,
                CreatedAt = DateTimeOffset.UtcNow,
                AdditionalProperties = ChatLogits.Piece(logprobs),
            };

            Channel<(ResponseDelta Delta, TokenLogprob? Logprob)> deltas = Channel.CreateUnbounded<(ResponseDelta, TokenLogprob?)>(
                new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
            running = Run(session, rows, inThought, request, deltas.Writer, abandoned.Token);
            int calls = 0;
            await foreach ((ResponseDelta delta, TokenLogprob? logprob) in deltas.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                if (logprob is not null)
                {
                    logprobs.Add(logprob);
                }

                if (delta.Thinking.Length > 0 && request.ShowsThinking)
                {
                    yield return Update(new TextReasoningContent(delta.Thinking));
                }

                if (delta.Content.Length > 0)
                {
                    yield return Update(new TextContent(delta.Content));
                }

                if (delta.Unread is { } unread)
                {
                    // The text is a part of the answer; what is wrong with it stands behind it.
                    yield return Update(
                        new TextContent(unread) { AdditionalProperties = new() { [UnreadCall] = true } },
                        new ErrorContent("A tool call of the model could not be read and was not made.") { ErrorCode = UnreadCall, Details = unread });
                }

                if (delta.Call is { } call)
                {
                    yield return Update(new FunctionCallContent($"{id}-{calls++}", call.Name, ChatRequest.Arguments(call)));
                }
            }

            (Answer answer, int reused) = await running.ConfigureAwait(false);
            _totals.Add(answer.Stats, reused);
            cancellationToken.ThrowIfCancellationRequested();
            kept?.Keep(session.Past, [.. session.OpenCalls.Select((call, i) => call with { Id = $"{id}-{i}" })]);
            answered = true;
            ChatResponseUpdate last = Update(new UsageContent(new UsageDetails
            {
                InputTokenCount = answer.Stats.PromptTokens + reused,
                CachedInputTokenCount = reused,
                OutputTokenCount = answer.Ids.Count,
                TotalTokenCount = answer.Stats.PromptTokens + reused + answer.Ids.Count,
                ReasoningTokenCount = answer.ThinkingTokens,
                AdditionalCounts = answer.Stats.Drafting is { } drafting
                    ? new() { [AcceptedDrafts] = drafting.Kept, [RejectedDrafts] = drafting.Drafts - drafting.Kept }
                    : null,
            }));
            last.RawRepresentation = answer.Stats;
            AdditionalPropertiesDictionary said = last.AdditionalProperties ?? [];
            if (notes.Count > 0)
            {
                said.Add(Notes, notes);
            }

            if (answer.UnreadCalls.Count > 0)
            {
                said.Add(UnreadCall, answer.UnreadCalls.ToArray());
            }

            last.AdditionalProperties = said.Count > 0 ? said : null;
            last.FinishReason = answer.ToolCalls.Count > 0 && (answer.Stop == StopReason.Stop || answer.Open != OpenPart.ToolCall) ? ChatFinishReason.ToolCalls
                : answer.Stop != StopReason.Stop ? ChatFinishReason.Length
                : answer.UnreadCalls.Count > 0 ? new ChatFinishReason(UnreadCall)
                : ChatFinishReason.Stop;
            yield return last;
        }
        finally
        {
            // A caller may leave the stream early: the session must be at rest before the next one gets it.
            await abandoned.CancelAsync().ConfigureAwait(false);
            if (running is not null)
            {
                await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (session is not null)
            {
                _sessions.Return(session);
            }

            if (kept is not null)
            {
                _kept.Return(kept, answered);
            }
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(engine) ? engine
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Gives the caches back; the engine stays.</summary>
    public void Dispose()
    {
        EngineGauges.Remove(_totals);
        _sessions.Dispose();
    }

    /// <summary>Refuses another model than the one there is, which would answer in its place.</summary>
    private void RequireModel(string? asked)
    {
        if (asked is { Length: > 0 } && asked != _metadata.DefaultModelId && asked != engine.ModelName)
        {
            throw new GemmaVkException(
                $"ChatOptions.ModelId: expected '{engine.ModelName}' or '{_metadata.DefaultModelId}', the model that is loaded, but '{asked}' came; leave it null, or load that model.");
        }
    }

    /// <summary>The whole conversation: what the call brings, or what is kept and what the call brings.</summary>
    private PromptRows Rows(ChatRequest request, KeptConversation? kept, out bool inThought)
    {
        if (kept is not null)
        {
            return kept.Continue(engine, request, out inThought);
        }

        ChatPrompt prompt = request.Render();
        inThought = prompt.EndsInThought;
        return GemmaSession.Rows(engine, prompt, request.Media);
    }

    private static string SaltOf(ChatOptions? options) => options?.AdditionalProperties is { } more && more.TryGetValue(CacheSalt, out object? salt) && salt is not null
        ? salt as string ?? (salt is JsonElement { ValueKind: JsonValueKind.String } text ? text.GetString()! : throw new GemmaVkException($"ChatOptions.AdditionalProperties[\"{CacheSalt}\"]: expected a text, but a {salt.GetType().Name} came; leave it out to share with all."))
        : "";

    private static async Task<(Answer Answer, int Reused)> Run(
        GemmaSession session, PromptRows rows, bool inThought, ChatRequest request, ChannelWriter<(ResponseDelta, TokenLogprob?)> deltas, CancellationToken cancel)
    {
        // Each token is followed by its delta, on one thread.
        TokenLogprob? newest = null;
        AskOptions options = request.Options with { OnToken = token => newest = token.Logprob };
        try
        {
            return await session.ContinueAsync(rows, inThought, options, delta => deltas.TryWrite((delta, Interlocked.Exchange(ref newest, null))), cancel).ConfigureAwait(false);
        }
        finally
        {
            deltas.Complete();
        }
    }
}
