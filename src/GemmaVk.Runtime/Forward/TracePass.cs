using System;
using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Forward;

/// <summary>
/// A pass that runs each kernel at once and reads what it wrote. Where a kernel fuses two steps, the first of them is
/// run by itself beforehand, into a buffer of its own, so that no step stays hidden; kernels that fuse more are run in parts (TracePass.Fused.cs).
/// </summary>
internal sealed partial class TracePass : IPass
{
    private readonly GemmaModel _model;
    private readonly int _first;
    private readonly bool _steps;
    private readonly Tracer.Sink _sink;
    private readonly Dictionary<object, (int Layer, string Step)> _names = [];
    private int _layer;

    /// <param name="model">Whose buffers are read.</param>
    /// <param name="first">Position of the first row: where its rows go in the trace.</param>
    /// <param name="steps">Whether single steps are wanted.</param>
    /// <param name="sink">Receives the rows.</param>
    public TracePass(GemmaModel model, int first, bool steps, Tracer.Sink sink)
    {
        _model = model;
        _first = first;
        _steps = steps;
        _sink = sink;
        for (int i = 0; i < model.Weights.Layers.Count; i++)
        {
            LayerWeights w = model.Weights.Layers[i];
            _names[w.QProj] = (i, "q_proj");
            _names[w.KProj] = (i, "k_proj");
            _names[w.OProj] = (i, "o_proj");
            _names[w.GateProj] = (i, "gate");
            _names[w.UpProj] = (i, "up");
            _names[w.DownProj] = (i, "down");
            _names[w.QNorm] = (i, "q");
            _names[w.KNorm] = (i, "k");
            _names[w.PostAttentionLayernorm] = (i, "post_attn_norm");
            _names[w.PostFeedforwardLayernorm] = (i, "post_ff_norm");
            if (w.VProj is not null)
            {
                _names[w.VProj] = (i, "v_proj");
            }
        }
    }

    public void CutPatches(in CutPatches.Args args)
    {
        CutPatches.Args a = args;
        Now(pass => pass.CutPatches(a));
    }

    public void LayerNorm(in LayerNorm.Args args)
    {
        LayerNorm.Args a = args;
        Now(pass => pass.LayerNorm(a));
    }

    public void AddPositions(in AddPositions.Args args)
    {
        AddPositions.Args a = args;
        Now(pass => pass.AddPositions(a));
    }

    public void PlaceRows(in PlaceRows.Args args)
    {
        PlaceRows.Args a = args;
        Now(pass => pass.PlaceRows(a));
    }

    public void Embed(in Embed.Args args)
    {
        Embed.Args a = args;
        Now(pass => pass.Embed(a));
        Take("hidden.0", a.X, a.T, a.Table.K);
    }

    public void RmsNorm(in RmsNorm.Args args)
    {
        RmsNorm.Args a = args;
        Now(pass => pass.RmsNorm(a));
        if (a.Weight is null)
        {
            int K = _model.Plan[_layer].NumKeyValueHeads;
            Step("v", a.Y, a.R / K, K * a.D);
        }
        else
        {
            Step("attn_norm", a.Y, a.R, a.D);
        }
    }

    public void QuantizeRows(in QuantizeRows.Args args)
    {
        QuantizeRows.Args a = args;
        Now(pass => pass.QuantizeRows(a));
    }

    public void MatVec(in MatVec.Args args)
    {
        MatVec.Args a = args;
        Now(pass => pass.MatVec(a));
        Product(a.W, a.Y, a.T);
    }

    public void MatMul(in MatMul.Args args)
    {
        MatMul.Args a = args;
        Now(pass => pass.MatMul(a));
        Product(a.W, a.Y, a.T);
    }

    public void Rope(in Rope.Args args)
    {
        Rope.Args a = args;
        Now(pass => pass.Rope(a));
    }

    public void RmsNormRope(in RmsNormRope.Args args)
    {
        RmsNormRope.Args a = args;
        string head = _names[a.Weight].Step;
        if (_steps)
        {
            using BufferHandle normed = _model.Backend.Allocate("normed", DType.F32, new Shape(a.T, a.H, a.W));
            Now(pass => pass.RmsNorm(new(a.X, a.Weight, normed, a.T * a.H, a.W, a.Eps)));
            Step(head + "_norm", normed, a.T, a.H * a.W);
        }

        Now(pass => pass.RmsNormRope(a));
        Step(head + "_rope", a.Y, a.T, a.H * a.W);
    }

    public void KvAppend(in KvAppend.Args args)
    {
        KvAppend.Args a = args;
        Now(pass => pass.KvAppend(a));
    }

    public void AttentionDecode(in AttentionDecode.Args args)
    {
        AttentionDecode.Args a = args;
        Now(pass => pass.AttentionDecode(a));
        Step("attn_out", a.Out, a.T, a.H * a.W);
    }

    public void AttentionPrefill(in AttentionPrefill.Args args)
    {
        AttentionPrefill.Args a = args;
        Now(pass => pass.AttentionPrefill(a));
        Step("attn_out", a.Out, a.T, a.H * a.W);
    }

    public void AddRmsNorm(in AddRmsNorm.Args args)
    {
        AddRmsNorm.Args a = args;
        (int layer, string step) = _names[a.PostWeight];
        if (_steps)
        {
            using BufferHandle normed = _model.Backend.Allocate("normed", DType.F32, new Shape(a.T, a.D));
            Now(pass => pass.RmsNorm(new(a.Y, a.PostWeight, normed, a.T, a.D, a.Eps)));
            Step(step, normed, a.T, a.D);
        }

        Now(pass => pass.AddRmsNorm(a));
        if (step == "post_attn_norm")
        {
            Step("ff_norm_in", a.X, a.T, a.D);
            Step("ff_norm", a.A, a.T, a.D);
            return;
        }

        Step("out", a.X, a.T, a.D);
        _layer = layer + 1;
        if (_layer == _model.Plan.Count)
        {
            Take("final", a.A, a.T, a.D);
        }
        else
        {
            Take($"hidden.{_layer}", a.X, a.T, a.D);
            Step("attn_norm", a.A, a.T, a.D);
        }
    }

    public void GeGlu(in GeGlu.Args args)
    {
        GeGlu.Args a = args;
        Now(pass => pass.GeGlu(a));
        Step("gated", a.Y, a.T, a.F);
    }

    public void SoftCap(in SoftCap.Args args)
    {
        SoftCap.Args a = args;
        Now(pass => pass.SoftCap(a));
    }

    public void Sample(in Sample.Args args)
    {
        Sample.Args a = args;
        Now(pass => pass.Sample(a));
    }

    private void Product(WeightMatrix w, BufferHandle y, int T)
    {
        // The head has no name here: its rows are the logits, which the tracer takes after the soft cap.
        if (_names.TryGetValue(w, out (int Layer, string Step) name))
        {
            Step(name.Step, y, T, w.N);
        }
    }

    private void Step(string step, BufferHandle buffer, int rows, int width)
    {
        if (_steps)
        {
            Take($"{_layer}.{step}", buffer, rows, width);
        }
    }

    private void Take(string name, BufferHandle buffer, int rows, int width)
    {
        float[] values = new float[rows * width];
        _model.Backend.Read(buffer, values.AsSpan());
        _sink(name, _first, width, values);
    }

    private void Now(Action<IPass> kernel)
    {
        using IRecording recording = _model.Backend.Record("trace", kernel);
        _model.Backend.Run(recording);
    }
}
