using System;
using System.Buffers.Binary;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.MachineCode;

// Letters: lane 4q + p of a vector has group 4p + q: group 4 (p % 2) + q of block p / 2 of KBlocks.

/// <summary>Blocks and headers of a weight row into registers.</summary>
internal sealed partial class KDotKernel
{
    // Tables of vpternlogd.
    private const byte XorOfAnd = 0x78, OrOfAnd = 0xF8;

    private readonly Label _mask = new();
    private readonly Label _order = new();
    private readonly Label _upper = new();

    // Of Q4K and Q5K: which words of a header lanes look at, how far those are shifted, and what is kept of them.
    private readonly Label _scaleWord = new();
    private readonly Label _minimumWord = new();
    private readonly Label _extraWord = new();
    private readonly Label _ownShift = new();
    private readonly Label _ownMask = new();
    private readonly Label _scaleShift = new();
    private readonly Label _minimumShift = new();
    private readonly Label _extraMask = new();

    // Of Q6K: the same for its bytes.
    private readonly Label _pairWord = new();
    private readonly Label _firstShift = new();
    private readonly Label _secondShift = new();

    // Which halfs of a header are the factors of all of a block.
    private readonly Label _d = new();
    private readonly Label _m = new();

    private void Unpack(int row, Register weights, Register header)
    {
        for (int i = 0; i < 4; i++)
        {
            _code.Vmovups(Weights(row, i), new Memory(weights, (i / 2 * KBytes) + (i % 2 * Line)));
        }

        DotKernel.Transpose(_code, 8 * row, FirstPassing);
        for (int i = 0; i < 4; i++)
        {
            _code.Vpsrlw(Weights(row, 4 + i), Weights(row, i), 4);
            _code.Vpandd(Weights(row, 4 + i), Weights(row, 4 + i), Mask);
            _code.Vpandd(Weights(row, i), Weights(row, i), Mask);
        }

        if (_format != DType.Q4K)
        {
            Upper(row, weights);
        }

        if (IsAffine)
        {
            AffineHeader(row, header);
        }
        else
        {
            HalvedHeader(row, header);
        }
    }

    /// <summary>Bits above the nibbles: those of a word of 32 bits belong to four columns of each register, one register after the other.</summary>
    private void Upper(int row, Register weights)
    {
        Zmm mask = Passing(4);
        _code.Vmovups(mask, Memory.At(_upper));
        int words = IsAffine ? 1 : 2, each = 8 / words, bits = words;
        for (int word = 0; word < words; word++)
        {
            Zmm all = Passing(5 + word);
            int at = 128 + (32 * word);
            _code.VmovupsHalf(all, new Memory(weights, at));
            _code.Vinserti64x4(all, all, new Memory(weights, KBytes + at), 1);
            _code.Vpermps(all, Order, all);
            for (int i = 0; i < each; i++)
            {
                int left = 4 - (bits * i);
                Zmm moved = left == 0 ? all : Passing(i % 4);
                if (left > 0)
                {
                    _code.Vpslld(moved, all, (byte)left);
                }
                else if (left < 0)
                {
                    _code.Vpsrlw(moved, all, (byte)-left);
                }

                _code.Vpternlogd(Weights(row, Met((each * word) + i)), moved, mask, XorOfAnd);
            }
        }
    }

    /// <summary>Scales and minima of 6 bits: of groups 0 to 3 in their own bytes, of 4 to 7 four bits in bytes of both and two above those of the group four before.</summary>
    private void AffineHeader(int row, Register header)
    {
        Zmm all = Passing(0), scales = Passing(1), minima = Passing(2), extra = Passing(3), moved = Passing(4), mask = Passing(5);
        _code.VmovupsHalf(all, new Memory(header));
        Pick(scales, _scaleWord, all);
        Pick(minima, _minimumWord, all);
        Pick(extra, _extraWord, all);
        _code.Vpsrlvd(scales, scales, Memory.At(_ownShift));
        _code.Vpsrlvd(minima, minima, Memory.At(_ownShift));
        _code.Vpandd(scales, scales, Memory.At(_ownMask));
        _code.Vpandd(minima, minima, Memory.At(_ownMask));
        _code.Vpsrlvd(moved, extra, Memory.At(_scaleShift));
        _code.Vpsrlvd(extra, extra, Memory.At(_minimumShift));
        _code.Vmovups(mask, Memory.At(_extraMask));
        _code.Vpternlogd(scales, moved, mask, OrOfAnd);
        _code.Vpternlogd(minima, extra, mask, OrOfAnd);
        _code.Vcvtdq2ps(scales, scales);
        _code.Vcvtdq2ps(minima, minima);
        Zmm halfs = Passing(0), d = Passing(3), m = Passing(4);
        _code.Vcvtph2ps(halfs, new Memory(header));
        Pick(d, _d, halfs);
        Pick(m, _m, halfs);
        _code.Vmulps(Steps(row), scales, d);
        _code.Vmulps(Others(row), minima, m);
    }

    /// <summary>Signed bytes, of first halves and of second halves in turns.</summary>
    private void HalvedHeader(int row, Register header)
    {
        Zmm pairs = Passing(0), picked = Passing(1), first = Passing(2), second = Passing(3), halfs = Passing(4), d = Passing(5);
        _code.VmovupsLow(pairs, new Memory(header));
        _code.Vinserti32x4(pairs, pairs, new Memory(header, HeaderBytes), 1);
        Pick(picked, _pairWord, pairs);
        _code.Vpsllvd(first, picked, Memory.At(_firstShift));
        _code.Vpsllvd(second, picked, Memory.At(_secondShift));
        _code.Vpsrad(first, first, 24);
        _code.Vpsrad(second, second, 24);
        _code.Vcvtdq2ps(first, first);
        _code.Vcvtdq2ps(second, second);
        // 32 bytes up to the end of the second header.
        _code.Vcvtph2ps(halfs, new Memory(header, (2 * HeaderBytes) - 32));
        Pick(d, _d, halfs);
        _code.Vmulps(Steps(row), first, d);
        _code.Vmulps(Others(row), second, d);
    }

    private void Pick(Zmm to, Label order, Zmm from)
    {
        _code.Vmovups(to, Memory.At(order));
        _code.Vpermps(to, to, from);
    }

    private void Constants()
    {
        _code.Align(Line);
        Constant(_mask, (_, _) => 0x0F0F0F0F);
        Constant(_order, (q, p) => (4 * p) + q);
        if (_format != DType.Q4K)
        {
            Constant(_upper, (_, _) => IsAffine ? 0x10101010 : 0x30303030);
        }

        if (IsAffine)
        {
            // Words of a header: d and m, scales, minima, extra bits.
            Constant(_scaleWord, (_, p) => (p / 2 * 4) + 1);
            Constant(_minimumWord, (_, p) => (p / 2 * 4) + 2);
            Constant(_extraWord, (_, p) => (p / 2 * 4) + 3);
            Constant(_ownShift, (q, p) => (8 * q) + (p % 2 * 2));
            Constant(_ownMask, (_, p) => p % 2 == 0 ? 0x3F : 0x30);
            Constant(_scaleShift, (q, _) => 8 * q);
            Constant(_minimumShift, (q, _) => (8 * q) + 4);
            Constant(_extraMask, (_, p) => p % 2 == 0 ? 0 : 0x0F);
            Constant(_d, (_, p) => p / 2 * 8);
            Constant(_m, (_, p) => (p / 2 * 8) + 1);
        }
        else
        {
            // Words of a header: two groups each.
            Constant(_pairWord, (q, p) => (p / 2 * 4) + (p % 2 * 2) + (q / 2));
            Constant(_firstShift, (q, _) => 24 - (q % 2 * 16));
            Constant(_secondShift, (q, _) => 16 - (q % 2 * 16));
            Constant(_d, (_, p) => 6 + (p / 2 * 9));
        }
    }

    /// <summary>A word for each lane.</summary>
    private void Constant(Label label, Func<int, int, int> value)
    {
        _code.Place(label);
        Span<byte> bytes = stackalloc byte[Line];
        for (int lane = 0; lane < C; lane++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(lane * sizeof(int))..], value(lane / 4, lane % 4));
        }

        _code.Bytes(bytes);
    }
}
