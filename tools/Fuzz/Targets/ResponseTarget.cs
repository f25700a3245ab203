using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using GemmaVk.Fuzz.Mutations;
using GemmaVk.Text;

namespace GemmaVk.Fuzz.Targets;

/// <summary>
/// What a model writes: text in which control tokens are spelled, taken apart as it streams. However the text is cut into pieces, the same
/// must come of it, and what was shown must stay.
/// </summary>
internal sealed class ResponseTarget : Target
{
    public override string Name => "response";

    public override string Reads => "what a model writes, streamed in random pieces";

    public override IMutation Structure { get; } = new MarkerMutation([.. ControlText.All]);

    public override IEnumerable<byte[]> Seeds()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Fuzz.Seeds.Named("tests", "golden", "chat", "parse.json")));
        return
        [
            .. golden.RootElement.GetProperty("cases").EnumerateArray().Select(each => Fuzz.Seeds.Text(each.GetProperty("text").GetString()!)),
            Fuzz.Seeds.Text("<|tool_call>call:f{a:[1,2.5e3,true,null],b:{c:<|\"|>x\n<|\"|>},d:'y'}<tool_call|><turn|>"),
        ];
    }

    public override bool IsClear(Exception error) => false;

    public override long MostAllocated(int length) => (4L << 20) + (4096L * length);

    public override bool Parse(byte[] input)
    {
        List<(string Text, bool IsControl)> whole = Split(Encoding.UTF8.GetString(input));
        Random random = new(input.Length);
        string expected = Run(whole, int.MaxValue, random);
        foreach (int longest in (ReadOnlySpan<int>)[1, 3, 16])
        {
            string got = Run(whole, longest, random);
            if (got != expected)
            {
                throw new WrongResultException($"in one piece: {expected}\nin pieces of up to {longest}: {got}");
            }
        }

        return !expected.Contains("malformed=[]", StringComparison.Ordinal);
    }

    public override Target Another() => new ResponseTarget();

    private static string Run(List<(string Text, bool IsControl)> whole, int longest, Random random)
    {
        ResponseParser parser = new();
        StringBuilder thinking = new(), content = new();
        List<string> calls = [];
        void Add(ResponseDelta delta)
        {
            thinking.Append(delta.Thinking);
            content.Append(delta.Content);
            if (delta.Call is { } call)
            {
                calls.Add($"{call.Name}{call.Arguments.GetRawText()}");
            }
        }

        foreach ((string text, bool isControl) in whole)
        {
            if (isControl)
            {
                Add(parser.Append(text, isControl: true));
                continue;
            }

            for (int at = 0, count; at < text.Length; at += count)
            {
                count = Math.Min(longest == int.MaxValue ? longest : 1 + random.Next(longest), text.Length - at);
                count += at + count < text.Length && char.IsLowSurrogate(text[at + count]) ? 1 : 0;
                Add(parser.Append(text.Substring(at, count), isControl: false));
            }
        }

        Add(parser.Finish());
        if (thinking.ToString() != parser.Thinking || content.ToString() != parser.Content)
        {
            throw new WrongResultException($"shown {thinking} and {content}, but in the end it is {parser.Thinking} and {parser.Content}");
        }

        return $"thinking={parser.Thinking} content={parser.Content} calls=[{string.Join(' ', calls)}] stop={parser.Stop} open={parser.Open} malformed=[{string.Join('|', parser.MalformedCalls)}]";
    }

    private static List<(string Text, bool IsControl)> Split(string text)
    {
        List<(string, bool)> parts = [];
        int start = 0;
        for (int at = text.IndexOf('<', StringComparison.Ordinal); at >= 0;)
        {
            string? control = ControlText.All.FirstOrDefault(each => string.CompareOrdinal(text, at, each, 0, each.Length) == 0);
            if (control is null)
            {
                at = text.IndexOf('<', at + 1);
                continue;
            }

            if (at > start)
            {
                parts.Add((text[start..at], false));
            }

            parts.Add((control, true));
            start = at + control.Length;
            at = text.IndexOf('<', start);
        }

        if (start < text.Length)
        {
            parts.Add((text[start..], false));
        }

        return parts;
    }
}
