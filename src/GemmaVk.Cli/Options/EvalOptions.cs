using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Options;

/// <summary>The flags of <c>eval</c> that say what is evaluated and where results go.</summary>
internal sealed class EvalOptions
{
    /// <summary>A file of questions.</summary>
    public Argument<string?> Questions { get; } = new("questions")
    {
        Description = "Questions with what is right, one JSON object a line: prompt or messages, pictures, sounds and clips, and answer, choices, contains, regex, schema, call or transcript.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>A text.</summary>
    public Option<string?> Perplexity { get; } = new("--perplexity") { Description = "Perplexity and bits per byte of a text instead.", HelpName = "FILE" };

    /// <summary>Two files of records.</summary>
    public Option<string[]> Compare { get; } = new("--compare")
    {
        Description = "Two runs over the same questions instead, from what --out wrote: differences with p-values. No model is loaded.",
        HelpName = "FILE FILE",
        AllowMultipleArgumentsPerToken = true,
        Arity = new ArgumentArity(0, 16),
    };

    /// <summary>Control tokens.</summary>
    public Option<bool> Specials { get; } = new("--specials") { Description = "Read control tokens in a text as such: for conversations that are written out." };

    /// <summary>How a text is cut.</summary>
    public WordOption Windows { get; } = new(
        "--windows", "Of a text: sliding windows in which every token counts once; or halves, llama-perplexity's definition, pieces of which the second half counts. Default: sliding.", "leave it out for sliding windows", "sliding", "halves");

    /// <summary>Positions.</summary>
    public WholeOption Context { get; } = new(
        "--context", "Positions of a window, bos included. Default: 2048, 512 with halves, at most what the model allows. Of questions: most tokens of one and its answer; default: as many as the memory holds.", 1, "leave it out for the default");

    /// <summary>Tokens between windows.</summary>
    public WholeOption Stride { get; } = new("--stride", "Tokens from one sliding window to the next; the windows overlap by the rest. Default: half of --context.", 1, "leave it out for half of the context");

    /// <summary>Stored logits.</summary>
    public Option<string[]> Against { get; } = new("--against")
    {
        Description = "Logits that another run saved of the same text: agreement and KL divergence. May come several times.",
        HelpName = "FILE",
    };

    /// <summary>Where logits go.</summary>
    public PathOption SaveLogits { get; } = new("--save-logits", "Save the logits of a text for --against: of each place the likeliest tokens and the weight of the rest.");

    /// <summary>All of them.</summary>
    public Option<bool> Full { get; } = new("--full") { Description = "Save all logits: 4 bytes for each token of the vocabulary and each of the text." };

    /// <summary>How many are kept.</summary>
    public WholeOption Top { get; } = new("--logits-top", "Likeliest tokens that are saved of each place. Default: 128.", 1, "leave it out for 128", 4096);

    /// <summary>Questions at once.</summary>
    public WholeOption Sessions { get; } = new("--sessions", "Questions that are asked at once. Default: 4.", 1, "leave it out for 4", 256);

    /// <summary>Most tokens.</summary>
    public WholeOption MaxTokens { get; } = new("--max-tokens", "Most tokens of an answer whose question does not say. Default: 1024.", 1, "leave it out for 1024");

    /// <summary>Where records go.</summary>
    public Option<string?> Out { get; } = new("--out", "-o")
    {
        Description = "Write a record of each answer as it comes. A run that was ended goes on from there.",
        HelpName = "FILE",
    };

    /// <summary>Of the bootstrap.</summary>
    public SeedOption Seed { get; } = new("--seed", "Key of the draws behind intervals and p-values. Default: 0. Answers are never drawn.");

    /// <summary>JSON on standard output.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "One JSON object on standard output instead of tables: perplexity, bits_per_byte, tokens, against, tasks, compared." };

    /// <summary>A Markdown file.</summary>
    public PathOption Markdown { get; } = new("--markdown", "Write the report as Markdown too.");

    /// <summary>A page.</summary>
    public PathOption Html { get; } = new("--html", "Write the report as one page with plots, which needs nothing else.");

    /// <summary>Adds all.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(Questions);
        foreach (Option option in (Option[])[Perplexity, Compare, Specials, Windows, Context, Stride, Against, SaveLogits, Full, Top, Sessions, MaxTokens, Out, Seed, Json, Markdown, Html])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Refuses flags that belong to something else than what is evaluated.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="endpoint">The server's flags.</param>
    /// <param name="local">Flags of a model in this program.</param>
    /// <exception cref="GemmaVkException">Nothing or too much is to be evaluated, or a flag has nothing to do with it.</exception>
    public void Check(ParseResult parsed, IReadOnlyList<Option> endpoint, IReadOnlyList<Option> local)
    {
        (string Name, bool Given)[] kinds =
            [("a file of questions", parsed.GetValue(Questions) is not null), ("--perplexity", parsed.GetValue(Perplexity) is not null), ("--compare", parsed.GetResult(Compare) is not null)];
        string[] given = [.. kinds.Where(kind => kind.Given).Select(kind => kind.Name)];
        if (given.Length != 1)
        {
            throw new GemmaVkException(given.Length == 0
                ? "nothing to evaluate: expected a file of questions, --perplexity FILE, or --compare FILE FILE; give one."
                : $"{given[0]} and {given[1]}: expected one of them; run them one after the other.");
        }

        Option[] ofText = [Specials, Windows, Stride, Against, SaveLogits, Full, Top];
        Option[] ofQuestions = [Sessions, MaxTokens, Out, .. endpoint];
        bool server = parsed.GetResult(endpoint[0]) is { Implicit: false };
        Option[] wrong = given[0] switch
        {
            "--perplexity" => ofQuestions,
            "--compare" => [.. ofText, .. ofQuestions, Context, .. local],
            _ => server ? [.. ofText, Context, .. local] : [.. ofText, .. endpoint],
        };
        if (wrong.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } odd)
        {
            string why = endpoint.Contains(odd) && given[0] == "--perplexity" ? "servers do not tell the likelihoods of a long text"
                : endpoint.Contains(odd) ? $"it belongs to {endpoint[0].Name}"
                : ofText.Contains(odd) ? "it belongs to --perplexity"
                : ofQuestions.Contains(odd) ? "it belongs to questions"
                : server ? "the server has the model" : "no model is loaded";
            throw new GemmaVkException($"{odd.Name} and {(server && !endpoint.Contains(odd) && !ofText.Contains(odd) ? endpoint[0].Name : given[0])}: expected one of them, because {why}; drop one.");
        }
    }
}
