using System.CommandLine;

namespace GemmaVk.Cli.Options;

/// <summary>The flags that say how much memory there is.</summary>
internal sealed class BudgetOptions
{
    private readonly SizeOption _budget = new(
        "--budget", "Most memory to take in all, such as 16GiB, 12GB, 800MiB or bytes. Default: what the device has available.", "leave it out for all that is available");

    private readonly SizeOption _deviceMemory = new(
        "--device-memory", "Memory the device has, where what its driver or the system says is wrong.", "leave it out to believe the device");

    private readonly SizeOption _prefixes = new(
        "--shared-prefixes",
        "Main memory for what conversations begin with alike, and for places to go back to in a long one: 1GiB, 0 for none. Default: none for one conversation; for several as much as one takes.",
        "leave it out for the default",
        none: true);

    public void AddTo(Command command)
    {
        command.Options.Add(_budget);
        command.Options.Add(_deviceMemory);
        command.Options.Add(_prefixes);
    }

    /// <summary>The options with budget and device memory set.</summary>
    /// <exception cref="Tensors.GemmaVkException">One is no size.</exception>
    public EngineOptions Over(EngineOptions options, ParseResult parsed) =>
        options with { Budget = _budget.Read(parsed), DeviceMemory = _deviceMemory.Read(parsed), SharedPrefixBytes = _prefixes.Read(parsed) };
}
