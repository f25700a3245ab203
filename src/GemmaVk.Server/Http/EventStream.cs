using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Http;

/// <summary>
/// Server-sent events. While nothing comes a comment is sent now and then, so that proxies keep the stream open. Nothing outside of the API that
/// is spoken is ever sent: clients end a stream at an event they do not know.
/// Source: WHATWG HTML, section 9.2 (server-sent events).
/// </summary>
/// <param name="context">The request.</param>
internal sealed class EventStream(HttpContext context)
{
    private static readonly byte[] Data = "data: "u8.ToArray();
    private static readonly byte[] Event = "event: "u8.ToArray();
    private static readonly byte[] Line = "\n"u8.ToArray();
    private static readonly byte[] End = "\n\n"u8.ToArray();
    private static readonly byte[] Comment = ": ping\n\n"u8.ToArray();
    private static readonly byte[] DoneText = "data: [DONE]\n\n"u8.ToArray();
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Sends the head.</summary>
    public void Begin()
    {
        context.Response.StatusCode = 200;
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
        // nginx would collect what is written.
        context.Response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>Sends an event.</summary>
    /// <param name="json">Its data, one line.</param>
    /// <param name="name">Its name, or null for none.</param>
    public Task Send(ReadOnlyMemory<byte> json, string? name = null) => InTurn(async () =>
    {
        if (name is not null)
        {
            await Write(Event).ConfigureAwait(false);
            await Write(System.Text.Encoding.ASCII.GetBytes(name)).ConfigureAwait(false);
            await Write(Line).ConfigureAwait(false);
        }

        await Write(Data).ConfigureAwait(false);
        await Write(json).ConfigureAwait(false);
        await Write(End).ConfigureAwait(false);
    });

    /// <summary>Sends the mark that ends OpenAI's streams.</summary>
    public Task Done() => InTurn(() => Write(DoneText));

    /// <summary>Sends a comment every so often until cancelled.</summary>
    public async Task Ping(TimeSpan every, CancellationToken cancel)
    {
        using PeriodicTimer timer = new(every);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel).ConfigureAwait(false))
            {
                await InTurn(() => Write(Comment)).ConfigureAwait(false);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or System.IO.IOException)
        {
            // The stream ended, or its reader did, which the writer of events will see.
        }
    }

    private async Task InTurn(Func<Task> write)
    {
        await _turn.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            await write().ConfigureAwait(false);
            await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private Task Write(ReadOnlyMemory<byte> bytes) => context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
}
