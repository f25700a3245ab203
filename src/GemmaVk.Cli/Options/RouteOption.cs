using System.CommandLine;
using GemmaVk.Hybrid.Rules;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Options;

/// <summary>The flag that lets some questions leave this machine.</summary>
internal sealed class RouteOption : Option<string?>
{
    public RouteOption()
        : base("--route")
    {
        Description = "JSON file with rules by which an endpoint elsewhere may answer, with consent each time. Default: nothing leaves this machine.";
        HelpName = "FILE";
    }

    /// <summary>The file, or null.</summary>
    public string? Read(ParseResult parsed) => parsed.GetValue(this) is { } path ? HomePath.Expand(path) : null;

    /// <summary>The rules, read before anything is loaded; null without the flag.</summary>
    /// <exception cref="GemmaVkException">Something in the file is wrong, or this program was built without routing.</exception>
    public RouteFile? Rules(ParseResult parsed) => Read(parsed) is not { } path ? null
        : Parts.Routing ? RouteFile.Read("--route", path) : throw Parts.LeftOut("--route", nameof(Parts.Routing));
}
