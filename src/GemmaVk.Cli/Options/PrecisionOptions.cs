using System.CommandLine;
using GemmaVk.Runtime;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Options;

/// <summary>The flags that choose in which numbers a model runs.</summary>
/// <param name="usual">What holds where no flag is given.</param>
internal sealed class PrecisionOptions(Precision usual)
{
    private static readonly (string, DType)[] Formats = [("int4", DType.Q4), ("int8", DType.Q8), ("bf16", DType.BF16)];

    private readonly Option<DType?> _weights = WordOption.Of(
        "--weights", "Convert the layers' matrices on loading. Default: as stored.", "leave it out to run the checkpoint's own format", Formats);

    private readonly Option<DType?> _embedding = WordOption.Of(
        "--embedding", "Convert the embedding, which is also the head. Default: int8 beside int4 or int8 weights, else as stored.", "leave it out for the default", Formats);

    private readonly Option<DType?> _kv = WordOption.Of(
        "--kv", $"Numbers of the KV cache. Default: {(usual.Kv == DType.F16 ? "fp16" : "fp32")}.", "leave it out for the default", ("fp16", DType.F16), ("fp32", DType.F32));

    private readonly Option<bool?> _activations = WordOption.Of(
        "--activations",
        $"Numbers that meet int4 and int8 weights: int8 is fast, f32 exact. Default: {(usual.QuantiseActivations is false ? "f32" : $"int8 from a hidden size of {Precision.LeastWidthForInt8} on, else f32")}.",
        "leave it out for the default",
        ("int8", true),
        ("f32", false));

    private readonly Option<AngleDefinition?> _rope = WordOption.Of(
        "--rope",
        $"Rotary angles: exact, or rounded as the published implementation rounds them. Default: {(usual.Angles == AngleDefinition.Exact ? "exact" : "published")}.",
        "leave it out for the default",
        ("exact", AngleDefinition.Exact),
        ("published", AngleDefinition.Published));

    public void AddTo(Command command)
    {
        command.Options.Add(_weights);
        command.Options.Add(_embedding);
        command.Options.Add(_kv);
        command.Options.Add(_activations);
        command.Options.Add(_rope);
    }

    public Precision Read(ParseResult parsed) => new(
        parsed.GetValue(_kv) ?? usual.Kv,
        parsed.GetValue(_activations) ?? usual.QuantiseActivations,
        parsed.GetValue(_weights) ?? usual.Linears,
        parsed.GetValue(_embedding) ?? usual.Embedding,
        parsed.GetValue(_rope) ?? usual.Angles);
}
