using System.Collections.Generic;
using GemmaVk.Grammar.Expressions;

namespace GemmaVk.Grammar.Lexing;

/// <summary>
/// A term over characters as an automaton over bytes, built row by row as it is walked: UTF-8 as it stands, or a string with its
/// quotation marks (<see cref="Spelling"/>). Every byte that a row allows leads to a state from which the end can be reached.
/// Not for several threads at once.
/// </summary>
internal sealed partial class ByteDfa
{
    /// <summary>The state of a byte that cannot follow.</summary>
    public const int Dead = -1;

    /// <summary>The byte that stands for the control token around strings of calls: no text in UTF-8 holds it.</summary>
    public const byte QuoteToken = 0xFF;

    /// <summary>Rows are made anew beyond this many: 16 MiB of them.</summary>
    private const int MostRows = 16_384;

    private readonly TermTable _terms;
    private readonly Dictionary<Spot, int> _ids = [];
    private readonly List<Spot> _spots = [];
    private readonly List<Row?> _rows = [];
    private int _rowCount;

    public ByteDfa(TermTable terms, Term language, Spelling spelling)
    {
        _terms = terms;
        Spelling = spelling;
        Language = language;
        Body = IdOf(new Spot(SpotKind.Body, language));
        Start = spelling != Spelling.Plain ? IdOf(new Spot(SpotKind.Open, language)) : Body;
    }

    public Term Language { get; }

    /// <summary>How its characters are spelled.</summary>
    public Spelling Spelling { get; }

    /// <summary>The first state.</summary>
    public int Start { get; }

    /// <summary>The state after the opening quotation mark.</summary>
    public int Body { get; }

    /// <summary>Number of states met so far.</summary>
    public int Count => _spots.Count;

    /// <summary>The next state, or <see cref="Dead"/>.</summary>
    public int Next(int state, byte value) => At(state).Next[value];

    /// <summary>The bytes that can follow.</summary>
    public ref readonly ByteSet Bytes(int state) => ref At(state).Bytes;

    /// <summary>Groups of bytes after which the state is the same.</summary>
    public ByteClass Loops(int state) => At(state).Loops;

    /// <summary>Whether the lexeme may end here.</summary>
    public bool Accepts(int state) => Spelling != Spelling.Plain ? _spots[state].Kind == SpotKind.Closed : _spots[state].Kind == SpotKind.Body && _spots[state].Term.Nullable;

    /// <summary>Whether what is left of a string is any text of some length, before (<paramref name="open"/>) or after its opening mark.</summary>
    public bool IsFree(int state, out bool open, out int min, out int max)
    {
        Spot spot = _spots[state];
        (min, max) = spot.Term.Kind switch
        {
            TermKind.Empty => (0, 0),
            TermKind.Set => (1, 1),
            _ => (spot.Term.Min, spot.Term.Max),
        };
        open = spot.Kind == SpotKind.Open;
        return Spelling != Spelling.Plain && spot.Kind is SpotKind.Open or SpotKind.Body && TermTable.IsLength(spot.Term);
    }

    /// <summary>
    /// A state from which texts of up to some characters are taken as from the given one, whatever is counted beyond them: most places of a long count are then the
    /// same. <paramref name="longest"/> is the most characters that may be needed to end from a state on the way, or that state tells nothing.
    /// </summary>
    public int Relaxed(int state, int characters, out int longest)
    {
        longest = int.MaxValue;
        Spot spot = _spots[state];
        if (spot.Kind is not (SpotKind.Body or SpotKind.Open))
        {
            return state;
        }

        Term term = _terms.Relax(spot.Term, characters, out longest);
        return term == spot.Term ? state : IdOf(spot with { Term = term });
    }

    /// <summary>Characters of the shortest text that ends from a state, not counting the one that is being spelled.</summary>
    public int Shortest(int state) => _spots[state].Term.Shortest;

    private int IdOf(Spot spot)
    {
        if (!_ids.TryGetValue(spot, out int id))
        {
            id = _spots.Count;
            _ids.Add(spot, id);
            _spots.Add(spot);
            _rows.Add(null);
        }

        return id;
    }

    /// <summary>What follows a state.</summary>
    public Row At(int state)
    {
        if (_rows[state] is { } known)
        {
            return known;
        }

        if (++_rowCount > MostRows)
        {
            for (int i = 0; i < _rows.Count; i++)
            {
                _rows[i] = null;
            }

            _rowCount = 1;
        }

        var row = new Row();
        Fill(_spots[state], row.Next);
        for (int value = 0; value < 256; value++)
        {
            if (row.Next[value] != Dead)
            {
                row.Bytes.Add((byte)value);
            }
        }

        row.Accepts = Accepts(state);
        row.Loops = LoopsOf(state, row.Next);
        return _rows[state] = row;
    }

    private ByteClass LoopsOf(int state, int[] next)
    {
        ByteClass loops = ByteClass.None;
        Spot spot = _spots[state];
        if (spot.Kind != SpotKind.Body)
        {
            return loops;
        }

        foreach ((ByteClass group, byte[] bytes) in ByteClasses.Ascii)
        {
            bool all = true;
            foreach (byte value in bytes)
            {
                all &= next[value] == state;
            }

            loops |= all ? group : ByteClass.None;
        }

        TermEdge[] edges = _terms.Edges(spot.Term);
        return loops | (Stays(edges, ByteClasses.Beyond, spot.Term) ? ByteClass.Beyond : 0) | (Stays(edges, ByteClasses.BeyondBlank, spot.Term) ? ByteClass.BeyondBlank : 0);
    }

    /// <summary>Whether every character of a set leads back to the same term.</summary>
    private static bool Stays(TermEdge[] edges, CodeSet set, Term term)
    {
        int at = 0;
        for (int range = 0; range < set.Count; range++)
        {
            (int low, int high) = set[range];
            while (low <= high)
            {
                while (at < edges.Length && edges[at].High < low)
                {
                    at++;
                }

                if (at == edges.Length || edges[at].Low > low || edges[at].Next != term)
                {
                    return false;
                }

                low = edges[at].High + 1;
            }
        }

        return true;
    }

    /// <summary>A state's next ones.</summary>
    internal sealed class Row
    {
        public readonly int[] Next = new int[256];
        public ByteSet Bytes;
        public ByteClass Loops;
        public bool Accepts;

        public Row() => System.Array.Fill(Next, Dead);
    }
}
