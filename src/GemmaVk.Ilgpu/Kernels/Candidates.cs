using System;
using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Kernels;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: V vocabulary, l a logit after temperature, p = e^(l - top).

/// <summary>
/// What is left of one row of logits while <see cref="Sample"/> narrows it down: all logits above a floor, and of those on
/// the floor the first few. Logits are compared as integers in the order of the floats, and found bit by bit; probabilities are
/// added as integers of 44 fractional bits.
/// </summary>
internal struct Candidates(long row)
{
    private const float One = 17592186044416f;

    private readonly long _row = row;
    private float _top = 0;
    private uint _floor = 0;
    private long _ties = long.MaxValue;

    /// <summary>The lowest id with the largest logit; -1 where a logit is NaN or infinite, or no id is left.</summary>
    public int Best<TLanes>(in Call call, ArrayView<float> shared)
        where TLanes : struct, ILanes
    {
        float top = float.NegativeInfinity;
        float broken = 0;
        for (int i = TLanes.Index; i < call.V; i += TLanes.Count)
        {
            float l = Logit(call, i);
            broken = l < float.PositiveInfinity ? broken : 1;
            top = MathF.Max(top, l);
        }

        if (TLanes.Largest(broken, shared) > 0)
        {
            return -1;
        }

        _top = TLanes.Largest(top, shared);
        if (_top == float.NegativeInfinity)
        {
            return -1;
        }

        int id = call.V;
        for (int i = TLanes.Index; i < call.V && id == call.V; i += TLanes.Count)
        {
            id = Logit(call, i) == _top ? i : id;
        }

        // Ids are below 2^24, so floats hold them.
        return (int)-TLanes.Largest(-id, shared);
    }

    /// <summary>4: the floor becomes the k-th largest logit.</summary>
    public void TopK<TLanes>(in Call call, ArrayView<long> shared)
        where TLanes : struct, ILanes
    {
        for (uint bit = 0x80000000; bit != 0 && call.TopK > 0 && call.TopK < call.V; bit >>= 1)
        {
            _floor = Count<TLanes>(call, _floor | bit, shared) >= call.TopK ? _floor | bit : _floor;
        }
    }

    /// <summary>5: the floor becomes the last logit up to which no more than 1 - topP is dropped; of its equals lower ids stay.</summary>
    public void TopP<TLanes>(in Call call, ArrayView<long> shared)
        where TLanes : struct, ILanes
    {
        if (call.TopP >= 1)
        {
            return;
        }

        long limit = (long)(Below<TLanes>(call, uint.MaxValue, shared) * (1 - call.TopP));
        uint cut = 0;
        for (uint bit = 0x80000000; bit != 0; bit >>= 1)
        {
            cut = Below<TLanes>(call, cut | bit, shared) <= limit ? cut | bit : cut;
        }

        uint highest = Key(_top);
        cut = cut < highest ? cut : highest;
        long below = Below<TLanes>(call, cut, shared);
        long ties = Count<TLanes>(call, cut, shared) - Count<TLanes>(call, cut + 1, shared);
        long each = Mass(Float(cut));
        long dropped = each > 0 ? (limit - below) / each : 0;
        _ties = ties - (dropped < ties ? dropped : ties - 1);
        _floor = cut;
    }

    /// <summary>How many of the ids from .. to - 1 lie on the floor.</summary>
    public readonly long Ties(in Call call, int from, int to)
    {
        long ties = 0;
        for (int i = from; i < to; i++)
        {
            ties += Key(Logit(call, i)) == _floor ? 1 : 0;
        }

        return ties;
    }

    /// <summary>6 and 8: adds what is left of the ids from .. to - 1 until the sum exceeds <paramref name="target"/>.</summary>
    /// <returns>The sum.</returns>
    public readonly long Walk(in Call call, int from, int to, long tiesBefore, long target, out int id)
    {
        long sum = 0;
        id = from;
        for (int i = from; i < to && sum <= target; i++)
        {
            float l = Logit(call, i);
            uint key = Key(l);
            bool tie = key == _floor;
            float p = Numbers.Exp(l - _top);
            if (key >= _floor && (!tie || tiesBefore < _ties) && p >= call.MinP && p > 0)
            {
                sum += (long)(p * One);
                id = i;
            }

            tiesBefore += tie ? 1 : 0;
        }

        return sum;
    }

    /// <summary>Sum of the values of all lanes before this one.</summary>
    public static long Before<TLanes>(long value, ArrayView<long> shared)
        where TLanes : struct, ILanes
    {
        shared[TLanes.Index] = value;
        TLanes.Wait();
        long before = 0;
        for (int lane = 0; lane < TLanes.Index; lane++)
        {
            before += shared[lane];
        }

        TLanes.Wait();
        return before;
    }

    private readonly long Count<TLanes>(in Call call, uint least, ArrayView<long> shared)
        where TLanes : struct, ILanes
    {
        long count = 0;
        for (int i = TLanes.Index; i < call.V; i += TLanes.Count)
        {
            count += Key(Logit(call, i)) >= least ? 1 : 0;
        }

        return TLanes.Sum(count, shared);
    }

    private readonly long Below<TLanes>(in Call call, uint end, ArrayView<long> shared)
        where TLanes : struct, ILanes
    {
        long mass = 0;
        for (int i = TLanes.Index; i < call.V; i += TLanes.Count)
        {
            float l = Logit(call, i);
            uint key = Key(l);
            mass += key >= _floor && key < end ? Mass(l) : 0;
        }

        return TLanes.Sum(mass, shared);
    }

    private readonly long Mass(float l) => (long)(Numbers.Exp(l - _top) * One);

    // Minus zero becomes zero, because keys tell them apart and comparisons do not.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly float Logit(in Call call, int i)
    {
        float l = call.Logits[_row + i];
        l = call.Temperature == 0 ? l : l / call.Temperature;
        return l == 0 ? 0 : l;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Key(float l)
    {
        uint bits = (uint)BitConverter.SingleToInt32Bits(l);
        return (bits >> 31) != 0 ? ~bits : bits | 0x80000000;
    }

    private static float Float(uint key) => BitConverter.Int32BitsToSingle((int)((key >> 31) != 0 ? key & 0x7FFFFFFF : ~key));

    internal struct Call
    {
        public ArrayView<float> Logits;
        public ArrayView<int> Suppress;
        public ArrayView<int> Allowed;
        public ArrayView<int> Positions;
        public ArrayView<int> Ids;
        public int T;
        public int V;
        public int S;
        public float Temperature;
        public int TopK;
        public float TopP;
        public float MinP;
        public ulong Seed;
    }
}
