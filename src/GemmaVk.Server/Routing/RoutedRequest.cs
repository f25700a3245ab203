using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Hybrid.Rules;
using GemmaVk.Hybrid.Sending;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;
using GemmaVk.Server.Service;
using GemmaVk.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using ChatOptions = Microsoft.Extensions.AI.ChatOptions;

namespace GemmaVk.Server.Routing;

/// <summary>
/// A request of /v1/chat/completions under a route file. Where a rule leads elsewhere, the first answer is 409 with what would be sent and its hash; the
/// same request with that hash as "route_consent" sends it, and with "local" is answered here.
/// </summary>
/// <param name="file">Rules and endpoints.</param>
/// <param name="body">The request.</param>
/// <param name="model">The model here.</param>
internal sealed class RoutedRequest(RouteFile file, Fields body, ServedModel model)
{
    /// <summary>What "route_consent" says to answer here.</summary>
    public const string Here = "local";

    private readonly IReadOnlyList<ChatMessage> _messages = RouteMessages.Of(body);
    private readonly ChatOptions _options = RouteMessages.Options(body, body.Flag("run_tools") ?? false);
    private readonly string? _consent = body.Text("route_consent");
    private readonly int _choices = body.Whole("n", 1, 16) ?? 1;

    /// <summary>The request without the marks of rules, or null where it has none.</summary>
    public IEnumerable<string> Marks => file.Rules.Select(rule => rule.Mark).OfType<string>();

    /// <summary>The rule that decides.</summary>
    public RouteRule Rule { get; } = file.Decide(RouteQuestion.Of(RouteMessages.Of(body), RouteMessages.Options(body, false), text => model.Engine.Tokenizer.Encode(text, specials: false).Length));

    /// <summary>Whether the model here is tried, and an endpoint asked for where it fails or is slow.</summary>
    public bool IsTried => Rule.Action == RouteAction.LocalFirst && _consent != Here;

    /// <summary>Sends what the model here was tried with before, if its user consented to these bytes then.</summary>
    /// <returns>What comes; null where it is to be tried here.</returns>
    public async Task<IAsyncEnumerable<AnswerEvent>?> SendTriedAsync(CancellationToken cancel)
    {
        try
        {
            return _consent is null ? null : await SendAsync($"the local model was tried ({Rule.Name})", cancel).ConfigureAwait(false);
        }
        catch (ConsentNeededException)
        {
            // The consent is for another question: this one has not been tried yet.
            return null;
        }
    }

    /// <summary>Sends it, if its user consents.</summary>
    /// <param name="why">Why it is to go there.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>What comes; null where it is to be answered here.</returns>
    /// <exception cref="ConsentNeededException">The user has to be asked.</exception>
    public async Task<IAsyncEnumerable<AnswerEvent>?> SendAsync(string why, CancellationToken cancel)
    {
        if (_consent == Here || Rule.Endpoint is null)
        {
            return null;
        }

        if (_choices > 1)
        {
            throw ApiException.Field("n", "n: expected 1 where an endpoint answers; ask for one answer.");
        }

        ChatMessage[] talk = [.. _messages.Select(message => message.Role != ChatRole.User ? message : new ChatMessage(
            message.Role, [.. message.Contents.Select(content => content is TextContent text ? new TextContent(Marks.Aggregate(text.Text, RouteQuestion.Without)) : content)]))];
        CloudDoor door = new(file, new ConsentByHash(_consent));
        try
        {
            IAsyncEnumerable<ChatResponseUpdate>? updates = await door.SendAsync(file.Endpoints[Rule.Endpoint], talk, _options, why, cancel).ConfigureAwait(false);
            return updates is null ? null : Events(door, updates, cancel);
        }
        catch
        {
            door.Dispose();
            throw;
        }
    }

    /// <summary>Answers a request whose user has to be asked.</summary>
    public static Task Ask(HttpContext context, Outgoing outgoing)
    {
        context.Response.StatusCode = StatusCodes.Status409Conflict;
        return ServiceRoutes.Send(context, json =>
        {
            json.WriteStartObject("error");
            json.WriteString("message", $"{outgoing.Endpoint.Name} ({outgoing.Endpoint.Url.Host}) is to answer, because {outgoing.Why}: show \"outgoing\" to the user, and send the request again with \"route_consent\": its sha256, or \"{Here}\" to be answered here.");
            json.WriteString("type", "invalid_request_error");
            json.WriteString("param", "route_consent");
            json.WriteString("code", "consent_needed");
            json.WriteEndObject();
            json.WriteStartObject("outgoing");
            json.WriteString("endpoint", outgoing.Endpoint.Name);
            json.WriteString("host", outgoing.Endpoint.Url.Host);
            json.WriteString("why", outgoing.Why);
            json.WriteString("sha256", outgoing.Sha256);
            json.WriteNumber("most_cost", outgoing.MostCost);
            json.WriteNumber("media", outgoing.Media);
            json.WriteStartObject("taken");
            foreach ((string name, int count) in outgoing.Taken)
            {
                json.WriteNumber(name, count);
            }

            json.WriteEndObject();
            json.WriteString("body", outgoing.Body);
            json.WriteEndObject();
        });
    }

    private static async IAsyncEnumerable<AnswerEvent> Events(CloudDoor door, IAsyncEnumerable<ChatResponseUpdate> updates, [EnumeratorCancellation] CancellationToken cancel)
    {
        using (door)
        {
            StringBuilder text = new();
            List<ToolCall> calls = [];
            StopReason stop = StopReason.Stop;
            await foreach (ChatResponseUpdate update in updates.WithCancellation(cancel).ConfigureAwait(false))
            {
                stop = update.FinishReason == ChatFinishReason.Length ? StopReason.Length : stop;
                foreach (AIContent content in update.Contents)
                {
                    if (content is TextContent words)
                    {
                        text.Append(words.Text);
                        yield return new AnswerEvent(0, new ResponseDelta("", words.Text, null), []);
                    }
                    else if (content is FunctionCallContent made)
                    {
                        ToolCall call = new(made.Name, System.Text.Json.JsonSerializer.SerializeToElement(made.Arguments ?? new Dictionary<string, object?>(), AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>))));
                        calls.Add(call);
                        yield return new AnswerEvent(0, new ResponseDelta("", "", call), []);
                    }
                }
            }

            yield return new AnswerEvent(0, new ResponseDelta("", "", null), [], new Answer(text.ToString(), "", calls, [], stop, new GenerationStats(0, default, 0, default, 0, 0)));
        }
    }
}
