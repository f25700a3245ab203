using System.Linq;

namespace GemmaVk.Grammar.Expressions;

/// <summary>
/// A parsed expression, in which anchors still stand. A text is searched as ⊢…⊢ text ⊣…⊣: an anchor is then one of these marks, and
/// taking the marks out of the language again leaves a language of plain texts.
/// </summary>
internal abstract record Pattern
{
    /// <summary>The texts of this that hold no mark.</summary>
    public abstract Term Plain(TermTable terms);

    /// <summary>The texts before which, or after which, marks may have been: with them taken off on one side, and none on the other.</summary>
    public abstract Pattern Strip(bool end);

    /// <summary>Whether marks of one side alone, or nothing, match.</summary>
    public abstract bool MarksAlone(bool end);

    /// <summary>Whether an anchor of a side stands anywhere in it.</summary>
    public abstract bool Has(bool end);

    /// <summary>This without the texts that hold a mark of a side.</summary>
    public abstract Pattern Without(bool end);

    /// <summary>The language of texts in which the pattern is found.</summary>
    public static Term Search(TermTable terms, Pattern pattern)
    {
        Pattern around = new Sequence([new Anything(), pattern, new Anything()]);
        return around.Strip(end: true).Strip(end: false).Plain(terms);
    }

    /// <summary>The language of texts that the pattern matches from end to end.</summary>
    public static Term Whole(TermTable terms, Pattern pattern) => pattern.Strip(end: true).Strip(end: false).Plain(terms);

    /// <summary>A language without anchors.</summary>
    public sealed record Leaf(Term Term) : Pattern
    {
        public override Term Plain(TermTable terms) => Term;

        public override Pattern Strip(bool end) => this;

        public override bool MarksAlone(bool end) => Term.Nullable;

        public override bool Has(bool end) => false;

        public override Pattern Without(bool end) => this;
    }

    /// <summary>An anchor, and what it lets stand beyond it.</summary>
    public sealed record Anchor(bool End, Term? Beyond = null) : Pattern
    {
        // What is left after both sides were stripped has no mark; an anchor inside a text never holds.
        public override Term Plain(TermTable terms) => terms.Nothing;

        public override Pattern Strip(bool end) => End == end ? new Edge(Beyond) : this;

        public override bool MarksAlone(bool end) => End == end;

        public override bool Has(bool end) => End == end;

        public override Pattern Without(bool end) => End == end ? new Choice([]) : this;

        /// <summary>The text that an anchor leaves: none, or what may stand beyond it.</summary>
        private sealed record Edge(Term? Beyond) : Pattern
        {
            public override Term Plain(TermTable terms) => Beyond ?? terms.Empty;

            public override Pattern Strip(bool end) => this;

            public override bool MarksAlone(bool end) => true;

            public override bool Has(bool end) => false;

            public override Pattern Without(bool end) => this;
        }
    }

    /// <summary>Any characters and marks.</summary>
    public sealed record Anything : Pattern
    {
        public override Term Plain(TermTable terms) => terms.Everything;

        public override Pattern Strip(bool end) => this;

        public override bool MarksAlone(bool end) => true;

        public override bool Has(bool end) => false;

        public override Pattern Without(bool end) => this;
    }

    /// <summary>One after the other.</summary>
    public sealed record Sequence(Pattern[] Parts) : Pattern
    {
        public override Term Plain(TermTable terms) => terms.Concat([.. Parts.Select(part => part.Plain(terms))]);

        public override Pattern Strip(bool end)
        {
            if (!Has(end))
            {
                return this;
            }

            // The part in which the marks begin; what lies beyond it is marks alone.
            var ways = new System.Collections.Generic.List<Pattern>();
            for (int i = 0; i < Parts.Length; i++)
            {
                int at = end ? Parts.Length - 1 - i : i;
                Pattern[] inner = end ? [.. Parts[..at].Select(part => part.Without(end))] : [.. Parts[(at + 1)..].Select(part => part.Without(end))];
                ways.Add(new Sequence(end ? [.. inner, Parts[at].Strip(end)] : [Parts[at].Strip(end), .. inner]));
                if (!Parts[at].MarksAlone(end))
                {
                    break;
                }
            }

            return new Choice([.. ways]);
        }

        public override bool MarksAlone(bool end) => Parts.All(part => part.MarksAlone(end));

        public override bool Has(bool end) => Parts.Any(part => part.Has(end));

        public override Pattern Without(bool end) => Has(end) ? new Sequence([.. Parts.Select(part => part.Without(end))]) : this;
    }

    /// <summary>One of several.</summary>
    public sealed record Choice(Pattern[] Parts) : Pattern
    {
        public override Term Plain(TermTable terms) => terms.Or(Parts.Select(part => part.Plain(terms)));

        public override Pattern Strip(bool end) => Has(end) ? new Choice([.. Parts.Select(part => part.Strip(end))]) : this;

        public override bool MarksAlone(bool end) => Parts.Any(part => part.MarksAlone(end));

        public override bool Has(bool end) => Parts.Any(part => part.Has(end));

        public override Pattern Without(bool end) => Has(end) ? new Choice([.. Parts.Select(part => part.Without(end))]) : this;
    }

    /// <summary>Some number of times.</summary>
    public sealed record Times(Pattern Part, int Min, int Max) : Pattern
    {
        public override Term Plain(TermTable terms) => terms.Repeat(Part.Plain(terms), Min, Max);

        public override Pattern Strip(bool end)
        {
            if (!Has(end))
            {
                return this;
            }

            if (Max == 0)
            {
                return new Sequence([]);
            }

            // One round holds the first mark; rounds beyond it are marks alone, so that they count only where they can be.
            int others = Max == Term.Unbounded ? Term.Unbounded : Max - 1;
            Pattern inner = new Times(Part.Without(end), Part.MarksAlone(end) ? 0 : System.Math.Max(Min - 1, 0), others);
            Pattern edge = Part.Strip(end);
            Pattern found = new Sequence(end ? [inner, edge] : [edge, inner]);
            return Min == 0 ? new Choice([new Sequence([]), found]) : found;
        }

        public override bool MarksAlone(bool end) => Min == 0 || Part.MarksAlone(end);

        public override bool Has(bool end) => Part.Has(end);

        public override Pattern Without(bool end) => Has(end) ? new Times(Part.Without(end), Min, Max) : this;
    }
}
