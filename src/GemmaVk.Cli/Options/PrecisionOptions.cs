using System.CommandLine;
using System.Linq;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Options;

/// <summary>The flags that choose in which numbers a model runs.</summary>
/// <param name="usual">What holds where no flag is given.</param>
/// <param name="embedding">What the embedding is then, in words.</param>
/// <param name="prefix">What the flags' names begin with.</param>
internal sealed class PrecisionOptions(Precision usual, string embedding = "int8 beside int4 or int8 weights, else as stored", string prefix = "--")
{
    private readonly WordOption _weights = new(
        prefix + "weights", "Convert the layers' matrices on loading. Default: as stored.", "leave it out to run the checkpoint's own format", "int4", "int8", "bf16");

    private readonly WordOption _embedding = new(
        prefix + "embedding", $"Convert the embedding, which is also the head. Default: {embedding}.", "leave it out for the default", "int4", "int8", "bf16");

    private readonly WordOption _kv = new(
        prefix + "kv",
        $"Numbers of the KV cache; int8 takes half of fp16 and rounds more. Default: {(usual.Kv == DType.F16 ? "fp16" : "fp32")}.",
        "leave it out for the default",
        "fp16",
        "int8",
        "fp32");

    private readonly WordOption _fullKv = new(
        prefix + "full-kv",
        "What full layers cache: values from which keys are rebuilt, half the memory and so twice the context, or both. "
        + $"Default: {(usual.Angles == AngleDefinition.Exact ? "values, where angles are exact" : "both")}.",
        "leave it out for the default",
        "both",
        "values");

    private readonly WordOption _activations = new(
        prefix + "activations",
        $"Numbers that meet int4 and int8 weights: int8 is fast, f32 exact. Default: {(usual.QuantiseActivations is false ? "f32" : $"int8 from a hidden size of {Precision.LeastWidthForInt8} on, else f32")}.",
        "leave it out for the default",
        "int8",
        "f32");

    private readonly WordOption _rope = new(
        prefix + "rope",
        $"Rotary angles: exact, or rounded as the published implementation rounds them. Default: {(usual.Angles == AngleDefinition.Exact ? "exact" : "published")}.",
        "leave it out for the default",
        "exact",
        "published");

    private readonly WordOption _outline = new(
        prefix + "head-outline",
        "A smaller copy of the head, which tells the few rows that can matter; tokens stay the same. Default: auto, for heads in bf16 on the CPU.",
        "leave it out for the default",
        "auto",
        "on",
        "off");

    public void AddTo(Command command)
    {
        command.Options.Add(_weights);
        command.Options.Add(_embedding);
        command.Options.Add(_kv);
        command.Options.Add(_fullKv);
        command.Options.Add(_activations);
        command.Options.Add(_rope);
        command.Options.Add(_outline);
    }

    /// <summary>Whether any of the flags is given.</summary>
    public bool IsGiven(ParseResult parsed) => ((Option[])[_weights, _embedding, _kv, _fullKv, _activations, _rope, _outline]).Any(option => parsed.GetResult(option) is not null);

    /// <exception cref="GemmaVkException">A flag has another word.</exception>
    public Precision Read(ParseResult parsed) => new(
        _kv.Read(parsed) switch { "fp16" => DType.F16, "int8" => DType.Q8, "fp32" => DType.F32, _ => usual.Kv },
        _activations.Read(parsed) switch { "int8" => true, "f32" => false, _ => usual.QuantiseActivations },
        WordOption.Format(_weights.Read(parsed)) ?? usual.Linears,
        WordOption.Format(_embedding.Read(parsed)) ?? usual.Embedding,
        _rope.Read(parsed) switch { "exact" => AngleDefinition.Exact, "published" => AngleDefinition.Published, _ => usual.Angles },
        _fullKv.Read(parsed) switch { "both" => FullKvStorage.KeysAndValues, "values" => FullKvStorage.Values, _ => usual.FullKv },
        _outline.Read(parsed) switch { "auto" => HeadOutline.Auto, "on" => HeadOutline.On, "off" => HeadOutline.Off, _ => usual.HeadOutline });
}
