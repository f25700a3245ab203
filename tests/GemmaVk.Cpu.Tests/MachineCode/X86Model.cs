using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace GemmaVk.Cpu.Tests.MachineCode;

/// <summary>
/// A processor in software, as far as the microkernels need one: it decodes their bytes and runs them on the memory they are given, for machines without
/// the instructions. Written from the manual's pseudocode, apart from the assembler. What it does not know, it refuses.
/// </summary>
internal sealed unsafe class X86Model
{
    private const int Rsp = 4, Rdi = 7;

    private readonly ulong[] _general = new ulong[16];
    private readonly byte[] _vectors = new byte[32 * 64];
    private readonly byte[][] _tiles = new byte[8][];
    private readonly int[] _tileRows = new int[8];
    private readonly int[] _tileBytes = new int[8];
    private bool _zero;

    // The instruction at hand.
    private byte* _at;
    private int _code, _map, _prefix, _reg, _vvvv, _rm, _length;
    private byte* _address;
    private byte* _base;
    private int _index;
    private long _stride;
    private bool _wide, _evex, _broadcast;

    /// <summary>Receives the cache lines that are asked for.</summary>
    public HashSet<nint>? Asked { get; init; }

    /// <summary>Runs a function to its end.</summary>
    /// <param name="code">Where it begins.</param>
    /// <param name="arguments">What it is called with, by the convention of System V.</param>
    public void Run(byte* code, void* arguments)
    {
        byte* stack = stackalloc byte[4096];
        _general[Rsp] = (ulong)(stack + 4096);
        _general[Rdi] = (ulong)arguments;
        _at = code;
        while (Step())
        {
        }

        if (_general[Rsp] != (ulong)(stack + 4096))
        {
            throw new InvalidOperationException("the stack is not what it was");
        }
    }

    private bool Step()
    {
        byte first = *_at++;
        switch (first)
        {
            case 0x62:
                Evex();
                Vector();
                return true;
            case 0xC4 or 0xC5:
                Vex(first == 0xC5);
                Vector();
                return true;
            case 0xC3:
                return false;
        }

        int rex = 0;
        if ((first & 0xF0) == 0x40)
        {
            (rex, first) = (first, *_at++);
        }

        (int r, int x, int b) = ((rex & 4) << 1, (rex & 2) << 2, (rex & 1) << 3);
        switch (first)
        {
            case >= 0x50 and < 0x58:
                _general[Rsp] -= 8;
                *(ulong*)_general[Rsp] = _general[(first & 7) | b];
                break;
            case >= 0x58 and < 0x60:
                _general[(first & 7) | b] = *(ulong*)_general[Rsp];
                _general[Rsp] += 8;
                break;
            case 0x8B:
                ModRm(r, x, b, 1);
                _general[_reg] = *(ulong*)_address;
                break;
            case 0x89:
                ModRm(r, x, b, 1);
                _general[_rm] = _general[_reg];
                break;
            case 0x01:
                ModRm(r, x, b, 1);
                _general[_rm] += _general[_reg];
                break;
            case 0xC7:
                ModRm(r, x, b, 1);
                _general[_rm] = (ulong)Int32();
                break;
            case 0x81:
                ModRm(r, x, b, 1);
                long value = Int32();
                _general[_rm] = (ulong)((long)_general[_rm] + ((_reg & 7) == 5 ? -value : (_reg & 7) == 0 ? value : throw Unknown(first)));
                break;
            case 0xFF:
                ModRm(r, x, b, 1);
                _zero = --_general[_rm] == 0 && (_reg & 7) == 1;
                break;
            case 0x0F when *_at == 0x85:
                _at++;
                int distance = Int32();
                _at += _zero ? 0 : distance;
                break;
            case 0x0F when *_at == 0x18:
                _at++;
                ModRm(r, x, b, 1);
                Asked?.Add((nint)_address / CpuBuffer.Alignment);
                break;
            default:
                throw Unknown(first);
        }

        return true;
    }

    private void Evex()
    {
        byte p0 = *_at++, p1 = *_at++, p2 = *_at++;
        byte code = *_at++;
        (_evex, _map, _prefix, _wide) = (true, p0 & 7, p1 & 3, p1 >> 7 == 1);
        (_length, _broadcast) = (16 << (p2 >> 5 & 3), (p2 & 0x10) != 0);
        _vvvv = (~p1 >> 3 & 15) | (~p2 << 1 & 16);
        int r = (~p0 >> 4 & 8) | (~p0 & 16), x = ~p0 >> 3 & 8, b = ~p0 >> 2 & 8;
        // The byte of a small displacement counts in what is read.
        int unit = _broadcast || (_map, code) is (2, 0x58) ? 4 : (_map, code) is (2, 0x33) or (2, 0x13) or (2, 0x20) or (3, 0x3A) ? _length / 2 : (_map, code) is (3, 0x38) ? 16 : _length;
        ModRm(r, x, b, unit);
        if (_address == null)
        {
            _rm |= x << 1;
        }

        _code = code;
    }

    private void Vex(bool two)
    {
        (_evex, _broadcast) = (false, false);
        int r, x = 0, b = 0, last;
        if (two)
        {
            last = *_at++;
            (r, _map, _wide) = (~last >> 4 & 8, 1, false);
        }
        else
        {
            int p0 = *_at++;
            last = *_at++;
            (r, x, b, _map, _wide) = (~p0 >> 4 & 8, ~p0 >> 3 & 8, ~p0 >> 2 & 8, p0 & 31, last >> 7 == 1);
        }

        (_prefix, _vvvv, _length) = (last & 3, ~last >> 3 & 15, 16 << (last >> 2 & 1));
        _code = *_at++;
        if ((_map, _prefix, _code) == (1, 0, 0x77))
        {
            return;
        }

        ModRm(r, x, b, 1);
    }

    private void ModRm(int r, int x, int b, int unit)
    {
        int modrm = *_at++, mode = modrm >> 6;
        (_reg, _rm, _index, _stride) = ((modrm >> 3 & 7) | r, (modrm & 7) | b, -1, 0);
        _address = null;
        if (mode == 3)
        {
            return;
        }

        if (mode == 0 && (modrm & 7) == 5)
        {
            int distance = Int32();
            _address = _at + distance;
            return;
        }

        ulong place;
        if ((modrm & 7) == 4)
        {
            int sib = *_at++, index = (sib >> 3 & 7) | x;
            place = _general[(sib & 7) | b];
            if (index != 4)
            {
                (_index, _stride) = (index, (long)_general[index] << (sib >> 6));
            }
        }
        else
        {
            place = _general[_rm];
        }

        long displacement = mode == 1 ? (sbyte)*_at++ * (long)unit : mode == 2 ? Int32() : 0;
        _base = (byte*)place + displacement;
        _address = _base + _stride;
    }

    private int Int32()
    {
        int value = *(int*)_at;
        _at += sizeof(int);
        return value;
    }

    private Span<byte> Register(int number) => _vectors.AsSpan(number * 64, _length);

    private Span<T> Lanes<T>(int number)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Register(number));

    /// <summary>A copy of the last operand, which may be the first one as well.</summary>
    private T[] Last<T>(int bytes = 0)
        where T : unmanaged
    {
        bytes = bytes == 0 ? _length : bytes;
        if (_broadcast)
        {
            T[] same = new T[bytes / sizeof(T)];
            Array.Fill(same, *(T*)_address);
            return same;
        }

        return MemoryMarshal.Cast<byte, T>(_address == null ? _vectors.AsSpan(_rm * 64, bytes) : new ReadOnlySpan<byte>(_address, bytes)).ToArray();
    }

    private void Vector()
    {
        switch (_map, _prefix, _code)
        {
            case (1, 0, 0x10):
                Write(Last<byte>(), _reg);
                break;
            case (1, 0, 0x11):
                Register(_reg).CopyTo(new Span<byte>(_address, _length));
                break;
            case (1, 0, 0x77):
                for (int i = 0; i < 16; i++)
                {
                    _vectors.AsSpan((i * 64) + 16, 48).Clear();
                }

                break;
            case (1, 0, 0x5B):
                Each<int, float>(Last<int>(), value => value);
                break;
            case (1, 0, 0x59):
                Both<float>((a, b) => a * b);
                break;
            case (1, 1, 0xFE):
                Both<int>((a, b) => a + b);
                break;
            case (1, 1, 0xFC):
                Both<byte>((a, b) => (byte)(a + b));
                break;
            case (1, 1, 0xDB):
                Both<uint>((a, b) => a & b);
                break;
            case (1, 1, 0xEF):
                Both<uint>((a, b) => a ^ b);
                break;
            case (1, 1, 0x71) when (_reg & 7) == 2:
                Shift<ushort>((value, bits) => (ushort)(value >> bits));
                break;
            case (1, 1, 0x72) when (_reg & 7) == 6:
                Shift<uint>((value, bits) => value << bits);
                break;
            case (1, 1, 0x72) when (_reg & 7) == 4:
                Shift<int>((value, bits) => value >> bits);
                break;
            case (1, 1, 0x62):
                Unpack<uint>(0);
                break;
            case (1, 1, 0x6A):
                Unpack<uint>(1);
                break;
            case (1, 1, 0x6C) when _wide || !_evex:
                Unpack<ulong>(0);
                break;
            case (1, 1, 0x6D) when _wide || !_evex:
                Unpack<ulong>(1);
                break;
            case (2, 1, 0x50):
                Dot(signed: false);
                break;
            case (2, 3, 0x50) when !_evex:
                Dot(signed: true);
                break;
            case (2, 1, 0x16):
                uint[] order = Lanes<uint>(_vvvv).ToArray(), from = Last<uint>();
                Each<uint, uint>(order, lane => from[lane & (uint)(from.Length - 1)]);
                break;
            case (2, 1, 0x45):
                Both<uint>((value, bits) => bits < 32 ? value >> (int)bits : 0);
                break;
            case (2, 1, 0x47):
                Both<uint>((value, bits) => bits < 32 ? value << (int)bits : 0);
                break;
            case (2, 1, 0x52) when _evex:
                int[] sums = Lanes<int>(_reg).ToArray();
                short[] a = Lanes<short>(_vvvv).ToArray(), b = MemoryMarshal.Cast<int, short>(Last<int>()).ToArray();
                for (int i = 0; i < a.Length; i++)
                {
                    sums[i / 2] += a[i] * b[i];
                }

                Write<int>(sums, _reg);
                break;
            case (2, 1, 0x58) when _evex && _address != null:
                uint same = *(uint*)_address;
                Each<uint, uint>(Lanes<uint>(_reg).ToArray(), _ => same);
                break;
            case (2, 1, 0x20):
                Each<sbyte, short>(Last<sbyte>(_length / 2), value => value);
                break;
            case (2, 1, 0x33):
                Each<ushort, uint>(Last<ushort>(_length / 2), value => value);
                break;
            case (2, 1, 0x13):
                Each<Half, float>(Last<Half>(_length / 2), value => (float)value);
                break;
            case (2, 1, 0xA8):
                Three((a, b, c) => MathF.FusedMultiplyAdd(b, a, c));
                break;
            case (2, 1, 0xB8):
                Three((a, b, c) => MathF.FusedMultiplyAdd(b, c, a));
                break;
            case (2, 1, 0xBC):
                Three((a, b, c) => MathF.FusedMultiplyAdd(-b, c, a));
                break;
            case (3, 1, 0x25) when _evex && !_wide:
                Table();
                break;
            case (3, 1, 0x38) when _evex && !_wide:
                Insert(16);
                break;
            case (3, 1, 0x3A) when _evex && _wide:
                Insert(32);
                break;
            case (3, 1, 0x43) when _evex && _wide:
                Pieces(*_at++, 4);
                break;
            case (3, 1, 0x46) when !_evex:
                Halves(*_at++);
                break;
            default:
                Tile();
                break;
        }
    }

    private void Tile()
    {
        switch (_map, _prefix, _code)
        {
            case (2, 0, 0x49) when _address != null:
                if (*_address != 1)
                {
                    throw new InvalidOperationException("not palette 1");
                }

                for (int i = 0; i < 8; i++)
                {
                    (_tileBytes[i], _tileRows[i]) = (((ushort*)_address)[8 + i], _address[48 + i]);
                    _tiles[i] = new byte[_tileRows[i] * _tileBytes[i]];
                }

                break;
            case (2, 0, 0x49):
                Array.Clear(_tiles);
                break;
            case (2, 3, 0x49):
                _tiles[_reg].AsSpan().Clear();
                break;
            case (2, 3, 0x4B) when _index >= 0:
                for (int row = 0; row < _tileRows[_reg]; row++)
                {
                    new ReadOnlySpan<byte>(_base + (row * _stride), _tileBytes[_reg]).CopyTo(_tiles[_reg].AsSpan(row * _tileBytes[_reg]));
                }

                break;
            case (2, 2, 0x4B) when _index >= 0:
                for (int row = 0; row < _tileRows[_reg]; row++)
                {
                    _tiles[_reg].AsSpan(row * _tileBytes[_reg], _tileBytes[_reg]).CopyTo(new Span<byte>(_base + (row * _stride), _tileBytes[_reg]));
                }

                break;
            case (2, 3, 0x5E):
                Matrices();
                break;
            default:
                throw Unknown(_code);
        }
    }

    private void Matrices()
    {
        Span<int> sums = MemoryMarshal.Cast<byte, int>(_tiles[_reg].AsSpan());
        ReadOnlySpan<sbyte> a = MemoryMarshal.Cast<byte, sbyte>(_tiles[_rm].AsSpan()), b = MemoryMarshal.Cast<byte, sbyte>(_tiles[_vvvv].AsSpan());
        int columns = _tileBytes[_reg] / 4, inner = _tileBytes[_rm] / 4;
        if (_tileRows[_reg] != _tileRows[_rm] || _tileBytes[_vvvv] != _tileBytes[_reg] || _tileRows[_vvvv] != inner)
        {
            throw new InvalidOperationException("tiles do not fit each other");
        }

        for (int m = 0; m < _tileRows[_reg]; m++)
        {
            for (int n = 0; n < columns; n++)
            {
                for (int k = 0; k < inner * 4; k++)
                {
                    sums[(m * columns) + n] += a[(m * _tileBytes[_rm]) + k] * b[(k / 4 * _tileBytes[_vvvv]) + (n * 4) + (k % 4)];
                }
            }
        }
    }

    private void Write<T>(ReadOnlySpan<T> values, int register)
        where T : unmanaged
    {
        _vectors.AsSpan(register * 64, 64).Clear();
        MemoryMarshal.AsBytes(values).CopyTo(Register(register));
    }

    private void Each<TFrom, TTo>(TFrom[] from, Func<TFrom, TTo> one)
        where TTo : unmanaged => Write<TTo>(Array.ConvertAll(from, value => one(value)), _reg);

    private void Both<T>(Func<T, T, T> one)
        where T : unmanaged
    {
        T[] a = Lanes<T>(_vvvv).ToArray(), b = Last<T>();
        Write<T>([.. System.Linq.Enumerable.Zip(a, b, one)], _reg);
    }

    private void Three(Func<float, float, float, float> one)
    {
        float[] a = Lanes<float>(_reg).ToArray(), b = Lanes<float>(_vvvv).ToArray(), c = Last<float>();
        for (int i = 0; i < a.Length; i++)
        {
            a[i] = one(a[i], b[i], c[i]);
        }

        Write<float>(a, _reg);
    }

    private void Shift<T>(Func<T, int, T> one)
        where T : unmanaged
    {
        T[] values = Last<T>();
        int bits = *_at++;
        Write<T>(Array.ConvertAll(values, value => one(value, bits)), _vvvv);
    }

    /// <summary>In each 16 bytes the low or high halves of both, in turns.</summary>
    private void Unpack<T>(int half)
        where T : unmanaged
    {
        T[] a = Lanes<T>(_vvvv).ToArray(), b = Last<T>(), result = new T[a.Length];
        int count = 16 / sizeof(T);
        for (int i = 0; i < a.Length; i++)
        {
            int place = (i / count * count) + (half * count / 2) + (i % count / 2);
            result[i] = i % 2 == 0 ? a[place] : b[place];
        }

        Write<T>(result, _reg);
    }

    private void Dot(bool signed)
    {
        int[] sums = Lanes<int>(_reg).ToArray();
        byte[] a = Register(_vvvv).ToArray(), b = Last<byte>();
        for (int i = 0; i < a.Length; i++)
        {
            sums[i / 4] += (signed ? (sbyte)a[i] : a[i]) * (sbyte)b[i];
        }

        Write<int>(sums, _reg);
    }

    private void Pieces(int choice, int count)
    {
        byte[] a = Register(_vvvv).ToArray(), b = Last<byte>(), result = new byte[_length];
        for (int i = 0; i < count; i++)
        {
            (i < count / 2 ? a : b).AsSpan((choice >> (2 * i) & 3) * 16, 16).CopyTo(result.AsSpan(i * 16));
        }

        Write<byte>(result, _reg);
    }

    /// <summary>Each bit as the table says that the immediate byte is.</summary>
    private void Table()
    {
        uint[] a = Lanes<uint>(_reg).ToArray(), b = Lanes<uint>(_vvvv).ToArray(), c = Last<uint>();
        int table = *_at++;
        for (int i = 0; i < a.Length; i++)
        {
            uint value = 0;
            for (int bit = 0; bit < 32; bit++)
            {
                uint place = ((a[i] >> bit & 1) << 2) | ((b[i] >> bit & 1) << 1) | (c[i] >> bit & 1);
                value |= (uint)(table >> (int)place & 1) << bit;
            }

            a[i] = value;
        }

        Write<uint>(a, _reg);
    }

    private void Insert(int bytes)
    {
        byte[] result = Register(_vvvv).ToArray(), part = Last<byte>(bytes);
        part.CopyTo(result, (*_at++ & ((_length / bytes) - 1)) * bytes);
        Write<byte>(result, _reg);
    }

    private void Halves(int choice)
    {
        byte[] both = [.. Register(_vvvv), .. Last<byte>()], result = new byte[32];
        both.AsSpan((choice & 3) * 16, 16).CopyTo(result);
        both.AsSpan((choice >> 4 & 3) * 16, 16).CopyTo(result.AsSpan(16));
        Write<byte>(result, _reg);
    }

    private static InvalidOperationException Unknown(int code) => new($"an instruction that the model does not know: {code:x2}");
}
