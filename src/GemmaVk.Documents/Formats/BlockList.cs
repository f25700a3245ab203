using System;
using System.Collections.Generic;
using System.Text;
using GemmaVk.Tensors;
using static System.FormattableString;

namespace GemmaVk.Documents.Formats;

/// <summary>Gathers the blocks of a document, up to its most characters.</summary>
/// <param name="name">For the message.</param>
/// <param name="limits">Most characters.</param>
internal sealed class BlockList(string name, DocumentLimits limits)
{
    private readonly List<DocumentBlock> _blocks = [];
    private long _letters;

    /// <summary>What there is so far.</summary>
    public IReadOnlyList<DocumentBlock> Blocks => _blocks;

    /// <summary>Adds a block as it is, unless it is blank.</summary>
    /// <exception cref="GemmaVkException">It is more than the document may have.</exception>
    public void Add(string text, int level = 0, int page = 0)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return;
        }

        _letters += text.Length;
        if (_letters > limits.Letters)
        {
            throw new GemmaVkException(Invariant($"{name}: expected at most {limits.Letters:N0} characters of text, but it has more; choose pages with --pages, or split it."));
        }

        _blocks.Add(new DocumentBlock(text.Trim('\n', '\r', ' '), level, page));
    }

    /// <summary>Adds a block of running text: white space of any kind and length is one space.</summary>
    public void AddRunning(StringBuilder text, int level = 0, int page = 0)
    {
        Add(Collapsed(text), level, page);
        text.Clear();
    }

    /// <summary>Text with each run of white space as one space.</summary>
    public static string Collapsed(StringBuilder text)
    {
        StringBuilder line = new(text.Length);
        bool space = false;
        foreach (ReadOnlyMemory<char> chunk in text.GetChunks())
        {
            foreach (char letter in chunk.Span)
            {
                if (char.IsWhiteSpace(letter))
                {
                    space = line.Length > 0;
                }
                else if (letter is not ('\u00AD' or '\u200B' or '\uFEFF'))
                {
                    line.Append(space ? " " : "").Append(letter);
                    space = false;
                }
            }
        }

        return line.ToString();
    }
}
