using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.AI;

namespace GemmaVk.Hybrid.Tests;

/// <summary>A local model that says one thing, fails, or takes its time.</summary>
internal sealed class Near(string says = "near", Exception? fails = null, bool hangs = false) : IChatClient
{
    public List<string> Heard { get; } = [];

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Heard.Add(messages.Last().Text);
        if (hangs)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        yield return fails is null ? new ChatResponseUpdate(ChatRole.Assistant, says) : throw fails;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
