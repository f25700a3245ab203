using System;
using System.Collections.Generic;

namespace GemmaVk.Documents.Index;

/// <summary>
/// A pattern of a .gitignore file, matched by walking all its places at once: time is the pattern's length times the path's, whatever
/// they are, and nothing is compiled. Source: gitignore(5), "Pattern format".
/// </summary>
internal sealed class IgnorePattern
{
    private readonly List<Step> _steps = [];

    /// <param name="pattern">Without a leading ! and a trailing slash.</param>
    /// <param name="anywhere">Whether it fits at any depth.</param>
    public IgnorePattern(string pattern, bool anywhere)
    {
        if (anywhere)
        {
            AddFolders();
        }

        for (int i = 0; i < pattern.Length; i++)
        {
            char letter = pattern[i];
            if (letter == '*' && i + 1 < pattern.Length && pattern[i + 1] == '*')
            {
                bool folders = i + 2 < pattern.Length && pattern[i + 2] == '/';
                i += folders ? 2 : 1;
                if (folders)
                {
                    AddFolders();
                }
                else
                {
                    _steps.Add(new(Kind.Rest));
                }
            }
            else if (letter is '*' or '?')
            {
                _steps.Add(new(letter == '*' ? Kind.Name : Kind.Any));
            }
            else if (letter == '[' && i + 2 < pattern.Length && pattern.IndexOf(']', i + 2) is > 0 and var end)
            {
                _steps.Add(new(Kind.Set, Set: pattern[(i + 1)..end]));
                i = end;
            }
            else
            {
                i += letter == '\\' && i + 1 < pattern.Length ? 1 : 0;
                _steps.Add(new(Kind.Letter, pattern[i]));
            }
        }
    }

    // Folders comes as two: the entry, which may be passed by, and what is inside, which a slash alone leaves.
    private enum Kind
    {
        Letter,
        Any,
        Set,
        Name,
        Rest,
        Entry,
        Inside,
    }

    /// <summary>Whether it fits the whole path.</summary>
    public bool Fits(ReadOnlySpan<char> path)
    {
        bool[] here = new bool[_steps.Count + 1], next = new bool[_steps.Count + 1];
        here[0] = true;
        PassBy(here);
        foreach (char letter in path)
        {
            Array.Clear(next);
            for (int i = 0; i < _steps.Count; i++)
            {
                Step step = _steps[i];
                if (!here[i] || !step.Takes(letter))
                {
                    continue;
                }

                next[i] |= step.Kind is Kind.Name or Kind.Rest or Kind.Inside;
                next[i + 1] |= step.Kind is Kind.Letter or Kind.Any or Kind.Set || (step.Kind == Kind.Inside && letter == '/');
            }

            PassBy(next);
            (here, next) = (next, here);
        }

        return here[^1];
    }

    private void AddFolders()
    {
        _steps.Add(new(Kind.Entry));
        _steps.Add(new(Kind.Inside));
    }

    /// <summary>Goes on where a step may take nothing.</summary>
    private void PassBy(bool[] places)
    {
        for (int i = 0; i < _steps.Count; i++)
        {
            if (places[i])
            {
                places[i + 1] |= _steps[i].Kind is Kind.Name or Kind.Rest or Kind.Entry;
                if (_steps[i].Kind == Kind.Entry)
                {
                    places[i + 2] = true;
                }
            }
        }
    }

    private readonly record struct Step(Kind Kind, char Letter = '\0', string Set = "")
    {
        public bool Takes(char letter) => Kind switch
        {
            Kind.Letter => letter == Letter,
            Kind.Any or Kind.Name => letter != '/',
            Kind.Set => letter != '/' && IsInSet(letter),
            Kind.Entry => false,
            _ => true,
        };

        private bool IsInSet(char letter)
        {
            bool not = Set[0] is '!' or '^' && Set.Length > 1;
            for (int i = not ? 1 : 0; i < Set.Length; i++)
            {
                bool range = i + 2 < Set.Length && Set[i + 1] == '-';
                if (range ? letter >= Set[i] && letter <= Set[i + 2] : letter == Set[i])
                {
                    return !not;
                }

                i += range ? 2 : 0;
            }

            return not;
        }
    }
}
