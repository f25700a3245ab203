using System.Collections.Immutable;
using GemmaVk.Runtime.Drafting;

namespace GemmaVk.Runtime.Planning;

/// <summary>The names of a plan's items.</summary>
public static class PlanItems
{
    /// <summary>All names, in the order in which they are listed.</summary>
    internal static readonly ImmutableArray<string> Order =
    [
        Attention, FeedForward, Norms, Embedding, Outline, Vision, Audio, Drafter, SlidingKv, FullKv, Prefixes, Activations, Logits, DrafterActivations,
        MediaActivations, Scratch, Staging, Alignment, Measuring, Reserve,
    ];

    /// <summary>Matrices of the attention: q, k, v, o.</summary>
    public const string Attention = "attention weights";

    /// <summary>Matrices of the feed-forward layers: gate, up, down.</summary>
    public const string FeedForward = "feed-forward weights";

    /// <summary>Norms.</summary>
    public const string Norms = "norms";

    /// <summary>Token rows, which are also the head.</summary>
    public const string Embedding = "embedding and head";

    /// <summary>Smaller copies of the model's and the drafter's head, by which their rows are looked through.</summary>
    public const string Outline = "head outlines";

    /// <summary>The picture embedder.</summary>
    public const string Vision = "vision weights";

    /// <summary>The sound embedder.</summary>
    public const string Audio = "audio weights";

    /// <summary>Activations of the two embedders.</summary>
    public const string MediaActivations = "vision and audio activations";

    /// <summary>The drafter's layers and head.</summary>
    public const string Drafter = "drafter weights";

    /// <summary>The drafter's activations.</summary>
    public const string DrafterActivations = "drafter activations";

    /// <summary>Keys and values of the sliding layers: rings of the window and a chunk.</summary>
    public const string SlidingKv = "sliding KV rings";

    /// <summary>Keys and values of the full layers: every position of the context.</summary>
    public const string FullKv = "full-layer KV";

    /// <summary>Copies of what conversations begin with alike (<see cref="Runtime.Prefixes.PrefixStore"/>).</summary>
    public const string Prefixes = "shared prefixes";

    /// <summary>Rows on their way through the layers.</summary>
    public const string Activations = "activations";

    /// <summary>Logits, ids, positions, angles: what the host writes and reads on every step.</summary>
    public const string Logits = "logits and step inputs";

    /// <summary>Memory that kernels use while they run.</summary>
    public const string Scratch = "kernel scratch";

    /// <summary>Slots through which memory is copied that the host cannot see.</summary>
    public const string Staging = "staging";

    /// <summary>What each piece is rounded up by.</summary>
    public const string Alignment = "alignment";

    /// <summary>What bench reads to measure the device's bandwidth.</summary>
    public const string Measuring = "bandwidth measurement";

    /// <summary>What process and driver take for themselves.</summary>
    public const string Reserve = "process and driver reserve";
}
