using System.CommandLine;

namespace GemmaVk.Cli.Options;

/// <summary>The flags that choose how answers are made.</summary>
internal sealed class AnswerOptions
{
    private readonly WholeOption _maxTokens = new(
        "--max-tokens", "Most tokens of an answer, thoughts included. Default: as many as the context holds.", 1, "leave it out for as many as the context holds");

    private readonly RealOption _temperature = new(
        "--temperature", "0 always takes the likeliest token. Default: what the checkpoint recommends.", x => x == 0 || x >= 1e-20f, "a number of 0 or more: 0, or from 1e-20 to 3.4e38", "0 is greedy, 1 the model's own distribution");

    private readonly WholeOption _topK = new(
        "--top-k", "Draw from the N likeliest tokens; 0 for all. Default: what the checkpoint recommends.", 0, "0 switches it off");

    private readonly RealOption _topP = new(
        "--top-p", "Draw from the likeliest tokens that together have probability X; 1 for all. Default: what the checkpoint recommends.", x => x is > 0 and <= 1, "a number above 0 and at most 1", "1 switches it off");

    private readonly RealOption _minP = new(
        "--min-p", "Leave out tokens less likely than X times the likeliest. Default: 0, off.", x => x is >= 0 and < 1, "a number from 0 and below 1", "0 switches it off");

    private readonly SeedOption _seed = new(
        "--seed", "Key of the random draw. Default: 0, so the same command gives the same answer; another seed gives another.");

    private readonly Option<bool> _think = new("--think") { Description = "Let the model think before it answers; thoughts go to standard error." };

    private readonly Option<string?> _system = new("--system") { Description = "Instructions that hold for the whole conversation.", HelpName = "TEXT" };

    private readonly WholeOption _context = new(
        "--context", "Most tokens of prompt and answers together. Default: as many as the memory holds, at most what the model allows.", 1, "leave it out for the default");

    public void AddTo(Command command)
    {
        command.Options.Add(_maxTokens);
        command.Options.Add(_temperature);
        command.Options.Add(_topK);
        command.Options.Add(_topP);
        command.Options.Add(_minP);
        command.Options.Add(_seed);
        command.Options.Add(_think);
        command.Options.Add(_system);
        command.Options.Add(_context);
    }

    /// <summary>Most positions of a session, or null for the engine's default.</summary>
    public int? Context(ParseResult parsed) => _context.Read(parsed);

    /// <summary>Whether a flag was given that only a chat template can honour.</summary>
    public string? NeedsTemplate(ParseResult parsed) =>
        parsed.GetValue(_think) ? "--think" : parsed.GetValue(_system) is not null ? "--system" : null;

    public AskOptions Read(ParseResult parsed) => new()
    {
        System = parsed.GetValue(_system),
        Think = parsed.GetValue(_think),
        MaxTokens = _maxTokens.Read(parsed),
        Draw = new DrawOptions(
            _temperature.Read(parsed), _topK.Read(parsed), _topP.Read(parsed), _minP.Read(parsed), _seed.Read(parsed)),
    };
}
