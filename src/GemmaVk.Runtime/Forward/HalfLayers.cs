using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Forward;

// Step 7 of the token path; from LayerForward, to the kernels.
// Letters: T rows in this pass, D hidden size, F FFN size, W head width.

/// <summary>
/// What the halves of a layer are made of, in the model (<see cref="LayerForward"/>) and in its drafter alike: rows as matrices take them, products,
/// attention of few rows, the gate, and the seam that closes a half.
/// </summary>
/// <param name="b">Where rows are.</param>
/// <param name="precision">In which numbers.</param>
/// <param name="D">Hidden size.</param>
/// <param name="eps">Of the norms.</param>
internal abstract class HalfLayers(ILayerBuffers b, Precision precision, int D, float eps)
{
    /// <summary>The rows as the weights want them: INT8 for weights of integers, F32 otherwise or on request.</summary>
    public Activations Input(IPass pass, BufferHandle x, WeightMatrix w, int T)
    {
        if (Quantises(w))
        {
            pass.QuantizeRows(new(x, b.Quantised, w.Format, T, w.K));
        }

        return Prepared(x, w);
    }

    /// <summary>What <see cref="Input"/>, or the kernel that made the rows, has made of them.</summary>
    public Activations Prepared(BufferHandle x, WeightMatrix w) => Quantises(w) ? b.Quantised : new Activations(x);

    /// <summary>The rows for a further product of one input: made anew only where its weights take others than the last one's.</summary>
    protected Activations Again(IPass pass, BufferHandle x, WeightMatrix last, WeightMatrix w, int T) =>
        QuantBlocks.TakeSameRows(last.Format, w.Format) ? Prepared(x, w) : Input(pass, x, w, T);

    /// <summary>Few rows' attention over a cache; with the INT8 rows that o_proj takes, where one kernel makes both.</summary>
    protected void AttendFew(IPass pass, in AttentionDecode.Args attention, WeightMatrix o)
    {
        if (Quantises(o) && AttentionDecodeQuantize.Takes(attention.W))
        {
            pass.AttentionDecodeQuantize(new(attention, b.Quantised, o.Format));
        }
        else
        {
            pass.AttentionDecode(attention);
        }
    }

    /// <summary>The rows that o_proj takes, after <see cref="AttendFew"/> in heads of that width.</summary>
    protected Activations Attended(IPass pass, WeightMatrix o, int W, int T) =>
        AttentionDecodeQuantize.Takes(W) ? Prepared(b.Attention, o) : Input(pass, b.Attention, o, T);

    /// <summary>gate_proj and up_proj with the gate between them; the rows that down_proj takes.</summary>
    protected Activations Gate(IPass pass, WeightMatrix gate, WeightMatrix up, WeightMatrix down, int T)
    {
        Activations m = Prepared(b.A, gate);
        if (Joins(T, gate, up) && Quantises(gate) == Quantises(down))
        {
            Activations gated = Quantises(down) ? b.Gated : new Activations(b.Gate);
            pass.MatVecGeGlu(new(m, gate, up, b.Gate, b.Up, gated, down.Format, T));
            return gated;
        }

        Linear(pass, m, gate, b.Gate, T);
        Linear(pass, Again(pass, b.A, gate, up, T), up, b.Up, T);
        pass.GeGlu(new(b.Gate, b.Up, b.Gate, T, gate.N));
        return Input(pass, b.Gate, down, T);
    }

    /// <summary>Closes a half layer, and prepares b.A for the matrix that takes it.</summary>
    protected void Close(IPass pass, BufferHandle post, float scale, BufferHandle nextNorm, WeightMatrix? next, int T)
    {
        AddRmsNorm.Args norm = new(b.X, b.Y, post, scale, nextNorm, b.A, T, D, eps);
        if (next is not null && Quantises(next))
        {
            pass.AddRmsNormQuantize(new(norm, b.Quantised, next.Format));
        }
        else
        {
            pass.AddRmsNorm(norm);
        }
    }

    /// <summary>
    /// Where matrices with one input go through one kernel: in passes of few rows, if they are alike. Files of K-quants often give them
    /// different formats; each is then a product of its own. It does not depend on T otherwise, so a row has the same bits in all of those passes.
    /// </summary>
    protected static bool Joins(int T, WeightMatrix first, WeightMatrix second, WeightMatrix? third = null) =>
        T <= MatVec.MaxRows && first.IsLike(second) && (third is null || first.IsLike(third));

    /// <summary>The product of rows with a matrix.</summary>
    protected static void Linear(IPass pass, in Activations x, WeightMatrix w, BufferHandle y, int T)
    {
        if (T <= MatVec.MaxRows)
        {
            pass.MatVec(new(x, w, y, T));
        }
        else
        {
            pass.MatMul(new(x, w, y, T));
        }
    }

    private bool Quantises(WeightMatrix w) => precision.Quantises(w.Format);
}
