using System;
using GemmaVk.Model;

namespace GemmaVk.Runtime.Forward;

// Letters: T tokens in this pass, W head width.

/// <summary>
/// Cosines and sines for the positions of a pass, computed on the host because no device's own sine is exact enough at
/// large positions. One instance per kind of layer.
/// <code>
/// inv_freq[i] = 1 / theta^(2i/W) for i &lt; rotated pairs, 0 for the others (cosine 1, sine 0)
/// row t: cos(p inv_freq[i]) for i in 0 .. W/2 - 1, then sin(p inv_freq[i])        p = position of row t
/// </code>
/// Full layers ("proportional") rotate only the first quarter of the pairs, with the full width in the exponent.
/// Source: transformers modeling_rope_utils, _compute_default_rope_parameters and _compute_proportional_rope_parameters.
/// </summary>
public sealed class RopeAngles
{
    private readonly float[] _invFreq;
    private readonly AngleDefinition _definition;

    /// <summary>Prepares the frequencies of one kind of layer.</summary>
    public RopeAngles(LayerPlan layer, AngleDefinition definition)
    {
        W = layer.HeadDim;
        _definition = definition;
        _invFreq = new float[layer.RotatedPairs];
        for (int i = 0; i < _invFreq.Length; i++)
        {
            // Exponent, power and reciprocal are each rounded to F32: the model was trained with these very frequencies.
            float exponent = (float)(2 * i) / layer.RopeDenominator;
            _invFreq[i] = 1f / (float)Math.Pow(layer.RopeTheta, exponent);
        }
    }

    /// <summary>Head width: floats per row.</summary>
    public int W { get; }

    /// <summary>Writes a row of W floats for each position.</summary>
    /// <param name="positions">T positions.</param>
    /// <param name="rows">[T, W].</param>
    public void Fill(ReadOnlySpan<int> positions, Span<float> rows)
    {
        int half = W / 2;
        for (int t = 0; t < positions.Length; t++)
        {
            Span<float> cos = rows.Slice(t * W, half);
            Span<float> sin = rows.Slice((t * W) + half, half);
            cos.Fill(1);
            sin.Clear();
            for (int i = 0; i < _invFreq.Length; i++)
            {
                double angle = _definition == AngleDefinition.Exact
                    ? positions[t] * (double)_invFreq[i]
                    : (float)positions[t] * _invFreq[i];
                (double s, double c) = Math.SinCos(angle);
                cos[i] = (float)c;
                sin[i] = (float)s;
            }
        }
    }

    /// <summary>
    /// Angles of positions 0, step, 2 step, ... for <see cref="Kernels.KeysFromValues"/>: a row has P cosines, then P sines,
    /// where P counts the pairs that rotate.
    /// </summary>
    public float[] Table(int count, int step)
    {
        int P = _invFreq.Length;
        float[] table = new float[count * 2 * P];
        for (int row = 0; row < count; row++)
        {
            for (int i = 0; i < P; i++)
            {
                (double s, double c) = Math.SinCos((double)row * step * _invFreq[i]);
                table[(row * 2 * P) + i] = (float)c;
                table[(row * 2 * P) + P + i] = (float)s;
            }
        }

        return table;
    }
}
