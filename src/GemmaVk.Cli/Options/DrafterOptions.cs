using System.CommandLine;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Options;

/// <summary>The flags that choose what guesses tokens ahead of the model. None of them changes an answer.</summary>
internal sealed class DrafterOptions
{
    private readonly Option<string> _drafter = new("--drafter")
    {
        Description = "What guesses tokens ahead, for speed; answers stay the same. auto: the folder NAME-assistant beside the model's folder NAME, else 'drafter' in it; beside a GGUF model mtp-NAME.gguf or NAME-assistant.gguf.",
        HelpName = "auto|off|DIR|FILE",
        DefaultValueFactory = _ => "auto",
    };

    private readonly WholeOption _draft = new(
        "--draft", "Tokens to guess per round, 1 to 7. Default: what is fastest, measured while running.", 1, "leave it out to choose while running", 7);

    private readonly WordOption _head = new(
        "--drafter-head", "Convert the drafter's head on loading. Default: int4 from a hidden size of 1024 on, else as stored.", "leave it out for the default", "int4", "int8", "bf16");

    public void AddTo(Command command)
    {
        command.Options.Add(_drafter);
        command.Options.Add(_draft);
        command.Options.Add(_head);
    }

    /// <summary>The options with the drafter chosen.</summary>
    /// <exception cref="GemmaVkException">A flag has another word or number, or --draft has no drafter to speak to.</exception>
    public EngineOptions Read(ParseResult parsed, EngineOptions options)
    {
        string drafter = parsed.GetValue(_drafter)!;
        int? drafts = _draft.Read(parsed);
        if (drafts is not null && drafter == "off")
        {
            throw new GemmaVkException($"--draft {drafts} and --drafter off: expected one of them, because without a drafter nothing is guessed; drop one.");
        }

        return options with
        {
            Drafter = drafter,
            DraftLength = drafts,
            DrafterPrecision = new DrafterPrecision(Head: WordOption.Format(_head.Read(parsed)), HeadOutline: options.Precision.HeadOutline),
        };
    }
}
