using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Text;
using Microsoft.Extensions.AI;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using ChatOptions = Microsoft.Extensions.AI.ChatOptions;

namespace GemmaVk.Cli.Routing;

/// <summary>The model of this machine, for a router: the conversation is in its session, and the newest question is what it is given.</summary>
/// <param name="ask">Has the question answered.</param>
/// <param name="forget">Takes the question and what there is of an answer back.</param>
internal sealed class LocalAnswer(Func<string, Action<ResponseDelta>, CancellationToken, Answer> ask, Action forget) : IChatClient
{
    /// <summary>The answer, once it is whole.</summary>
    public Answer? Answer { get; private set; }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Channel<ResponseDelta> deltas = Channel.CreateUnbounded<ResponseDelta>();
        string question = messages.Last().Text;
        bool began = false;
        Task<Answer> answering = Task.Factory.StartNew(
            () =>
            {
                try
                {
                    return ask(question, delta => deltas.Writer.TryWrite(delta), cancellationToken);
                }
                finally
                {
                    deltas.Writer.Complete();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await foreach (ResponseDelta delta in deltas.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            began |= delta.Content.Length > 0 || delta.Thinking.Length > 0 || delta.Call is not null;
            if (began)
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, delta.Content) { RawRepresentation = delta };
            }
        }

        Answer answer = await answering.ConfigureAwait(false);
        if (answer.Stop == StopReason.Cancelled && !began)
        {
            forget();
            throw new OperationCanceledException(cancellationToken);
        }

        Answer = answer;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
