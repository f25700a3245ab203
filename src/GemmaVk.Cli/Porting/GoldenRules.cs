using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Cli.Comparing;
using GemmaVk.Kernels.Checks;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Porting;

/// <summary>How far each array of the kit may be off, and why: the bounds of <see cref="Tolerances"/> and <see cref="ActivationTolerances"/>, which the tests use too.</summary>
internal static class GoldenRules
{
    private const string Roundings = "an F32 rounding is 6e-8, and this many of them lie on the way";

    private static readonly ArrayRule Ids = ArrayRule.Exact("ids are equal or wrong; on these prompts the two best logits are further apart than twice the logits' tolerance");

    private static readonly ArrayRule Bits = ArrayRule.Exact("the result is defined bit for bit; a NaN equals a NaN");

    private static readonly ArrayRule Activation = ArrayRule.Within(ActivationTolerances.Float32, "the same maths in another order moves a logit by up to 8e-5, which leaves room for sums in F32");

    /// <summary>Number formats.</summary>
    public static ArrayRule? Types(string name, IReadOnlyDictionary<string, NumberArray> set) => name == "float32" ? null : Bits;

    /// <summary>Norms.</summary>
    public static ArrayRule? Norms(string name, IReadOnlyDictionary<string, NumberArray> set) => name switch
    {
        "rms.y" or "rms.y_plain" => new ArrayRule(Tolerances.RmsNorm, "", $"{Roundings}: a sum of squares, a root, two products"),
        "layer.y" => new ArrayRule(Tolerances.LayerNorm, "the row's largest value before the bias", $"{Roundings}; a value near the mean keeps the rounding of the mean")
        {
            Sizes = () => TermSizes.LayerNorm(set["layer.x"].Floats(), null, set["layer.weight"].Floats(), set["layer.bias"].Floats(), (int)set["layer.x"].Extents[0], (int)set["layer.x"].Extents[1], 1e-5f),
        },
        _ => null,
    };

    /// <summary>Activations and the softcap.</summary>
    public static ArrayRule? Pointwise(string name, IReadOnlyDictionary<string, NumberArray> set) => name switch
    {
        "gelu" or "gated" => new ArrayRule(Tolerances.PublishedGeGlu, "", "the published operation is itself F32 and loses digits where 1 + tanh cancels"),
        "softcapped" => new ArrayRule(Tolerances.SoftCap, "", $"{Roundings}: tanh to two units, two quotients"),
        _ => null,
    };

    /// <summary>Angles and rotations.</summary>
    public static ArrayRule? Rope(string name, IReadOnlyDictionary<string, NumberArray> set) => name[(name.LastIndexOf('.') + 1)..] switch
    {
        "inv_freq" => new ArrayRule(Tolerances.PublishedFrequency, "", $"{Roundings}: a power and a quotient"),
        "cos" or "sin" or "cos64" or "sin64" => ArrayRule.Within(Tolerances.PublishedAngle, "cosine and sine of the angle that the file defines; the published angle is position times inv_freq rounded to F32"),
        "rotated" => new ArrayRule(Tolerances.Rope, "the largest of x", $"{Roundings}: two products and a sum that may cancel")
        {
            Sizes = () => [set[$"{name[..name.LastIndexOf('.')]}.x"].Floats().Max(MathF.Abs)],
        },
        _ => null,
    };

    /// <summary>INT4 products.</summary>
    public static ArrayRule? Int4(string name, IReadOnlyDictionary<string, NumberArray> set) => !name.EndsWith(".y", StringComparison.Ordinal) ? null
        : new ArrayRule(Tolerances.Product(DType.Q4, quantised: false), "the sum of |terms|", $"{Roundings}: partial sums, whatever their order")
        {
            Sizes = () => ProductSizes(name[..^2], set),
        };

    /// <summary>Attention.</summary>
    public static ArrayRule? Attention(string name, IReadOnlyDictionary<string, NumberArray> set) => name != "out" ? null
        : new ArrayRule(Tolerances.PublishedAttention, "the largest of v", "errors of the scores become relative errors of the weights; the published result is itself F32")
        {
            Sizes = () => [set["v"].Floats().Max(MathF.Abs)],
        };

    /// <summary>GGUF's blocks.</summary>
    public static ArrayRule? Gguf(string name, IReadOnlyDictionary<string, NumberArray> set) => name.EndsWith(".values", StringComparison.Ordinal) ? Bits : null;

    /// <summary>Activations of a run.</summary>
    public static ArrayRule? Trace(string name, IReadOnlyDictionary<string, NumberArray> set) => name switch
    {
        "ids" or "kinds" => null,
        "greedy" => Ids,
        _ => name.StartsWith("image.", StringComparison.Ordinal) || name.StartsWith("video.", StringComparison.Ordinal) || name.StartsWith("audio.", StringComparison.Ordinal) ? null : Activation,
    };

    /// <summary>Drafts.</summary>
    public static ArrayRule? Drafts(string name, IReadOnlyDictionary<string, NumberArray> set) => name == "ids" ? null : name.EndsWith(".tokens", StringComparison.Ordinal) ? Ids : Activation;

    /// <summary>Pictures, sounds and clips.</summary>
    public static ArrayRule? Media(string name, IReadOnlyDictionary<string, NumberArray> set) =>
        ArrayRule.Exact("levels, samples and places are whole numbers or their exact quotients; a level that is off by one is another formula");

    /// <summary>Distributions.</summary>
    public static ArrayRule? Sampling(string name, IReadOnlyDictionary<string, NumberArray> set) => name.StartsWith("logits.", StringComparison.Ordinal) ? null
        : ArrayRule.Within(Tolerances.Probability(""), "sums in F32 or better; every decision of top-p and min-p is further than 2e-6 from its threshold");

    /// <summary>What is made of JSON: ids and texts.</summary>
    public static ArrayRule? Texts(string name, IReadOnlyDictionary<string, NumberArray> set) =>
        name.StartsWith("stream.", StringComparison.Ordinal) || name.StartsWith("parse.", StringComparison.Ordinal) ? ArrayRule.Exact("text is equal or wrong") with { As = ComparedAs.Json }
        : name == "accept" ? ArrayRule.Within(Tolerances.Probability(""), "as the distributions that it is taken from")
        : ArrayRule.Exact("ids and text are equal or wrong");

    private static float[] ProductSizes(string name, IReadOnlyDictionary<string, NumberArray> set)
    {
        NumberArray x = set[$"{name}.x"], packed = set[$"{name}.packed"], scale = set[$"{name}.scale"];
        RandomMatrix matrix = new(DType.Q4, (int)packed.Extents[0], (int)x.Extents[1], packed.Bytes(), System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(scale.Bytes()).ToArray());
        return TermSizes.Product(matrix, x.Floats(), (int)x.Extents[0]);
    }
}
