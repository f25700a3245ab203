using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Chat;
using GemmaVk.Server.Http;
using GemmaVk.Server.Messages;
using GemmaVk.Server.Responses;
using GemmaVk.Text;

namespace GemmaVk.Server.Tests.Wire;

/// <summary>What a model says, written down: a stream of an API made of it is the same bytes each time.</summary>
internal sealed partial class WireScript
{
    private static readonly Answer Nothing = new("", "", [], [1, 2, 3, 106], StopReason.Stop, new GenerationStats(
        10, TimeSpan.FromMilliseconds(20), 4, TimeSpan.FromMilliseconds(8), 2, 4_000_000,
        new DraftStats(2, 4, [2, 1], [2, 0], TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(7), null, false, null)));

    private readonly List<AnswerEvent> _events = [];
    private int _choice;
    private Exception? _failure;

    public Asked Asked { get; set; } = new(new PromptRows([2, 5, 6, 7, 8, 9, 10, 11, 12, 13]), false, new AskOptions());

    public ResponseTools Tools { get; } = new();

    public bool Usage { get; set; }

    public int Reused { get; set; }

    public WireScript Declares(string tools)
    {
        Tools.Take([.. JsonElement.Parse(tools).EnumerateArray()], "tools");
        return this;
    }

    public WireScript Choice(int index)
    {
        _choice = index;
        return this;
    }

    public WireScript Says(string words) => Add(new ResponseDelta("", words, null));

    public WireScript Thinks(string words) => Add(new ResponseDelta(words, "", null));

    public WireScript Calls(string name, string arguments) => Add(new ResponseDelta("", "", new ToolCall(name, JsonElement.Parse(arguments))));

    public WireScript Begins(string? name, string arguments) => Add(new ResponseDelta("", "", null, Part: new CallPart(name, arguments)));

    public WireScript Mumbles(string call) => Add(new ResponseDelta("", "", null, call));

    public WireScript Token(string text, TokenPlace place = TokenPlace.Content, double? logprob = null, bool drafted = false, params (int, double)[] top)
    {
        AnswerToken token = new(7, text, Encoding.UTF8.GetBytes(text), drafted, place, logprob, top);
        _events.Add(new AnswerEvent(_choice, place == TokenPlace.Thought ? new ResponseDelta(text, "", null) : new ResponseDelta("", text, null), [token]));
        return this;
    }

    public WireScript Ends(StopReason reason = StopReason.Stop)
    {
        _events.Add(new AnswerEvent(_choice, new ResponseDelta("", "", null), [], Nothing with { Stop = reason }, Reused));
        return this;
    }

    public WireScript Fails(Exception failure)
    {
        _failure = failure;
        return this;
    }

    /// <summary>The stream of an API, with what differs each time replaced.</summary>
    public string Stream(string api, ServedModel model) => Constant(api, Events(Form(api, model)));

    /// <summary>The same as one body.</summary>
    public string Whole(string api, ServedModel model)
    {
        Choice[] choices = Choices();
        Spent spent = new();
        foreach (AnswerEvent each in _events)
        {
            _ = choices[each.Choice].Take(each).Count();
            Count(spent, each);
        }

        return Constant(api, Encoding.UTF8.GetString(Form(api, model).Whole(choices, spent).Span));
    }

    private Choice[] Choices() => [.. Enumerable.Range(0, Asked.Choices).Select(i => new Choice(i, Asked.ShowsThinking, Asked.CallPieces))];

    private AnswerForm Form(string api, ServedModel model) => api switch
    {
        "messages" => new MessagesForm(model, Asked, "claude-x"),
        "responses" => new ResponsesForm(model, Asked, Tools),
        _ => new ChatForm(model, new ChatCall(Asked, true, Usage)),
    };

    private string Events(AnswerForm form)
    {
        Choice[] choices = Choices();
        Spent spent = new();
        List<StreamEvent> events = [.. form.Begin(choices)];
        int open = choices.Length;
        foreach (AnswerEvent each in _events)
        {
            foreach (Shown shown in choices[each.Choice].Take(each))
            {
                events.AddRange(form.More(choices[each.Choice], shown));
            }

            Count(spent, each);
            if (each.Done is not null)
            {
                events.AddRange(form.End(choices[each.Choice], spent, --open == 0));
            }
        }

        if (_failure is null)
        {
            events.AddRange(form.After(choices, spent));
        }
        else
        {
            events.Add(form.Error(new Gate(new ServerOptions(), new ServerState()).Translate(_failure)));
        }

        string text = string.Concat(events.Select(each => (each.Name is null ? "" : $"event: {each.Name}\n") + $"data: {Encoding.UTF8.GetString(each.Json.Span)}\n\n"));
        return text + (form.EndsWithMark && _failure is null ? "data: [DONE]\n\n" : "");
    }

    private void Count(Spent spent, AnswerEvent each)
    {
        if (each.Done is { } answer)
        {
            spent.Add(Asked, answer, each.Reused);
        }
    }

    private WireScript Add(ResponseDelta delta)
    {
        _events.Add(new AnswerEvent(_choice, delta, []));
        return this;
    }

    private static string Constant(string api, string text)
    {
        _ = api;
        Dictionary<string, string> seen = [];
        text = Ids().Replace(text, match =>
        {
            string kind = match.Groups[1].Value;
            if (!seen.TryGetValue(match.Value, out string? known))
            {
                known = $"{kind}{seen.Keys.Count(key => key.StartsWith(kind, StringComparison.Ordinal)) + 1}";
                seen[match.Value] = known;
            }

            return known;
        });
        text = Times().Replace(text, match => $"\"{match.Groups[1].Value}\":1");
        text = Shares().Replace(text, "");
        return Fingerprints().Replace(text, "\"gemmavk-fp\"");
    }

    [GeneratedRegex("(chatcmpl-|call_|msg_|toolu_|resp_|rs_|fc_|ctc_)[0-9a-f]{20,32}")]
    private static partial Regex Ids();

    [GeneratedRegex("\"(created|created_at)\":\\d+")]
    private static partial Regex Times();

    [GeneratedRegex("\"bandwidth_share\":[0-9.E+-]+,")]
    private static partial Regex Shares();

    [GeneratedRegex("\"gemmavk-[0-9a-z]+\"")]
    private static partial Regex Fingerprints();
}
