using GemmaVk.Kernels;

namespace GemmaVk.Runtime.Forward;

// Kernels of several steps, as those steps.
internal sealed partial class TracePass
{
    public void MatVecQkv(in MatVecQkv.Args args)
    {
        MatVec(new(args.X, args.Q, args.QRows, args.T));
        MatVec(new(args.X, args.K, args.KRows, args.T));
        if (args.V is not null)
        {
            MatVec(new(args.X, args.V, args.VRows, args.T));
        }
    }

    public void MatVecGeGlu(in MatVecGeGlu.Args args)
    {
        (int T, int F) = (args.T, args.Gate.N);
        MatVec(new(args.X, args.Gate, args.GateRows, T));
        MatVec(new(args.X, args.Up, args.UpRows, T));
        BufferHandle gated = args.Y.Quantised ? args.GateRows : args.Y.Data;
        GeGlu(new(args.GateRows, args.UpRows, gated, T, F));
        if (args.Y.Quantised)
        {
            QuantizeRows(new(gated, args.Y, args.ForFormat, T, F));
        }
    }

    // A traced pass holds rows of one session.
    public void RmsNormRopeAppend(in RmsNormRopeAppend.Args args)
    {
        (int T, int H, int K, int W) = (args.T, args.H, args.K, args.W);
        bool keys = args.Cache.Keys is not null;
        RmsNorm(new(args.Raw, null, args.Value, T * K, W, args.Eps));
        RmsNormRope(new(args.Q, args.QWeight, args.Angles, args.Q, T, H, W, args.Eps));
        if (keys)
        {
            RmsNormRope(new(args.Key, args.KWeight, args.Angles, args.Key, T, K, W, args.Eps));
        }

        KvAppend(new(keys ? args.Key : null, args.Value, args.Cache, args.Positions, T, K, W));
    }

    public void AttentionDecodeQuantize(in AttentionDecodeQuantize.Args args)
    {
        Kernels.AttentionDecode.Args a = args.Attention;
        AttentionDecode(a);
        QuantizeRows(new(a.Out, args.Rows, args.ForFormat, a.T, a.H * a.W));
    }

    public void AddRmsNormQuantize(in AddRmsNormQuantize.Args args)
    {
        AddRmsNorm(args.Norm);
        QuantizeRows(new(args.Norm.A, args.Rows, args.ForFormat, args.Norm.T, args.Norm.D));
    }
}
