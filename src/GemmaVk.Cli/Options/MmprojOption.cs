using System.CommandLine;

namespace GemmaVk.Cli.Options;

/// <summary><c>--mmproj</c>: the media projector of a GGUF model, which is a file of its own.</summary>
internal sealed class MmprojOption : Option<string>
{
    public MmprojOption()
        : base("--mmproj")
    {
        Description = "Media projector of a GGUF model, for pictures and sound. auto: the file with 'mmproj' and the model's name in its own, beside the model; off: text alone.";
        HelpName = "auto|off|FILE";
        DefaultValueFactory = _ => "auto";
    }
}
