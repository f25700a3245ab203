using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Runtime.Sessions;
using Microsoft.Extensions.AI;

namespace GemmaVk.Telemetry;

/// <summary>Watches the calls of a client.</summary>
/// <param name="model">That answers.</param>
/// <param name="options">What is told.</param>
internal sealed class ChatTelemetry(string model, TelemetryOptions options)
{
    private const string Operation = "chat";
    private const string Provider = "gemmavk";

    /// <summary>
    /// The same updates, watched if somebody listens. Inside a call that a span of another library stands for already, such as that of UseOpenTelemetry, only the
    /// phases are told: the rest would count it twice.
    /// </summary>
    public IAsyncEnumerable<ChatResponseUpdate> Watch(
        IAsyncEnumerable<ChatResponseUpdate> updates, IEnumerable<ChatMessage> messages, ChatOptions? asked, CancellationToken cancel) =>
        GemmaTelemetry.IsHeard ? Watched(updates, messages, asked, cancel) : updates;

    private async IAsyncEnumerable<ChatResponseUpdate> Watched(
        IAsyncEnumerable<ChatResponseUpdate> updates, IEnumerable<ChatMessage> messages, ChatOptions? asked, [EnumeratorCancellation] CancellationToken cancel)
    {
        bool told = Activity.Current?.GetTagItem("gen_ai.operation.name") is Operation;
        Activity? outer = Activity.Current;
        using Activity? span = told ? null : GemmaTelemetry.Source.StartActivity($"{Operation} {model}", ActivityKind.Internal);
        ChatSpan.Ask(span, model, Provider, asked);
        List<ChatResponseUpdate>? kept = options.Content && span is not null ? [] : null;
        long start = Stopwatch.GetTimestamp();
        DateTimeOffset began = DateTimeOffset.UtcNow;
        long before = start;
        string? failed = null;
        ChatResponseUpdate? last = null;
        await using IAsyncEnumerator<ChatResponseUpdate> each = updates.GetAsyncEnumerator(cancel);
        try
        {
            for (bool first = true; await Next(each).ConfigureAwait(false); first = false)
            {
                last = each.Current;
                kept?.Add(last);
                long now = Stopwatch.GetTimestamp();
                if (!told)
                {
                    (first ? GemmaTelemetry.FirstChunk : GemmaTelemetry.OutputChunk).Record(Stopwatch.GetElapsedTime(first ? start : before, now).TotalSeconds, Tags(null));
                }

                before = now;
                yield return last;
            }
        }
        finally
        {
            if (failed is null && last?.FinishReason is null)
            {
                failed = cancel.IsCancellationRequested ? typeof(OperationCanceledException).FullName : "abandoned";
            }

            if (!told)
            {
                GemmaTelemetry.Duration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, Tags(failed));
                Count(last);
            }

            if (options.Phases && last?.RawRepresentation is GenerationStats stats)
            {
                Phases((span ?? outer)?.Context ?? default, began, stats);
            }

            ChatSpan.Answer(span, last, failed);
            if (kept is not null)
            {
                ChatSpan.Content(span!, messages, kept);
            }
        }

        // What goes wrong is seen here and nowhere else: around a yield nothing is caught.
        async ValueTask<bool> Next(IAsyncEnumerator<ChatResponseUpdate> from)
        {
            try
            {
                return await from.MoveNextAsync().ConfigureAwait(false);
            }
            catch (Exception error)
            {
                failed = error.GetType().FullName;
                throw;
            }
        }
    }

    private TagList Tags(string? failed)
    {
        TagList tags = new() { { "gen_ai.operation.name", Operation }, { "gen_ai.provider.name", Provider }, { "gen_ai.request.model", model }, { "gen_ai.response.model", model } };
        if (failed is not null)
        {
            tags.Add("error.type", failed);
        }

        return tags;
    }

    private void Count(ChatResponseUpdate? last)
    {
        if (GemmaTelemetry.Tokens.Enabled && ChatSpan.Usage(last) is { } usage)
        {
            TagList tags = Tags(null);
            GemmaTelemetry.Tokens.Record((int)(usage.InputTokenCount ?? 0), [.. tags, new("gen_ai.token.type", "input")]);
            GemmaTelemetry.Tokens.Record((int)(usage.OutputTokenCount ?? 0), [.. tags, new("gen_ai.token.type", "output")]);
        }
    }

    private static void Phases(ActivityContext parent, DateTimeOffset began, GenerationStats stats)
    {
        DateTimeOffset end = DateTimeOffset.UtcNow;
        DateTimeOffset decoding = Later(began, end - stats.AnswerTime);
        One("prefill", Later(began, decoding - stats.PromptTime), decoding)?.SetTag("gemmavk.tokens", stats.PromptTokens).Dispose();
        One("decode", decoding, end)?.SetTag("gemmavk.tokens", stats.AnswerTokens).SetTag("gemmavk.steps", stats.Steps).Dispose();
        if (stats.Drafting is { } drafting)
        {
            // Drafts and passes take turns: the span says how long all drafts took together, from where they began.
            One("draft", decoding, decoding + drafting.DraftTime)?.SetTag("gemmavk.drafts", drafting.Drafts).SetTag("gemmavk.drafts.confirmed", drafting.Kept).Dispose();
        }

        Activity? One(string name, DateTimeOffset from, DateTimeOffset to) =>
            GemmaTelemetry.Source.StartActivity(name, ActivityKind.Internal, parent, startTime: from)?.SetEndTime(to.UtcDateTime);

        static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
    }
}
