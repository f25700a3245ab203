using System;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Simd;

namespace GemmaVk.Cpu.Kernels.Attention;

/// <summary>Stored rows that are needed after the products of a tile, asked for piece by piece: more at once than a core can wait for would stop it.</summary>
/// <param name="keys">The first row's bytes, or null.</param>
/// <param name="values">As keys, of values.</param>
/// <param name="bytes">Bytes of the rows, of keys or of values.</param>
internal unsafe struct TileAhead(byte* keys, byte* values, long bytes)
{
    private const int Line = 64;
    private byte* _keys = keys;
    private byte* _values = values;
    private long _left = bytes;

    /// <summary>Bytes to ask for each time, where there are so many times.</summary>
    public readonly int Piece(int times) => (int)Math.Min(((_left / Math.Max(1, times)) + Line) / Line * Line, int.MaxValue / 2);

    /// <summary>Asks for the next bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Ask(int piece)
    {
        if (_left <= 0)
        {
            return;
        }

        for (int at = 0; at < piece; at += Line)
        {
            if (_keys != null)
            {
                VectorOps.PrefetchNear(_keys + at);
            }

            VectorOps.PrefetchNear(_values + at);
        }

        _keys = _keys == null ? null : _keys + piece;
        _values += piece;
        _left -= piece;
    }
}
