using System.Collections.Generic;
using GemmaVk.Grammar.Expressions;

namespace GemmaVk.Grammar.Schemas;

/// <summary>
/// The formats of JSON Schema as expressions. Where a format has corners that readers disagree on, the expression is the part all of them
/// take: what is written fits, though not everything that fits can be written. Source: JSON Schema Validation 2020-12, section 7.3, and the RFCs it names.
/// </summary>
internal static class Formats
{
    private const string Year = @"(?:[1-9]\d{3}|0[1-9]\d\d|00[1-9]\d|000[1-9])";
    private const string Leap = @"(?:(?:[1-9]\d|0[1-9])(?:0[48]|[2468][048]|[13579][26])|00(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)";
    private const string Date = $@"(?:{Year}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))|{Leap}-02-29)";
    private const string Time = @"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)";
    private const string Label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    private const string Host = $@"{Label}(?:\.{Label})*";
    private const string Byte = @"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)";
    private const string Ipv4 = $@"{Byte}(?:\.{Byte}){{3}}";
    private const string Group = "[0-9A-Fa-f]{1,4}";
    private const string Low = $"(?:{Group}:{Group}|{Ipv4})";
    private const string Ipv6 =
        $"(?:(?:{Group}:){{6}}{Low}|::(?:{Group}:){{5}}{Low}|(?:{Group})?::(?:{Group}:){{4}}{Low}|(?:(?:{Group}:){{0,1}}{Group})?::(?:{Group}:){{3}}{Low}"
        + $"|(?:(?:{Group}:){{0,2}}{Group})?::(?:{Group}:){{2}}{Low}|(?:(?:{Group}:){{0,3}}{Group})?::{Group}:{Low}|(?:(?:{Group}:){{0,4}}{Group})?::{Low}"
        + $"|(?:(?:{Group}:){{0,5}}{Group})?::{Group}|(?:(?:{Group}:){{0,6}}{Group})?::)";

    private const string Percent = "%[0-9A-Fa-f]{2}";
    private const string PathChar = $"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|{Percent})";
    private const string Authority = $@"(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|{Percent})*@)?(?:{Host}|\[{Ipv6}\])(?::\d{{1,5}})?";
    private const string Tail = $@"(?:\?(?:{PathChar}|[/?])*)?(?:#(?:{PathChar}|[/?])*)?";
    // A scheme of one letter is a drive to some.
    private const string Uri = $"[A-Za-z][A-Za-z0-9+.-]+:(?://{Authority}(?:/{PathChar}*)*|///{PathChar}+(?:/{PathChar}*)*|/?{PathChar}+(?:/{PathChar}*)*){Tail}";
    private const string Relative = $"(?://{Authority}(?:/{PathChar}*)*|/(?:{PathChar}+(?:/{PathChar}*)*)?|(?:[A-Za-z0-9._~!$&'()*+,;=@-]|{Percent})+(?:/{PathChar}*)*)?{Tail}";
    // Readers differ in what may begin or end the name and in what a top-level domain is; none takes more than 254 bytes in all.
    private const string MailWord = "[A-Za-z0-9](?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{0,18}[A-Za-z0-9])?";
    private const string MailLabel = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,28}[A-Za-z0-9])?";
    private const string Mail = $@"{MailWord}(?:\.{MailWord}){{0,2}}@(?:{MailLabel}\.){{1,5}}[A-Za-z]{{2,24}}";

    private static readonly Dictionary<string, string> Known = new()
    {
        ["date"] = Date,
        ["time"] = Time,
        ["date-time"] = $"{Date}T{Time}",
        ["duration"] = @"P(?:\d{1,9}W|(?:\d{1,9}Y(?:\d{1,9}M(?:\d{1,9}D)?)?|\d{1,9}M(?:\d{1,9}D)?|\d{1,9}D)(?:T(?:\d{1,9}H(?:\d{1,9}M(?:\d{1,9}S)?)?|\d{1,9}M(?:\d{1,9}S)?|\d{1,9}S))?|T(?:\d{1,9}H(?:\d{1,9}M(?:\d{1,9}S)?)?|\d{1,9}M(?:\d{1,9}S)?|\d{1,9}S))",
        ["uuid"] = "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}",
        ["email"] = Mail,
        ["idn-email"] = Mail,
        ["hostname"] = Host,
        ["idn-hostname"] = Host,
        ["ipv4"] = Ipv4,
        ["ipv6"] = Ipv6,
        ["uri"] = Uri,
        ["iri"] = Uri,
        ["uri-reference"] = $"(?:{Uri}|{Relative})",
        ["iri-reference"] = $"(?:{Uri}|{Relative})",
        ["uri-template"] = $@"(?:[A-Za-z0-9._~!$&()*+,;=:@/?#-]|{Percent}|\{{[+#./;?&]?[A-Za-z0-9_]+\*?(?:,[A-Za-z0-9_]+\*?)*\}})*",
        ["json-pointer"] = "(?:/(?:[^/~]|~[01])*)*",
        ["relative-json-pointer"] = "(?:0|[1-9][0-9]{0,8})(?:#|(?:/(?:[^/~]|~[01])*)*)",
        ["regex"] = "[A-Za-z0-9 _/:;,<>=!@#%&~\"'-]*",
    };

    /// <summary>What the texts of a format have in every reader's eyes; a format that is not here may be any text in some reader's.</summary>
    private static readonly Dictionary<string, string> Wide = new()
    {
        ["date"] = @"\d",
        ["time"] = ":",
        ["date-time"] = ":",
        ["duration"] = "[Pp]",
        ["uuid"] = "[0-9A-Fa-f]{4}",
        ["email"] = "@",
        ["idn-email"] = "@",
        ["hostname"] = "^[^@:/ ]*$",
        ["idn-hostname"] = "^[^@:/ ]*$",
        ["ipv4"] = "^[0-9A-Fa-fXx.]*$",
        ["ipv6"] = ":",
        ["uri"] = ":",
        ["iri"] = ":",
    };

    /// <summary>Whether a name is one of JSON Schema's.</summary>
    public static bool IsKnown(string name) => Known.ContainsKey(name);

    /// <summary>A language that holds everything that any reader takes for a format, or null where that may be anything.</summary>
    public static Term? WideOf(string name, TermTable terms) =>
        Wide.TryGetValue(name, out string? expression) ? Pattern.Search(terms, ExpressionParser.Parse(expression, terms, Reading.Wide)) : null;

    /// <summary>The language of a format, or null where the name is none of JSON Schema's: then it is a remark, by its specification.</summary>
    public static Term? Of(string name, TermTable terms) =>
        Known.TryGetValue(name, out string? expression) ? Pattern.Whole(terms, ExpressionParser.Parse(expression, terms, Reading.Narrow)) : null;
}
