using System;
using System.Collections.Generic;

namespace GemmaVk.Tensors;

/// <summary>What the system said of a failure, as a sentence that another can follow.</summary>
public static class Complaint
{
    /// <summary>The message without the path that it ends in, which the sentence around it has named, and with a full stop.</summary>
    public static string Of(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        // Of a JSON object the runtime does not say which.
        string text = error is KeyNotFoundException ? "something that belongs there is missing" : error.Message.Trim();
        int path = text.IndexOf(" : '", StringComparison.Ordinal);
        text = path > 0 ? text[..path] : text;
        return text.EndsWith('.') || text.EndsWith('!') || text.EndsWith('?') ? text : text + ".";
    }
}
