using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;

namespace GemmaVk.Cli.Help;

/// <summary>What the flags that several commands share are about. A flag that is in no group belongs to its command.</summary>
internal static class OptionGroups
{
    private const string Own = "Its own";

    private static readonly (string Title, string[] Flags)[] Groups =
    [
        ("Prompt", ["--file", "--system", "--think", "--tools", "--tool-results", "--raw", "--specials"]),
        ("Tools", ["--mcp", "--tool", "--allow-folder", "--allow-tool", "--deny-tool", "--tool-rounds", "--tool-time", "--route"]),
        ("Media", ["--image", "--audio", "--video", "--marker", "--image-tokens", "--video-fps", "--video-frames", "--max-audio", "--video-sound"]),
        ("Documents", ["--document", "--pages", "--long-documents", "--docs", "--index", "--rank"]),
        ("Drawing", ["--temperature", "--top-k", "--top-p", "--min-p", "--seed"]),
        ("Output", ["--json-schema", "--grammar", "--regex", "--max-tokens", "--stop", "--json", "--csv", "--save", "--verbose"]),
        ("Memory and device", ["--model", "--mmproj", "--device", "--context", "--when-full", "--sessions", "--session", "--shared-prefixes", "--budget", "--device-memory", "--kernel"]),
        ("Drafting", ["--drafter", "--draft", "--drafter-head", "--assume-acceptance"]),
        ("Precision", ["--weights", "--embedding", "--kv", "--full-kv", "--activations", "--rope", "--head-outline"]),
        ("The run to compare with", ["--compare-device", "--compare-weights", "--compare-embedding", "--compare-kv", "--compare-full-kv", "--compare-activations", "--compare-rope", "--compare-head-outline"]),
    ];

    /// <summary>Flags in their groups: the command's own first, then the shared ones, each in the order of the table.</summary>
    public static IEnumerable<(string Title, IReadOnlyList<Option> Options)> Of(IReadOnlyList<Option> options)
    {
        Option[] own = [.. options.Where(option => !Groups.Any(group => group.Flags.Contains(option.Name)))];
        if (own.Length > 0)
        {
            yield return (Own, own);
        }

        foreach ((string title, string[] flags) in Groups)
        {
            Option[] shared = [.. options.Where(option => flags.Contains(option.Name)).OrderBy(option => Array.IndexOf(flags, option.Name))];
            if (shared.Length > 0)
            {
                yield return (title, shared);
            }
        }
    }
}
