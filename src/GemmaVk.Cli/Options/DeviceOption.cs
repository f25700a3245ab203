using System.CommandLine;

namespace GemmaVk.Cli.Options;

/// <summary><c>--device</c>.</summary>
internal sealed class DeviceOption : Option<string>
{
    public DeviceOption()
        : base("--device")
    {
        Description = "auto (the fastest GPU, else the CPU), cpu, vulkan, or the index that 'gemmavk doctor' shows.";
        HelpName = "auto|cpu|vulkan|INDEX";
        DefaultValueFactory = _ => "auto";
    }
}
