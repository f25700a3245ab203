using System.Collections.Generic;
using System.CommandLine;

namespace GemmaVk.Cli.Options;

/// <summary>The flags of a server that is asked instead of a model in this program: the only ones by which the program talks to a network.</summary>
internal sealed class EndpointFlags
{
    /// <summary>Where it is.</summary>
    public Option<string?> Address { get; } = new("--endpoint")
    {
        Description = "Ask a server in OpenAI's form, such as http://127.0.0.1:11435/v1, instead of a model in this program. The questions go to this address and nowhere else.",
        HelpName = "URL",
    };

    /// <summary>Its key.</summary>
    public Option<string?> KeyVariable { get; } = new("--endpoint-key-env") { Description = "Environment variable with the server's key.", HelpName = "NAME" };

    /// <summary>Its model.</summary>
    public Option<string?> Model { get; } = new("--endpoint-model") { Description = "Model that the server is asked for. Default: the first that it lists.", HelpName = "NAME" };

    /// <summary>How it writes turns.</summary>
    public WordOption Turns { get; } = new(
        "--endpoint-turns", "Weigh choices behind Gemma 4's turns, where the server runs such a model; or none: such questions are left out. Default: none.", "leave it out for none", "gemma4", "none");

    /// <summary>Longest wait.</summary>
    public RealOption Timeout { get; } = new("--endpoint-timeout", "Longest wait for an answer, in seconds. Default: 300.", x => x is >= 0.1f and <= 86400, "a number of seconds from 0.1 to 86400", "leave it out for 300");

    /// <summary>All, the address first.</summary>
    public IReadOnlyList<Option> All => [Address, KeyVariable, Model, Turns, Timeout];

    /// <summary>Adds them.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in All)
        {
            command.Options.Add(option);
        }
    }
}
