using System.CommandLine;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Options;

/// <summary><c>--index</c>: where the index of a folder is.</summary>
internal sealed class IndexOption : Option<string?>
{
    public IndexOption()
        : base("--index")
    {
        Description = "The file of the index. Default: .gemmavk-index.db in the folder itself.";
        HelpName = "FILE";
    }

    /// <summary>The path, or null for the folder's own.</summary>
    /// <exception cref="GemmaVkException">It is empty.</exception>
    public string? Read(ParseResult parsed) => parsed.GetValue(this) is not { } path ? null
        : path.Length > 0 ? HomePath.Expand(path)
        : throw new GemmaVkException("--index is empty: expected a file; give one, or leave it out for the folder's own.");
}

/// <summary><c>--rank</c>: who orders the passages that were found.</summary>
internal sealed class RankOption(string usual)
{
    private readonly WordOption _rank = new(
        "--rank", $"How passages are ordered: by words alone (BM25), or by the model too, which takes the 20 nearest in and says how likely the question is behind each. Default: {usual}.",
        "model costs about 6,000 tokens of prompt for each question", "words", "model");

    /// <summary>The flag itself.</summary>
    public static implicit operator Option(RankOption option) => option._rank;

    /// <summary>Whether the model ranks.</summary>
    public bool ByModel(ParseResult parsed) => (_rank.Read(parsed) ?? usual) == "model";
}
