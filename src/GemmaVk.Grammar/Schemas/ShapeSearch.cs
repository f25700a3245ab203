using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Grammar.Expressions;

namespace GemmaVk.Grammar.Schemas;

/// <summary>All ways to make the choices that claims leave open, and which of them lead nowhere.</summary>
internal sealed class ShapeSearch
{
    /// <summary>Most shapes of one place.</summary>
    private const int MostShapes = 400;

    /// <summary>Most choices that are tried in a whole schema.</summary>
    private const int MostSteps = 60_000;

    private const int DeepestLook = 3;

    private readonly SchemaDocument _document;
    private readonly TermTable _terms;
    private readonly ClaimReader _reader;
    private readonly ClaimReader _wide;
    private readonly Dictionary<string, bool> _impossible = [];
    private int _steps;

    public ShapeSearch(SchemaDocument document, TermTable terms)
    {
        _document = document;
        _terms = terms;
        _reader = new ClaimReader(document, terms) { Exclude = Apart };
        _wide = new ClaimReader(document, terms) { Exclude = Apart, Wide = true };

        bool Apart(Claim a, Claim b) => Impossible([a with { From = null }, b with { From = null }], 0);
    }

    /// <summary>A key for what is claimed, whatever the order.</summary>
    public static string KeyOf(IEnumerable<Claim> claims) => string.Join(',', claims.Select(claim => claim.Key).Distinct().Order());

    /// <summary>The shapes of a value that all claims hold for.</summary>
    public List<Shape> Of(IReadOnlyList<Claim> claims) => Of(claims, _reader);

    private List<Shape> Of(IReadOnlyList<Claim> claims, ClaimReader reader)
    {
        var done = new List<Shape>();
        var first = new Shape();
        reader.Add(first, claims);
        var open = new Stack<Shape>([first]);
        while (open.TryPop(out Shape? shape))
        {
            Prune(shape);
            if (shape.Types == JsonTypes.None)
            {
                continue;
            }

            if (!shape.Choices.TryDequeue(out Option[]? options))
            {
                done.Add(shape);
                if (done.Count > MostShapes)
                {
                    throw TooMany(claims);
                }

                continue;
            }

            for (int i = options.Length - 1; i >= 0; i--)
            {
                if (++_steps > MostSteps)
                {
                    throw TooMany(claims);
                }

                Shape next = i == 0 ? shape : shape.Copy();
                options[i].Restrict?.Invoke(next);
                reader.Add(next, options[i].Claims);
                open.Push(next);
            }
        }

        return done;
    }

    /// <summary>What is claimed of a property, or null where there must be none.</summary>
    public List<Claim>? Property(Shape shape, string name)
    {
        var claims = new List<Claim>();
        foreach (PropertyRule rule in shape.Properties)
        {
            bool met = false;
            foreach (Claim claim in rule.On(name))
            {
                claims.Add(claim);
                met = true;
            }

            foreach ((string pattern, Claim claim) in rule.Patterns)
            {
                if (_terms.Matches(_reader.Search(pattern, claim.Part, "patternProperties", wide: false), name))
                {
                    claims.Add(claim);
                    met = true;
                }
            }

            if (!met && rule.Additional is { } additional)
            {
                claims.Add(additional);
            }
        }

        foreach ((string single, Claim? claim) in shape.Single)
        {
            if (single == name)
            {
                claims.Add(claim ?? new Claim(_document.False, true));
            }
        }

        bool never = claims.Any(claim => claim.Part.Element.ValueKind == (claim.Holds ? System.Text.Json.JsonValueKind.False : System.Text.Json.JsonValueKind.True) && !claim.Part.IsValue);
        return never || (shape.Names.Count > 0 && !_terms.Matches(Names(shape), name)) ? null : claims;
    }

    /// <summary>The language of names that an object's properties may have.</summary>
    public Term Names(Shape shape) => shape.Names.Count == 0 ? _terms.Everything
        : _terms.Or(Of(shape.Names).Where(names => (names.Types & JsonTypes.String) != 0).Select(Strings));

    /// <summary>The language of strings of a shape.</summary>
    public Term Strings(Shape shape) => _terms.And([.. shape.Strings, _terms.Repeat(_terms.Any, shape.MinLength, shape.MaxLength)]);

    /// <summary>The language of names that an expression is found in.</summary>
    public Term Search(string pattern, Claim claim, bool wide) => _reader.Search(pattern, claim.Part, "patternProperties", wide);

    private static GrammarException TooMany(IReadOnlyList<Claim> claims) => new(
        claims[0].Part.Pointer, "combinations", "its alternatives combine to more ways than are kept; fewer of anyOf, oneOf, not and if at one place are needed");

    /// <summary>Takes away the types that nothing fits any more.</summary>
    private void Prune(Shape shape)
    {
        if ((shape.Types & JsonTypes.Number) != 0 && shape.Numbers.IsEmpty)
        {
            shape.Only(~JsonTypes.Number);
        }

        if ((shape.Types & JsonTypes.String) != 0 && (shape.MinLength > shape.MaxLength || (shape.Strings.Count > 0 && !Live(Strings(shape)))))
        {
            shape.Only(~JsonTypes.String);
        }

        if (shape.MinItems > shape.MaxItems)
        {
            shape.Only(~JsonTypes.Array);
        }

        if ((shape.Types & JsonTypes.Object) != 0
            && (shape.MinProperties > shape.MaxProperties || shape.Required.Count > shape.MaxProperties || shape.Required.Any(name => Property(shape, name) is null)))
        {
            shape.Only(~JsonTypes.Object);
        }
    }

    private bool Live(Term term)
    {
        try
        {
            return _terms.IsLive(term);
        }
        catch (TooManyStatesException)
        {
            // Whoever builds the string refuses it, and knows its place.
            return true;
        }
    }

    private bool Impossible(IReadOnlyList<Claim> claims, int depth)
    {
        string key = $"{depth}:{KeyOf(claims)}";
        if (_impossible.TryGetValue(key, out bool known))
        {
            return known;
        }

        // A circle says nothing yet.
        _impossible[key] = false;
        bool none = true;
        foreach (Shape shape in Of(claims, _wide))
        {
            if (shape.Types != JsonTypes.Object || depth == DeepestLook
                || !shape.Required.Any(name => Property(shape, name) is { Count: > 1 } inside && Impossible(inside, depth + 1)))
            {
                none = false;
                break;
            }
        }

        return _impossible[key] = none;
    }
}
