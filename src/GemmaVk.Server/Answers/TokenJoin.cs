using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Runtime.Logits;

namespace GemmaVk.Server.Answers;

/// <summary>Called with each token of an answer: its id, whether it was drafted, its log-likelihood and the likeliest others.</summary>
internal delegate void TokenListener(int id, bool drafted, double? logprob, IReadOnlyList<(int Id, double Logprob)> top);

/// <summary>Makes the options of one of a request's answers.</summary>
internal static class TokenJoin
{
    /// <summary>The options, with a seed of the answer's own and a listener where one is needed.</summary>
    public static AskOptions Listen(Asked asked, int choice, TokenListener listener)
    {
        Action<GivenToken>? onToken = !asked.Tokens && asked.Logprobs is null ? null : token => listener(
            token.Id, token.Drafted, token.Logprob?.Logprob, token.Logprob is { } known ? [.. known.Top.Select(each => (each.Id, each.Logprob))] : []);
        return asked.Options with { OnToken = onToken, Draw = asked.Options.Draw with { Seed = asked.Options.Draw.Seed + (ulong)choice } };
    }
}
