using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu.Kernels.Sampling;

// Letters: V vocabulary.

/// <summary>
/// The tokens of one row that are still in the draw, in the order of their ids, with their weights e^(l - max) in F64.
/// Weights stay unnormalised: every rule compares with a share of their sum.
/// </summary>
internal unsafe struct Candidates
{
    /// <summary>Values per block of the first look at a row.</summary>
    private const int Block = 512;

    private const int Bins = 4096;

    private readonly int _v;
    private readonly double* _weight;
    private readonly double* _bins;
    private readonly float* _sorted;
    private readonly float* _value;
    private readonly int* _id;
    private int _count;
    private float _largest;

    /// <summary>Lays the lists out in <paramref name="workspace"/> of <see cref="Bytes"/> bytes.</summary>
    public Candidates(byte* workspace, int V)
    {
        _v = V;
        _weight = (double*)workspace;
        _bins = _weight + V;
        _sorted = (float*)(_bins + Bins);
        _value = _sorted + V;
        _id = (int*)(_value + V);
        _count = 0;
        _largest = float.NegativeInfinity;
    }

    /// <summary>Room for a row in which everything stays.</summary>
    public static long Bytes(int V) => (((20L * V) + (8 * Bins)) + 63) & ~63;

    /// <summary>Takes every value that is at least the k-th largest; all but minus infinities when k is 0.</summary>
    public void Collect<L, TF>(float* l, int topK)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        bool all = topK <= 0 || topK >= _v;
        Above<L, TF>(l, all ? float.NegativeInfinity : Floor<L, TF>(l, topK));
        if (!all && _count > topK)
        {
            new ReadOnlySpan<float>(_value, _count).CopyTo(new Span<float>(_sorted, _count));
            new Span<float>(_sorted, _count).Sort();
            float least = _sorted[_count - topK];
            Keep(least);
        }

        for (int i = 0; i < _count; i++)
        {
            _weight[i] = Math.Exp((double)_value[i] - _largest);
        }
    }

    /// <summary>Drops from the smallest up while what was dropped is at most 1 - p of the sum; the largest stays.</summary>
    public void TopP(float p)
    {
        if (p >= 1 || _count < 2)
        {
            return;
        }

        // A histogram over the values finds the bin in which the running sum crosses; only that bin is put in order.
        double limit = (1 - (double)p) * Total();
        new Span<double>(_bins, Bins).Clear();
        for (int i = 0; i < _count; i++)
        {
            _bins[Bin(_value[i])] += _weight[i];
        }

        int bin = Bins - 1;
        double running = 0;
        while (bin > 0 && running + _bins[bin] <= limit)
        {
            running += _bins[bin--];
        }

        int members = 0;
        for (int i = 0; i < _count; i++)
        {
            if (Bin(_value[i]) == bin)
            {
                _sorted[members++] = _value[i];
            }
        }

        new Span<float>(_sorted, members).Sort();
        int dropped = 0;
        while (dropped < members)
        {
            double weight = Math.Exp((double)_sorted[dropped] - _largest);
            if (running + weight > limit || _sorted[dropped] == _largest)
            {
                break;
            }

            running += weight;
            dropped++;
        }

        // Of values equal to the one at the cut, those dropped are the ones with higher ids.
        float cut = dropped < members ? _sorted[dropped] : float.NegativeInfinity;
        int equalDropped = 0;
        while (dropped > equalDropped && _sorted[dropped - 1 - equalDropped] == cut)
        {
            equalDropped++;
        }

        if (cut == _largest)
        {
            // The maxima themselves are being cut: all but one may go.
            equalDropped = DropAmongLargest(running, limit);
        }

        KeepAtLeast(cut, equalDropped);
    }

    /// <summary>Drops weights below p times the largest weight.</summary>
    public void MinP(float p)
    {
        if (p <= 0)
        {
            return;
        }

        double total = Total();
        double least = 1 / total * p;
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            if (_weight[i] / total >= least)
            {
                Move(i, kept++);
            }
        }

        _count = kept;
    }

    /// <summary>First id whose running share of the sum exceeds u; the last one if rounding leaves none.</summary>
    public readonly int Draw(float u)
    {
        double total = Total();
        double running = 0;
        for (int i = 0; i < _count; i++)
        {
            running += _weight[i] / total;
            if (running > u)
            {
                return _id[i];
            }
        }

        return _count > 0 ? _id[_count - 1] : 0;
    }

    /// <summary>A value that at least k of the row reach: the k-th largest of the blocks' maxima.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly float Floor<L, TF>(float* l, int k)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        int blocks = 0;
        for (int i = 0; i + Block <= _v; i += Block)
        {
            _sorted[blocks++] = VectorOps.Largest<L, TF>(l + i, Block, float.NegativeInfinity);
        }

        if (blocks < k)
        {
            return float.NegativeInfinity;
        }

        new Span<float>(_sorted, blocks).Sort();
        return _sorted[blocks - k];
    }

    /// <summary>Lists what is at least <paramref name="floor"/> and not minus infinity, and finds the largest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Above<L, TF>(float* l, float floor)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        float least = Math.Max(floor, float.MinValue);
        TF wanted = L.Create(least);
        for (int i = 0; i < _v; i += L.Count)
        {
            if (i + L.Count <= _v && !L.AnyAtLeast(L.Load(l + i), wanted))
            {
                continue;
            }

            for (int j = i; j < Math.Min(i + L.Count, _v); j++)
            {
                if (l[j] >= least)
                {
                    _value[_count] = l[j];
                    _id[_count++] = j;
                    _largest = Math.Max(_largest, l[j]);
                }
            }
        }
    }

    private void Keep(float least)
    {
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            if (_value[i] >= least)
            {
                (_value[kept], _id[kept]) = (_value[i], _id[i]);
                kept++;
            }
        }

        _count = kept;
    }

    private readonly int DropAmongLargest(double running, double limit)
    {
        int equal = 0;
        for (int i = 0; i < _count; i++)
        {
            equal += _value[i] == _largest ? 1 : 0;
        }

        int dropped = 0;
        while (dropped < equal - 1 && running + 1 <= limit)
        {
            running += 1;
            dropped++;
        }

        return dropped;
    }

    private void KeepAtLeast(float cut, int equalDropped)
    {
        int equal = 0;
        for (int i = 0; i < _count; i++)
        {
            equal += _value[i] == cut ? 1 : 0;
        }

        int room = equal - equalDropped;
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            if (_value[i] > cut || (_value[i] == cut && room-- > 0))
            {
                Move(i, kept++);
            }
        }

        _count = kept;
    }

    private readonly void Move(int from, int to) =>
        (_value[to], _id[to], _weight[to]) = (_value[from], _id[from], _weight[from]);

    /// <summary>Bins of a hundredth from the largest value down; the last one holds the rest.</summary>
    private readonly int Bin(float value) => (int)Math.Min((_largest - value) * 100, Bins - 1);

    private readonly double Total()
    {
        double total = 0;
        for (int i = 0; i < _count; i++)
        {
            total += _weight[i];
        }

        return total;
    }
}
