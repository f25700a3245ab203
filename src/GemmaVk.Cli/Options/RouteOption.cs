using System.CommandLine;
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
}
