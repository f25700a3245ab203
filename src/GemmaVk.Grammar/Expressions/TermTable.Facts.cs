using System;
using System.Linq;

namespace GemmaVk.Grammar.Expressions;

/// <summary>What is known of a term when it is made: whether it takes nothing, how long its texts are, whether it has any.</summary>
internal sealed partial class TermTable
{
    private static (bool Nullable, int Shortest, int Longest, bool Every) Facts(TermKind kind, Term[] parts, int min, int max)
    {
        switch (kind)
        {
            case TermKind.Nothing or TermKind.Empty:
                return (kind == TermKind.Empty, 0, 0, true);
            case TermKind.Set:
                return (false, 1, 1, true);
            case TermKind.Concat:
                return (parts[0].Nullable && parts[1].Nullable, Sum(parts[0].Shortest, parts[1].Shortest), Sum(parts[0].Longest, parts[1].Longest),
                    parts[0].EveryLength && parts[1].EveryLength);
            case TermKind.Or:
                return (parts.Any(part => part.Nullable), parts.Min(part => part.Shortest), parts.Max(part => part.Longest), Touch(parts));
            case TermKind.And:
                return (parts.All(part => part.Nullable), parts.Max(part => part.Shortest), parts.Min(part => part.Longest), false);
            case TermKind.Not:
                return (!parts[0].Nullable, 0, Term.Unbounded, false);
            case TermKind.Digits:
                return (false, 1, Term.Unbounded, false);
            default:
                Term part = parts[0];
                long from = (long)Math.Max(min, 1) * part.Longest;
                bool gapless = part.EveryLength && (min == max || part.Longest == Term.Unbounded || ((long)Math.Max(min, 1) + 1) * part.Shortest <= from + 1);
                return (min == 0 || part.Nullable, Product(part.Shortest, min), Product(part.Longest, max), gapless && (min > 0 || part.Shortest <= 1));
        }
    }

    /// <summary>Whether a term with logic is live, where its parts tell.</summary>
    private static bool? LiveOf(TermKind kind, Term[] parts) => kind switch
    {
        TermKind.Or => parts.Any(part => part.Live == true) ? true : parts.All(part => part.Live == false) ? false : null,
        TermKind.Concat => parts.Any(part => part.Live == false) ? false : parts.All(part => part.Live == true) ? true : null,
        TermKind.Repeat => parts[0].Live,
        _ => null,
    };

    private static bool Touch(Term[] parts)
    {
        long reached = -1;
        foreach (Term part in parts.OrderBy(part => part.Shortest))
        {
            if (!part.EveryLength || (reached >= 0 && part.Shortest > reached + 1))
            {
                return false;
            }

            reached = Math.Max(reached, part.Longest);
        }

        return true;
    }

    private static int Sum(int a, int b) => a == Term.Unbounded || b == Term.Unbounded ? Term.Unbounded : (int)Math.Min((long)a + b, LongestCount);

    private static int Product(int length, int count) => length == 0 || count == 0 ? 0
        : length == Term.Unbounded || count == Term.Unbounded ? Term.Unbounded : (int)Math.Min((long)length * count, LongestCount);
}
