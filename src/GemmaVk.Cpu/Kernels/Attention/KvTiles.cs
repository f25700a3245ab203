using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels.Attention;

// Letters: K KV heads, W head width, R rows of the cache, P pairs that rotate.

/// <summary>Fills tiles with a layer's keys and values as floats, however they are stored.</summary>
internal unsafe struct KvTiles
{
    private CacheRows _keys;
    private CacheRows _values;
    private float* _norm;
    private float* _coarse;
    private float* _fine;
    private int _pairs;
    private int _w;

    /// <summary>Keys are rebuilt from values: a tile of values must then stay beside the tile of keys.</summary>
    public bool ValuesOnly { get; private set; }

    /// <summary>P; 0 where keys are kept.</summary>
    public readonly int Pairs => _pairs;

    /// <summary>What a value is multiplied with to become a key, before it is rotated, [W].</summary>
    public readonly float* Norm => _norm;

    /// <summary>Values as they are stored.</summary>
    public readonly CacheRows Values => _values;

    /// <summary>What keys come from, as it is stored.</summary>
    public readonly CacheRows Keys => ValuesOnly ? _values : _keys;

    public static KvTiles Of(in KvRows rows, int K, int W)
    {
        KvTiles tiles = new() { _values = CacheRows.Of(rows.Values, rows.ValueScales, K, rows.R, W), _w = W, ValuesOnly = rows.Keys is null };
        if (rows.Keys is not null)
        {
            tiles._keys = CacheRows.Of(rows.Keys, rows.KeyScales, K, rows.R, W);
            return tiles;
        }

        KeysFromValues from = rows.FromValues!;
        long last = ((rows.R - 1) / KeysFromValues.Step) + 1;
        tiles._norm = CpuBuffer.Of<float>(from.Norm, DType.F32, W);
        tiles._coarse = CpuBuffer.Of<float>(from.Coarse, DType.F32, last * 2 * from.Pairs);
        tiles._fine = CpuBuffer.Of<float>(from.Fine, DType.F32, (long)KeysFromValues.Step * 2 * from.Pairs);
        tiles._pairs = from.Pairs;
        return tiles;
    }

    /// <summary>The key of a position, and with values only also its value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Key<L, TF>(int head, int position, float* key, float* value)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        if (ValuesOnly)
        {
            _values.Widen<L, TF>(head, position, value);
            Rebuild<L, TF>(value, position, key);
        }
        else
        {
            _keys.Widen<L, TF>(head, position, key);
        }
    }

    /// <summary>The stored rows from a position on.</summary>
    public readonly TileAhead Ahead(int head, int position, int rows) =>
        new(ValuesOnly ? null : _keys.Row(head, position), _values.Row(head, position), rows * _values.RowBytes);

    /// <summary>The value of a position, from which its key can be rebuilt.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Stored<L, TF>(int head, int position, float* value)
        where L : struct, ILanes<TF>
        where TF : unmanaged => _values.Widen<L, TF>(head, position, value);

    /// <summary>The value of a position, unless <see cref="Key"/> has left it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Value<L, TF>(int head, int position, float* value)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        if (!ValuesOnly)
        {
            _values.Widen<L, TF>(head, position, value);
        }
    }

    private readonly void Rebuild<L, TF>(float* value, int position, float* key)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        int half = _w / 2;
        Turn<L, TF>(value, position, key, key + half);
        Scale<L, TF>(value, key, _pairs, half);
        Scale<L, TF>(value, key, half + _pairs, _w);
    }

    /// <summary>The P pairs of a rebuilt key that rotate: columns i in <paramref name="first"/>, columns i + W/2 in <paramref name="second"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Turn<L, TF>(float* value, int position, float* first, float* second)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        int half = _w / 2;
        float* coarse = _coarse + ((long)(position / KeysFromValues.Step) * 2 * _pairs);
        float* fine = _fine + ((long)(position % KeysFromValues.Step) * 2 * _pairs);
        int i = 0;
        for (; i + L.Count <= _pairs; i += L.Count)
        {
            (TF a, TF b) = (L.Load(coarse + i), L.Load(coarse + _pairs + i));
            (TF c, TF d) = (L.Load(fine + i), L.Load(fine + _pairs + i));
            TF cos = L.Subtract(L.Multiply(a, c), L.Multiply(b, d));
            TF sin = L.Fma(b, c, L.Multiply(a, d));
            TF x = L.Multiply(L.Load(value + i), L.Load(_norm + i));
            TF y = L.Multiply(L.Load(value + half + i), L.Load(_norm + half + i));
            L.Store(L.Subtract(L.Multiply(x, cos), L.Multiply(y, sin)), first + i);
            L.Store(L.Fma(y, cos, L.Multiply(x, sin)), second + i);
        }

        for (; i < _pairs; i++)
        {
            float cos = (coarse[i] * fine[i]) - (coarse[_pairs + i] * fine[_pairs + i]);
            float sin = (coarse[_pairs + i] * fine[i]) + (coarse[i] * fine[_pairs + i]);
            float x = value[i] * _norm[i];
            float y = value[half + i] * _norm[half + i];
            first[i] = (x * cos) - (y * sin);
            second[i] = (y * cos) + (x * sin);
        }
    }

    private readonly void Scale<L, TF>(float* value, float* key, int from, int to)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        int w = from;
        for (; w + L.Count <= to; w += L.Count)
        {
            L.Store(L.Multiply(L.Load(value + w), L.Load(_norm + w)), key + w);
        }

        for (; w < to; w++)
        {
            key[w] = value[w] * _norm[w];
        }
    }
}
