using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Hybrid.Rules;
using GemmaVk.Hybrid.Sending;
using GemmaVk.Tensors;
using Microsoft.Extensions.AI;

namespace GemmaVk.Hybrid;

/// <summary>
/// A router as an <see cref="IChatClient"/>: the local model answers, unless a rule of a file says that an endpoint may, and somebody consents to
/// what is sent. Every update says who answers (<see cref="Route"/>).
/// </summary>
/// <param name="local">The model of this machine; stays the caller's to dispose.</param>
/// <param name="file">Rules and endpoints.</param>
/// <param name="consent">Asks before anything leaves; null where nobody can be asked, and then nothing leaves.</param>
/// <param name="countTokens">Counts the tokens of a text, for rules about length.</param>
/// <param name="clock">Tells the time; null for the system's.</param>
public sealed class HybridChatClient(IChatClient local, RouteFile file, IRouteConsent? consent, Func<string, int> countTokens, TimeProvider? clock = null) : IChatClient
{
    /// <summary>Additional property of updates and messages: "local", or the name of the endpoint that answers.</summary>
    public const string Route = "route";

    private readonly CloudDoor _door = new(file, consent, clock);

    /// <inheritdoc/>
    /// <exception cref="GemmaVkException">Who is to answer cannot.</exception>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="GemmaVkException">Who is to answer cannot.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ChatMessage[] talk = [.. messages];
        RouteRule rule = file.Decide(RouteQuestion.Of(talk, options, countTokens));
        talk = WithoutMarks(talk);
        (IAsyncEnumerable<ChatResponseUpdate> updates, string name) = rule.Action switch
        {
            RouteAction.Cloud => await Cloud(rule, talk, options, $"{rule.Name} sends it there", cancellationToken).ConfigureAwait(false) is { } sent ? (sent, rule.Endpoint!) : (Local(talk, options, cancellationToken), "local"),
            RouteAction.LocalFirst => await LocalFirst(rule, talk, options, cancellationToken).ConfigureAwait(false),
            _ => (Local(talk, options, cancellationToken), "local"),
        };
        await foreach (ChatResponseUpdate update in updates.ConfigureAwait(false))
        {
            (update.AdditionalProperties ??= [])[Route] = name;
            yield return update;
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : local.GetService(serviceType, serviceKey);
    }

    /// <summary>Closes connections; the local model stays.</summary>
    public void Dispose() => _door.Dispose();

    private IAsyncEnumerable<ChatResponseUpdate> Local(ChatMessage[] talk, ChatOptions? options, CancellationToken cancel) => local.GetStreamingResponseAsync(talk, options, cancel);

    private Task<IAsyncEnumerable<ChatResponseUpdate>?> Cloud(RouteRule rule, ChatMessage[] talk, ChatOptions? options, string why, CancellationToken cancel) =>
        _door.SendAsync(file.Endpoints[rule.Endpoint!], talk, options, why, cancel);

    /// <summary>The local model up to its first words; where they do not come, the endpoint. An answer that has begun is not taken away.</summary>
    private async Task<(IAsyncEnumerable<ChatResponseUpdate> Updates, string Name)> LocalFirst(RouteRule rule, ChatMessage[] talk, ChatOptions? options, CancellationToken cancel)
    {
        CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        IAsyncEnumerator<ChatResponseUpdate> updates = Local(talk, options, late.Token).GetAsyncEnumerator(CancellationToken.None);
        string why;
        Exception failure;
        try
        {
            if (rule.LocalTime is { } time)
            {
                late.CancelAfter(time);
            }

            bool any = await updates.MoveNextAsync().ConfigureAwait(false);
            late.CancelAfter(Timeout.InfiniteTimeSpan);
            return (Rest(updates, any, late), "local");
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested && rule.LocalTime is not null)
        {
            (why, failure) = (FormattableString.Invariant($"the local model had no words within {rule.LocalTime!.Value.TotalSeconds:0.#} s ({rule.Name})"), new GemmaVkException($"the local model had no words within \"local_seconds\" of {rule.Name}, and nothing was sent elsewhere; give it more time.", e));
        }
        catch (Exception e) when (rule.OnFailure && e is GemmaVkException or InvalidOperationException or OutOfMemoryException)
        {
            (why, failure) = ($"the local model failed ({rule.Name}): {VisibleText.Line(e.Message)}", e);
        }

        await updates.DisposeAsync().ConfigureAwait(false);
        late.Dispose();
        return await Cloud(rule, talk, options, why, cancel).ConfigureAwait(false) is { } sent ? (sent, rule.Endpoint!) : throw failure;
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Rest(IAsyncEnumerator<ChatResponseUpdate> updates, bool any, CancellationTokenSource late)
    {
        using (late)
        {
            await using (updates.ConfigureAwait(false))
            {
                for (; any; any = await updates.MoveNextAsync().ConfigureAwait(false))
                {
                    yield return updates.Current;
                }
            }
        }
    }

    /// <summary>The conversation without the marks of rules, which are for the router alone.</summary>
    private ChatMessage[] WithoutMarks(ChatMessage[] talk)
    {
        string[] marks = [.. file.Rules.Select(rule => rule.Mark).OfType<string>()];
        return marks.Length == 0 ? talk : [.. talk.Select(message => message.Role != ChatRole.User ? message : new ChatMessage(
            message.Role,
            [.. message.Contents.Select(content => content is TextContent text ? new TextContent(marks.Aggregate(text.Text, RouteQuestion.Without)) : content)]))];
    }
}
