using System;
using System.Numerics;

namespace GemmaVk.Media.Audio;

/// <summary>
/// Changes a stream of samples to 16 kHz: a polyphase filter, a sinc in a Kaiser window (J. O. Smith, Digital Audio Resampling Home Page).
/// With L/M = 16000/rate in lowest terms, output n lies at the input time n M / L; of the L phases each has its own weights,
/// whose sum is 1. It passes what is below 0.82 of the lower of both Nyquist frequencies and holds the rest 90 dB down from there on.
/// n samples become ceil(n L / M); before the first and behind the last there is silence.
/// </summary>
internal sealed class Resampler
{
    /// <summary>The model's rate, in Hz.</summary>
    public const int TargetRate = 16_000;

    // Zero crossings of the sinc on each side, the cut-off as a share of the Nyquist frequency, and the window's shape for 90 dB.
    private const int Crossings = 32;
    private const double CutOff = 0.91;
    private const double Beta = 8.96;

    private readonly int _up;
    private readonly int _down;
    private readonly int _half;
    private readonly float[] _weights;
    private float[] _input;
    private long _inputStart;
    private int _inputCount;
    private long _outputs;
    private long? _end;

    /// <param name="rate">Of the input, in Hz.</param>
    public Resampler(int rate)
    {
        int divisor = (int)BigInteger.GreatestCommonDivisor(rate, TargetRate);
        _up = TargetRate / divisor;
        _down = rate / divisor;
        double band = Math.Min(1, (double)TargetRate / rate) * CutOff;
        _half = (int)Math.Ceiling(Crossings / band);
        _weights = MakeWeights(_up, _half, band);

        // Silence before the first sample, as far as the first output looks back.
        _input = new float[4 * _half];
        _inputStart = 1 - _half;
        _inputCount = _half - 1;
    }

    private int Taps => 2 * _half;

    /// <summary>Takes samples.</summary>
    public void Add(ReadOnlySpan<float> samples)
    {
        MakeRoom(samples.Length);
        samples.CopyTo(_input.AsSpan(_inputCount));
        _inputCount += samples.Length;
    }

    /// <summary>Says that no more samples come: silence follows.</summary>
    public void End()
    {
        if (_end is null)
        {
            long samples = _inputStart + _inputCount;
            _end = ((samples * _up) + _down - 1) / _down;
            MakeRoom(Taps);
            _input.AsSpan(_inputCount, Taps).Clear();
            _inputCount += Taps;
        }
    }

    /// <summary>Gives samples at 16 kHz, as many as there are.</summary>
    /// <returns>How many; 0 asks for more input, or is the end.</returns>
    public int Take(Span<float> output)
    {
        int made = 0;
        for (; made < output.Length && (_end is null || _outputs < _end); made++, _outputs++)
        {
            long at = _outputs * _down;
            long first = (at / _up) - _half + 1 - _inputStart;
            if (first + Taps > _inputCount)
            {
                break;
            }

            int phase = (int)(at % _up);
            output[made] = Dot(_input.AsSpan((int)first, Taps), _weights.AsSpan(phase * Taps, Taps));
        }

        return made;
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Vector<float> sums = Vector<float>.Zero;
        int i = 0;
        for (; i <= a.Length - Vector<float>.Count && i <= b.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            sums += new Vector<float>(a[i..]) * new Vector<float>(b[i..]);
        }

        float sum = Vector.Sum(sums);
        for (; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    // [up, 2 half]: weight j of a phase belongs to the sample that lies j - half + 1 after the one at or before the output.
    private static float[] MakeWeights(int up, int half, double band)
    {
        float[] weights = new float[up * 2 * half];
        double[] phase = new double[2 * half];
        for (int p = 0; p < up; p++)
        {
            double sum = 0;
            for (int j = 0; j < phase.Length; j++)
            {
                double x = j - half + 1 - ((double)p / up);
                double edge = x / half;
                double sinc = x == 0 ? 1 : Math.Sin(Math.PI * band * x) / (Math.PI * band * x);
                phase[j] = Math.Abs(edge) >= 1 ? 0 : sinc * Bessel(Beta * Math.Sqrt(1 - (edge * edge)));
                sum += phase[j];
            }

            for (int j = 0; j < phase.Length; j++)
            {
                weights[(p * 2 * half) + j] = (float)(phase[j] / sum);
            }
        }

        return weights;
    }

    // The modified Bessel function of order 0, by its series.
    private static double Bessel(double x)
    {
        double sum = 1, term = 1;
        for (int k = 1; term > sum * 1e-12; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }

        return sum;
    }

    private void MakeRoom(int count)
    {
        // What no output looks at any more goes first.
        long needed = (_outputs * _down / _up) - _half + 1;
        int gone = (int)Math.Clamp(needed - _inputStart, 0, _inputCount);
        _input.AsSpan(gone, _inputCount - gone).CopyTo(_input);
        _inputStart += gone;
        _inputCount -= gone;
        if (_inputCount + count > _input.Length)
        {
            Array.Resize(ref _input, Math.Max(2 * _input.Length, _inputCount + count));
        }
    }
}
