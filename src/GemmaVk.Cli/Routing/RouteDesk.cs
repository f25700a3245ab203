using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Cli.Chats;
using GemmaVk.Cli.Terminals;
using GemmaVk.Hybrid;
using GemmaVk.Hybrid.Rules;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Text;
using Microsoft.Extensions.AI;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using ChatOptions = Microsoft.Extensions.AI.ChatOptions;

namespace GemmaVk.Cli.Routing;

/// <summary>Has questions answered here or by an endpoint, as a route file says. An endpoint gets words, pictures and sounds; never thoughts, tools or their results.</summary>
internal sealed class RouteDesk
{
    private readonly RouteFile _file;
    private readonly Terminal _terminal;
    private readonly Func<string, string?>? _ask;

    /// <summary>Opens it for a file.</summary>
    /// <param name="file">The rules.</param>
    /// <param name="terminal">Where it is shown what would leave.</param>
    /// <param name="ask">Asks whoever sits there; null where nobody does, and then nothing leaves.</param>
    public RouteDesk(RouteFile file, Terminal terminal, Func<string, string?>? ask) => (_file, _terminal, _ask) = (file, terminal, ask);

    /// <summary>Has a question answered.</summary>
    /// <param name="engine">The model of this machine.</param>
    /// <param name="before">Turns before it.</param>
    /// <param name="turn">The question.</param>
    /// <param name="options">How to answer.</param>
    /// <param name="ask">Has the model here answer; given the question without marks.</param>
    /// <param name="forget">Takes back what it was asked.</param>
    /// <param name="show">Shows what comes.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="GemmaVkException">Who is to answer cannot.</exception>
    public Routed Ask(
        GemmaEngine engine,
        IReadOnlyList<ChatTurn> before,
        ChatTurn turn,
        AskOptions options,
        Func<string, Action<ResponseDelta>, CancellationToken, Answer> ask,
        Action forget,
        Action<ResponseDelta> show,
        CancellationToken cancel)
    {
        LocalAnswer local = new(ask, forget);
        using HybridChatClient client = new(local, _file, _ask is null ? null : new SendQuestion(_file, _terminal, _ask), text => engine.Tokenizer.Encode(text, specials: false).Length);
        ChatMessage[] messages = [.. before.SelectMany(Said), Question(turn)];
        return Task.Run(() => Answered(client, local, messages, Options(options), show, cancel), CancellationToken.None).GetAwaiter().GetResult();
    }

    private async Task<Routed> Answered(
        HybridChatClient client, LocalAnswer local, ChatMessage[] messages, ChatOptions options, Action<ResponseDelta> show, CancellationToken cancel)
    {
        StringBuilder text = new();
        string? route = null;
        UsageDetails? usage = null;
        StopReason stop = StopReason.Stop;
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(messages, options, cancel).ConfigureAwait(false))
        {
            route = update.AdditionalProperties?[HybridChatClient.Route] as string;
            ResponseDelta delta = update.RawRepresentation as ResponseDelta? ?? new ResponseDelta("", update.Text, null);
            text.Append(update.Text);
            usage = update.Contents.OfType<UsageContent>().FirstOrDefault()?.Details ?? usage;
            stop = update.FinishReason == ChatFinishReason.Length ? StopReason.Length : stop;
            show(delta);
        }

        if (local.Answer is { } answer)
        {
            return new Routed(answer, null, null);
        }

        string took = usage is null ? "" : FormattableString.Invariant($"; {usage.InputTokenCount} tokens went and {usage.OutputTokenCount} came");
        string question = messages[^1].Text;
        string[] marks = [.. _file.Rules.Select(rule => rule.Mark).OfType<string>()];
        return new Routed(new Answer(text.ToString(), "", [], [], stop, new GenerationStats(0, default, 0, default, 0, 0)), marks.Aggregate(question, RouteQuestion.Without), $"(answered by {route}{took})");
    }

    private static IEnumerable<ChatMessage> Said(ChatTurn turn)
    {
        yield return Question(turn);
        yield return new ChatMessage(ChatRole.Assistant, string.Join('\n', turn.Answers.Select(answer => answer.Text).Where(text => text.Length > 0)));
    }

    private static ChatMessage Question(ChatTurn turn) => new(ChatRole.User, [.. turn.Media.SelectMany(Contents), new TextContent(turn.Text)]);

    /// <summary>A file's own bytes, which an endpoint takes; what is no file stays here.</summary>
    private static IEnumerable<AIContent> Contents(LoadedMedia media)
    {
        string? type = Path.GetExtension(media.Name).ToLowerInvariant() switch
        {
            ".png" => "image/png",
            ".jpg" or ".jpeg" => "image/jpeg",
            ".webp" => "image/webp",
            ".gif" => "image/gif",
            ".wav" => "audio/wav",
            ".mp3" => "audio/mpeg",
            _ => null,
        };
        return type is null || !File.Exists(media.Name) ? media.Parts.Select(part => new MediaContent(part)) : [new DataContent(File.ReadAllBytes(media.Name), type)];
    }

    private static ChatOptions Options(AskOptions options) => new()
    {
        Instructions = options.System,
        MaxOutputTokens = options.MaxTokens,
        Temperature = options.Draw.Temperature,
        TopP = options.Draw.TopP,
        StopSequences = options.StopTexts.Count > 0 ? [.. options.StopTexts] : null,

        // Rules see that there are tools; an endpoint does not.
        Tools = [.. options.Tools.Select(tool => AIFunctionFactory.CreateDeclaration(tool.Name, null, tool.Parameters ?? System.Text.Json.JsonElement.Parse("{}")))],
        ToolMode = ChatToolMode.None,
    };
}
