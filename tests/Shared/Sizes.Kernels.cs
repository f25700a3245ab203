using GemmaVk.Tensors;

namespace GemmaVk.Shared;

// Letters: T rows in this pass, H query heads, K KV heads, W head width.

/// <summary>A size of a kernel's operands: each kind is a type of its own, which says how it is drawn.</summary>
public abstract record Size(int Value)
{
    public static implicit operator int(Size size) => size.Value;

    public sealed override string ToString() => $"{GetType().Name} {Value}";
}

/// <summary>Row counts: none, one, primes, and beside powers of two.</summary>
public sealed record Rows(int Value) : Size(Value);

/// <summary>One to eight rows.</summary>
public sealed record FewRows(int Value) : Size(Value);

/// <summary>Rows of a cache beyond those that a pass writes.</summary>
public sealed record SpareRows(int Value) : Size(Value);

/// <summary>Widths without a rule.</summary>
public sealed record Width(int Value) : Size(Value);

/// <summary>Even widths.</summary>
public sealed record EvenWidth(int Value) : Size(Value);

/// <summary>Even widths of heads.</summary>
public sealed record HeadWidth(int Value) : Size(Value);

/// <summary>Widths of heads that are whole groups.</summary>
public sealed record GroupedHeadWidth(int Value) : Size(Value);

/// <summary>Query heads.</summary>
public sealed record Heads(int Value) : Size(Value);

/// <summary>KV heads.</summary>
public sealed record KvHeads(int Value) : Size(Value);

/// <summary>Columns of matrices: multiples of 32, with every kind of tail.</summary>
public sealed record Columns(int Value) : Size(Value);

/// <summary>Outputs of matrices.</summary>
public sealed record Outputs(int Value) : Size(Value);

/// <summary>Rows of patches in a picture.</summary>
public sealed record PatchRows(int Value) : Size(Value);

/// <summary>Patches in a row of a picture.</summary>
public sealed record PatchColumns(int Value) : Size(Value);

/// <summary>Pixels along a patch.</summary>
public sealed record PatchSide(int Value) : Size(Value);

/// <summary>Entries of a vocabulary.</summary>
public sealed record Vocabulary(int Value) : Size(Value);

/// <summary>A format of weights.</summary>
public sealed record WeightFormat(DType DType)
{
    public override string ToString() => $"{DType}";
}

/// <summary>A format of weights with the activations it takes.</summary>
public sealed record ProductKind(DType Format, bool Quantised)
{
    public override string ToString() => Quantised ? $"{Format} by INT8" : $"{Format}";
}

/// <summary>How to draw, and for how many rows.</summary>
public sealed record DrawShape(int T, int TopK, float TopP, float MinP, float Temperature);

/// <summary>A call of attention without its rows.</summary>
public sealed record AttentionSizes(int H, int K, int W, int Start, int Window, DType Format, bool ValuesOnly);
