using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Hybrid.Redaction;

/// <summary>One conversation from which things are taken out.</summary>
public sealed class Redacting
{
    private readonly Redactor _redactor;
    private readonly Dictionary<(string Name, string Value), string> _marks = [];
    private readonly Dictionary<string, int> _counts = [];

    internal Redacting(Redactor redactor) => _redactor = redactor;

    /// <summary>How often what was taken out, by name.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>A text as it may leave.</summary>
    /// <exception cref="Tensors.GemmaVkException">It cannot be looked through in time.</exception>
    public string Take(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _redactor.IsEmpty ? text : _redactor.Take(text, Mark);
    }

    private string Mark(string name, string value)
    {
        _counts[name] = _counts.GetValueOrDefault(name) + 1;
        if (!_marks.TryGetValue((name, value), out string? mark))
        {
            mark = FormattableString.Invariant($"[{name.ToUpperInvariant()} {_marks.Keys.Count(key => key.Name == name) + 1}]");
            _marks.Add((name, value), mark);
        }

        return mark;
    }
}
