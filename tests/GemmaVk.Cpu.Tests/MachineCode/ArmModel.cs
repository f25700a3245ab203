using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace GemmaVk.Cpu.Tests.MachineCode;

/// <summary>As <see cref="X86Model"/>, for the microkernels of Arm. It recognises each instruction by all bits that are not operands.</summary>
internal sealed unsafe class ArmModel
{
    private readonly ulong[] _general = new ulong[32];
    private readonly byte[] _vectors = new byte[32 * 16];
    private bool _zero;

    /// <inheritdoc cref="X86Model.Asked"/>
    public HashSet<nint>? Asked { get; init; }

    /// <summary>Runs a function to its end.</summary>
    /// <param name="code">Where it begins.</param>
    /// <param name="arguments">Register x0.</param>
    public void Run(byte* code, void* arguments)
    {
        _general[0] = (ulong)arguments;
        uint* at = (uint*)code;
        while (*at != 0xD65F03C0)
        {
            at += Step(*at);
        }
    }

    private int Step(uint word)
    {
        (int d, int n, int m, int twelve) = ((int)word & 31, (int)word >> 5 & 31, (int)word >> 16 & 31, (int)word >> 10 & 4095);
        switch (word & 0xFFC00000)
        {
            case 0xF9400000:
                _general[d] = *(ulong*)(_general[n] + ((ulong)twelve * 8));
                return 1;
            case 0x3DC00000:
                new ReadOnlySpan<byte>((byte*)_general[n] + (twelve * 16), 16).CopyTo(Bytes(d));
                return 1;
            case 0x3D800000:
                Bytes(d).CopyTo(new Span<byte>((byte*)_general[n] + (twelve * 16), 16));
                return 1;
            case 0xFD400000:
                Lanes<ulong>(d)[0] = *(ulong*)(_general[n] + ((ulong)twelve * 8));
                Lanes<ulong>(d)[1] = 0;
                return 1;
            case 0xF9800000 when d == 0:
                Asked?.Add((nint)(_general[n] + ((ulong)twelve * 8)) / CpuBuffer.Alignment);
                return 1;
            case 0x91000000:
                _general[d] = _general[n] + (ulong)twelve;
                return 1;
            case 0xF1000000:
                _general[d] = _general[n] - (ulong)twelve;
                _zero = _general[d] == 0;
                return 1;
        }

        if ((word & 0xFF00001F) == 0x54000001)
        {
            return _zero ? 1 : (int)(word << 8) >> 13;
        }

        if ((word & 0xFFE0FFE0) == 0xAA0003E0)
        {
            _general[d] = _general[m];
            return 1;
        }

        if ((word & 0xFFFFFC00) == 0xD341FC00)
        {
            _general[d] = _general[n] >> 1;
            return 1;
        }

        if ((word & 0xFFF8FC00) == 0x4F00E400)
        {
            Bytes(d).Fill((byte)(((word >> 16 & 7) << 5) | (word >> 5 & 31)));
            return 1;
        }

        Vector(word, d, n, m);
        return 1;
    }

    private void Vector(uint word, int d, int n, int m)
    {
        byte[] a = Bytes(n).ToArray(), b = Bytes(m).ToArray();
        float[] x = Lanes<float>(n).ToArray(), y = Lanes<float>(m).ToArray();
        switch (word & 0xFFE0FC00)
        {
            case 0x4E803800:
                Zip(Lanes<uint>(n).ToArray(), Lanes<uint>(m).ToArray(), 0, d);
                return;
            case 0x4E807800:
                Zip(Lanes<uint>(n).ToArray(), Lanes<uint>(m).ToArray(), 2, d);
                return;
            case 0x4EC03800:
                Zip(Lanes<ulong>(n).ToArray(), Lanes<ulong>(m).ToArray(), 0, d);
                return;
            case 0x4EC07800:
                Zip(Lanes<ulong>(n).ToArray(), Lanes<ulong>(m).ToArray(), 1, d);
                return;
            case 0x4E201C00:
                Each<byte>(d, i => (byte)(a[i] & b[i]));
                return;
            case 0x6E208400:
                Each<byte>(d, i => (byte)(a[i] - b[i]));
                return;
            case 0x4E809400:
                Add(d, i => Dot(a, b, 4 * i, 4 * i, 4));
                return;
            case 0x4E80A400:
                Add(d, i => Dot(a, b, i / 2 * 8, i % 2 * 8, 8));
                return;
            case 0x6E20DC00:
                Each<float>(d, i => x[i] * y[i]);
                return;
            case 0x4E20CC00:
                float[] sums = Lanes<float>(d).ToArray();
                Each<float>(d, i => MathF.FusedMultiplyAdd(x[i], y[i], sums[i]));
                return;
        }

        int[] whole = Lanes<int>(n).ToArray();
        ushort[] low = Lanes<ushort>(n).ToArray();
        switch (word & 0xFFFFFC00)
        {
            case 0x6F0C0400:
                Each<byte>(d, i => (byte)(a[i] >> 4));
                return;
            case 0x4E21D800:
                Each<float>(d, i => whole[i]);
                return;
            case 0x2E613800:
                Each<uint>(d, i => (uint)low[i] << 16);
                return;
            case 0x0E217800:
                Each<float>(d, i => (float)BitConverter.UInt16BitsToHalf(low[i]));
                return;
            default:
                throw new InvalidOperationException($"an instruction that the model does not know: {word:x8}");
        }
    }

    private static int Dot(byte[] a, byte[] b, int i, int j, int count)
    {
        int sum = 0;
        for (int k = 0; k < count; k++)
        {
            sum += (sbyte)a[i + k] * (sbyte)b[j + k];
        }

        return sum;
    }

    private void Zip<T>(T[] a, T[] b, int from, int d)
        where T : unmanaged => Each<T>(d, i => i % 2 == 0 ? a[from + (i / 2)] : b[from + (i / 2)]);

    private void Add(int d, Func<int, int> one)
    {
        int[] sums = Lanes<int>(d).ToArray();
        Each<int>(d, i => sums[i] + one(i));
    }

    private void Each<T>(int d, Func<int, T> one)
        where T : unmanaged
    {
        Span<T> lanes = Lanes<T>(d);
        for (int i = 0; i < lanes.Length; i++)
        {
            lanes[i] = one(i);
        }
    }

    private Span<byte> Bytes(int register) => _vectors.AsSpan(register * 16, 16);

    private Span<T> Lanes<T>(int register)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes(register));
}
