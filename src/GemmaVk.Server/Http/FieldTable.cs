using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Http;

/// <summary>What becomes of a field of a request.</summary>
internal enum Outcome
{
    /// <summary>It does what the API says.</summary>
    Honoured,

    /// <summary>Anything but its neutral value is an error that names it.</summary>
    Refused,

    /// <summary>It changes nothing here, and a header names it.</summary>
    Ignored,
}

/// <summary>A field of a request.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Outcome">What becomes of it.</param>
/// <param name="Note">What is not as one would think; of a refused field, what to do.</param>
internal sealed record KnownField(string Name, Outcome Outcome, string Note = "");

/// <summary>The fields of one address. The table in the room's README is made of these.</summary>
/// <param name="address">The address.</param>
/// <param name="fields">Its fields.</param>
internal sealed class FieldTable(string address, params IReadOnlyList<KnownField> fields)
{
    /// <summary>The header that names fields that changed nothing.</summary>
    public const string Header = "x-gemmavk-ignored";

    private const int MostNamed = 16;
    private readonly Dictionary<string, KnownField> _fields = fields.ToDictionary(field => field.Name, StringComparer.Ordinal);

    /// <summary>The address.</summary>
    public string Address => address;

    /// <summary>Its fields.</summary>
    public IReadOnlyList<KnownField> All => fields;

    /// <summary>Refuses what cannot be honoured, and names in a header what changes nothing.</summary>
    /// <exception cref="ApiException">A field that is refused has a value.</exception>
    public void Check(HttpContext context, Fields body)
    {
        List<string> ignored = [];
        foreach (string name in body.Names)
        {
            KnownField? field = _fields.GetValueOrDefault(name);
            if (field is null or { Outcome: Outcome.Ignored })
            {
                ignored.Add(name);
            }
            else if (field.Outcome == Outcome.Refused && !Neutral(body, name))
            {
                throw ApiException.Field(name, $"{name} cannot be honoured: {field.Note}", "unsupported_parameter");
            }
        }

        if (ignored.Count > 0)
        {
            context.Response.Headers[Header] = string.Join(", ", ignored.Take(MostNamed).Select(Visible)) + (ignored.Count > MostNamed ? ", ..." : "");
        }
    }

    // False, empty and the words that ask for what happens anyway.
    private static bool Neutral(Fields body, string name) => body.Any(name)!.Value.GetRawText().Replace(" ", "", StringComparison.Ordinal) is
        "false" or "[]" or "{}" or "\"\"" or "0" or "[\"text\"]" or "\"none\"" or "\"disabled\"";

    private static string Visible(string name) => new([.. name.Take(64).Select(c => c is > ' ' and < '\x7f' and not ',' ? c : '?')]);
}
