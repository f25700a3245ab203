using System.CommandLine;

namespace GemmaVk.Cli.Options;

/// <summary><c>--device</c>.</summary>
internal sealed class DeviceOption : Option<string>
{
    public DeviceOption()
        : base("--device")
    {
        Description = "auto (the fastest GPU, else the CPU), cpu, vulkan, the index that 'gemmavk doctor' shows, or ilgpu: the best of ilgpu:cuda, ilgpu:opencl and ilgpu:cpu, with an index after the kind where there are several.";
        HelpName = "auto|cpu|vulkan|INDEX|ilgpu[:KIND[:INDEX]]";
        DefaultValueFactory = _ => "auto";
    }
}
