using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Grammar.Automata;
using GemmaVk.Grammar.Expressions;
using GemmaVk.Grammar.Lexing;

namespace GemmaVk.Grammar.Schemas;

/// <summary>
/// A JSON Schema as values of an automaton. A place in the value is a set of claims; the same set is the same place, so recursion
/// closes on itself. Everything that can be reached is built here: nothing is left to be refused while an answer is written.
/// </summary>
internal sealed class SchemaCompiler
{
    private const int MostValues = 20_000;
    private const int MostPatterns = 5;
    private const int MostName = 64;

    private readonly SchemaDocument _document;
    private readonly SchemaOptions _options;
    private readonly TermTable _terms = new();
    private readonly ShapeSearch _search;
    private readonly NumberTerms _numbers;
    private readonly Dictionary<string, Value> _values = [];
    private readonly Queue<(Value Value, IReadOnlyList<Claim> Claims)> _open = new();
    private readonly Dictionary<(Term, Spelling), LexemeNode> _lexemes = [];
    private readonly List<Node> _nodes = [];
    private readonly Spelling _strings;
    private readonly OpenForms _forms = new();
    private readonly Dictionary<Value, string> _places = [];
    private readonly LexemeNode _free;

    private SchemaCompiler(JsonElement schema, SchemaOptions options)
    {
        _document = new SchemaDocument(schema);
        _options = options;
        _search = new ShapeSearch(_document, _terms);
        _numbers = new NumberTerms(_terms);
        _strings = options.Calls ? Spelling.Call : Spelling.Json;
        _free = Lexeme(_terms.Everything, _strings);
    }

    /// <summary>Builds the value of a schema's root.</summary>
    /// <exception cref="GrammarException">What cannot be held, and where it stands.</exception>
    public static Value Build(JsonElement schema, SchemaOptions options)
    {
        var compiler = new SchemaCompiler(schema, options);
        Value root = compiler.ValueOf([new Claim(compiler._document.Root, true)]);
        while (compiler._open.TryDequeue(out (Value Value, IReadOnlyList<Claim> Claims) next))
        {
            compiler.Fill(next.Value, next.Claims);
        }

        compiler.Decide();
        if (options.AnyOrder)
        {
            compiler.RefuseEndlessForms();
        }

        return root.Possible ? root : throw new GrammarException("", "schema", "no finite value fits this schema: what it requires excludes itself or needs itself without end");
    }

    /// <summary>Builds the objects of a schema as the arguments of calls: they begin at a brace and end behind one.</summary>
    /// <exception cref="GrammarException">What cannot be held, and where it stands.</exception>
    public static IReadOnlyList<Node> BuildArguments(JsonElement schema, bool closed)
    {
        Value root = Build(schema, new SchemaOptions(Blanks: false, AnyOrder: true, Closed: closed) { Calls = true });
        Node[] objects = [.. root.Starts.OfType<ObjectNode>()];
        return objects.Length > 0 ? objects : throw new GrammarException("", "type", "arguments of a call are an object, and none fits this schema; declare one");
    }

    private Value ValueOf(IReadOnlyList<Claim> claims)
    {
        string key = ShapeSearch.KeyOf(claims);
        if (!_values.TryGetValue(key, out Value? value))
        {
            if (_values.Count >= MostValues)
            {
                throw new GrammarException(claims[0].Part.Pointer, "schema", $"the schema combines to more than {MostValues} places; make it smaller");
            }

            value = new Value();
            _values.Add(key, value);
            _places.Add(value, claims.Count == 0 ? "" : claims[0].Part.Pointer);
            _open.Enqueue((value, claims));
        }

        return value;
    }

    private void Fill(Value value, IReadOnlyList<Claim> claims)
    {
        var words = new List<Term>();
        var strings = new List<Term>();
        foreach (Shape shape in _search.Of(claims))
        {
            try
            {
                Scalars(shape, words, strings);
            }
            catch (Exception e) when (e is TooManyStatesException or FormatException)
            {
                throw new GrammarException(claims.Count == 0 ? "" : claims[0].Part.Pointer, Blame(shape), e.Message);
            }

            if ((shape.Types & JsonTypes.Array) != 0)
            {
                value.Starts.Add(Array(shape));
            }

            if ((shape.Types & JsonTypes.Object) != 0)
            {
                value.Starts.Add(Object(shape, claims));
            }
        }

        if (words.Count > 0)
        {
            value.Starts.Add(Lexeme(_terms.Or(words), Spelling.Plain));
        }

        if (strings.Count > 0)
        {
            value.Starts.Add(Lexeme(_terms.Or(strings), _strings));
        }
    }

    private static string Blame(Shape shape) => (shape.Types & JsonTypes.String) != 0 && shape.Strings.Count > 0 ? "pattern" : shape.Numbers.MultiplesOf.IsEmpty ? "minimum" : "multipleOf";

    private void Scalars(Shape shape, List<Term> words, List<Term> strings)
    {
        foreach ((JsonTypes type, string word) in (ReadOnlySpan<(JsonTypes, string)>)[(JsonTypes.Null, "null"), (JsonTypes.True, "true"), (JsonTypes.False, "false")])
        {
            if ((shape.Types & type) != 0)
            {
                words.Add(_terms.Literal(word));
            }
        }

        if ((shape.Types & JsonTypes.Number) != 0)
        {
            Term number = _numbers.Of(shape.Numbers, (shape.Types & JsonTypes.Integer) != 0, (shape.Types & JsonTypes.Fraction) != 0);
            AddLive(words, number);
        }

        if ((shape.Types & JsonTypes.String) != 0)
        {
            AddLive(strings, _search.Strings(shape));
        }
    }

    private void AddLive(List<Term> terms, Term term)
    {
        if (_terms.IsLive(term))
        {
            terms.Add(term);
        }
    }

    private LexemeNode Lexeme(Term term, Spelling spelling)
    {
        if (!_lexemes.TryGetValue((term, spelling), out LexemeNode? node))
        {
            node = new LexemeNode(new ByteDfa(_terms, term, spelling));
            _lexemes.Add((term, spelling), node);
            _nodes.Add(node);
        }

        return node;
    }

    private ArrayNode Array(Shape shape)
    {
        int first = shape.Items.Count == 0 ? 0 : shape.Items.Max(rule => rule.First.Length);
        var values = new Value[Math.Min(first, shape.MaxItems)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = ValueOf([.. shape.Items.Select(rule => i < rule.First.Length ? rule.First[i] : rule.After).OfType<Claim>()]);
        }

        Value? rest = shape.MaxItems > first ? ValueOf([.. shape.Items.Select(rule => rule.After).OfType<Claim>()]) : null;
        var node = new ArrayNode(values, rest, shape.MinItems, shape.MaxItems, _options.Blanks && !_options.Calls);
        _forms.Add(node, rest is null ? values : [.. values, rest]);
        _nodes.Add(node);
        return node;
    }

    private ObjectNode Object(Shape shape, IReadOnlyList<Claim> claims)
    {
        var names = new List<string>();
        var known = new HashSet<string>();
        foreach (string name in shape.Properties.SelectMany(rule => rule.Declared).Select(member => member.Name).Concat(shape.Required).Concat(shape.Single.Select(single => single.Name)))
        {
            if (known.Add(name))
            {
                names.Add(name);
            }
        }

        var never = new Value();
        var required = new HashSet<string>(shape.Required);
        var declared = new Property[names.Count];
        for (int i = 0; i < declared.Length; i++)
        {
            List<Claim>? inside = _search.Property(shape, names[i]);
            declared[i] = new Property(names[i], inside is null ? never : ValueOf(inside), required.Contains(names[i]));
        }

        OtherProperties[] others;
        try
        {
            others = [.. Others(shape, names)];
        }
        catch (TooManyStatesException e)
        {
            throw new GrammarException(claims.Count == 0 ? "" : claims[0].Part.Pointer, "patternProperties", e.Message);
        }

        ObjectNode node = new(new ObjectShape(declared, others, shape.MinProperties, shape.MaxProperties, _free, _options.Blanks, _options.AnyOrder, _options.Calls));
        _forms.Add(node, [.. declared.Select(property => property.Value), .. others.Select(other => other.Value)]);
        _nodes.Add(node);
        return node;
    }

    private IEnumerable<OtherProperties> Others(Shape shape, List<string> declared)
    {
        (string Pattern, Claim Claim)[] patterns = [.. shape.Properties.SelectMany(rule => rule.Patterns)];
        string[] distinct = [.. patterns.Select(pattern => pattern.Pattern).Distinct()];
        if (distinct.Length > MostPatterns)
        {
            throw new GrammarException(patterns[0].Claim.Part.Pointer, "patternProperties", $"more than {MostPatterns} expressions for names at one place combine to too many kinds of names");
        }

        bool saysNothing = distinct.Length == 0 && shape.Properties.TrueForAll(rule => rule.Additional is null);
        if (_options.Closed && saysNothing && declared.Count > 0 && shape.MinProperties <= declared.Count)
        {
            yield break;
        }

        if (distinct.Length == 0 && shape.Names.Count == 0 && !_options.Calls)
        {
            Claim[] additional = [.. shape.Properties.Select(rule => rule.Additional).OfType<Claim>()];
            if (!additional.Any(IsNever))
            {
                yield return new OtherProperties(null, ValueOf(additional));
            }

            yield break;
        }

        Term names = _terms.And(_search.Names(shape), _terms.Not(_terms.Texts(declared)), _options.Calls ? BareName() : _terms.Everything);
        Term[] searches = [.. distinct.Select(pattern => _search.Search(pattern, System.Array.Find(patterns, each => each.Pattern == pattern).Claim, wide: false))];
        Term[] misses = [.. distinct.Select(pattern => _terms.Not(_search.Search(pattern, System.Array.Find(patterns, each => each.Pattern == pattern).Claim, wide: true)))];
        for (int met = 0; met < 1 << distinct.Length; met++)
        {
            var claims = new List<Claim>();
            foreach (PropertyRule rule in shape.Properties)
            {
                Claim[] own = [.. rule.Patterns.Where(pattern => (met >> System.Array.IndexOf(distinct, pattern.Pattern) & 1) != 0).Select(pattern => pattern.Claim)];
                claims.AddRange(own.Length == 0 && rule.Additional is { } additional ? [additional] : own);
            }

            if (claims.Exists(IsNever))
            {
                continue;
            }

            Term kind = _terms.And([names, .. searches.Select((search, i) => (met >> i & 1) != 0 ? search : misses[i])]);
            if (_terms.IsLive(kind))
            {
                LexemeNode lexeme = Lexeme(kind, _options.Calls ? Spelling.Plain : Spelling.Json);
                var afterMark = new LexemeNode(lexeme.Dfa, lexeme.Dfa.Body) { Possible = true };
                yield return new OtherProperties(afterMark, ValueOf(claims));
            }
        }
    }

    /// <summary>Names that a call may hold beside the declared ones: plain words, which are written without marks. Bounded, as blanks are.</summary>
    private Term BareName() => _terms.Repeat(_terms.Set(CodeSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'))), 1, MostName);

    private void RefuseEndlessForms()
    {
        foreach ((Value value, string place) in _places)
        {
            if (value.Starts.Count > 1 && _forms.AreEndless(value))
            {
                throw new GrammarException(place, "any order", "several of its forms hold each other, and in any order nothing tells them apart in time; let properties come as declared");
            }
        }
    }

    private static bool IsNever(Claim claim) => !claim.Part.IsValue && claim.Part.Element.ValueKind == (claim.Holds ? JsonValueKind.False : JsonValueKind.True);

    /// <summary>Which nodes and values some text fits: those that need nothing undecided, then those that need them, until nothing is added.</summary>
    private void Decide()
    {
        for (bool more = true; more;)
        {
            more = false;
            foreach (Node node in _nodes)
            {
                if (!node.Possible && node.Decide())
                {
                    node.Possible = more = true;
                }
            }

            foreach (Value value in _values.Values)
            {
                value.Possible = value.Possible || value.Starts.Exists(node => node.Possible);
            }
        }

        foreach (Value value in _values.Values)
        {
            value.Starts.RemoveAll(node => !node.Possible);
        }
    }
}
