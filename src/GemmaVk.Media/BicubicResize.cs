using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Threading.Tasks;
using GemmaVk.Media.Resizing;

namespace GemmaVk.Media;

/// <summary>
/// Antialiased bicubic resize of 8-bit RGB, bit for bit torchvision's native path (what the published image processor uses): width first,
/// then height, 16-bit integer weights (<see cref="AxisWeights"/>), rounded and clamped to 8 bits after each axis. The picture between
/// the axes never exists as a whole: rows that are resized along the width stay in a ring, as long as the height asks for them.
/// An instance keeps its weights and rings for pictures of the same size; it is not for two threads at once.
/// </summary>
public sealed class BicubicResize
{
    // Below this a second thread costs more than it brings.
    private const long PixelsForTwo = 1 << 20;

    private readonly AxisWeights _across;
    private readonly AxisWeights _down;
    private readonly List<Band> _bands = [];
    private readonly int _readable;

    /// <summary>Prepares to resize pictures of one size to another; extents are at least 1.</summary>
    /// <param name="fromHeight">Rows of the source.</param>
    /// <param name="fromWidth">Columns of the source.</param>
    /// <param name="height">Rows of the target.</param>
    /// <param name="width">Columns of the target.</param>
    /// <param name="threads">1 or 2; two are used for pictures of a megapixel and more.</param>
    public BicubicResize(int fromHeight, int fromWidth, int height, int width, int threads = 2)
        : this(fromHeight, fromWidth, height, width, threads, Best)
    {
    }

    internal BicubicResize(int fromHeight, int fromWidth, int height, int width, int threads, VectorRung rung)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fromHeight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(fromWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _across = new AxisWeights(fromWidth, width);
        _down = new AxisWeights(fromHeight, height);
        _readable = IRows.ReadableBytes(_across);
        Rung = rung;

        int count = Math.Min(Math.Min(threads, 2), Math.Min(Environment.ProcessorCount, height));
        count = (long)fromHeight * fromWidth < PixelsForTwo ? 1 : count;
        for (int i = 0; i < count; i++)
        {
            _bands.Add(new Band(height * i / count, height * (i + 1) / count, _across, _down, _readable));
        }
    }

    internal static VectorRung Best =>
        Avx512Rows.IsSupported ? VectorRung.Avx512
        : Avx2Rows.IsSupported ? VectorRung.Avx2
        : Vector128.IsHardwareAccelerated ? VectorRung.Vector128
        : VectorRung.Scalar;

    private VectorRung Rung { get; }

    /// <summary>Resizes a picture; one that has the size already is returned as it is.</summary>
    public static Picture Resize(Picture picture, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (picture.Height == height && picture.Width == width)
        {
            return picture;
        }

        byte[] target = new byte[checked(height * width * 3)];
        new BicubicResize(picture.Height, picture.Width, height, width).Run(picture.Rgb, target);
        return new Picture(height, width, target);
    }

    /// <summary>Resizes a picture as far as its token budget allows (<see cref="ImageSizing.Target"/>).</summary>
    public static Picture ToBudget(Picture picture, int budget)
    {
        ArgumentNullException.ThrowIfNull(picture);
        (int height, int width, _) = ImageSizing.Target(picture.Height, picture.Width, budget);
        return Resize(picture, height, width);
    }

    /// <summary>Resizes the pixels of one picture.</summary>
    /// <param name="source">[fromHeight, fromWidth, 3].</param>
    /// <param name="target">[height, width, 3], overwritten.</param>
    public void Run(byte[] source, byte[] target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentOutOfRangeException.ThrowIfNotEqual(source.LongLength, 3L * _down.From * _across.From);
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.LongLength, 3L * _down.To * _across.To);
        if (_down.From == _down.To && _across.From == _across.To)
        {
            source.CopyTo(target, 0);
        }
        else if (_bands.Count == 1)
        {
            Run(_bands[0], source, target);
        }
        else
        {
            Parallel.ForEach(_bands, band => Run(band, source, target));
        }
    }

    private void Run(Band band, byte[] source, byte[] target)
    {
        switch (Rung)
        {
            case VectorRung.Avx512:
                Run<Avx512Rows>(band, source, target);
                break;
            case VectorRung.Avx2:
                Run<Avx2Rows>(band, source, target);
                break;
            case VectorRung.Vector128:
                Run<Vector128Rows>(band, source, target);
                break;
            default:
                Run<ScalarRows>(band, source, target);
                break;
        }
    }

    private void Run<TRows>(Band band, byte[] source, byte[] target)
        where TRows : IRows
    {
        int sourceRow = _across.From * 3, targetRow = _across.To * 3;
        bool widthStays = _across.From == _across.To;
        int first = _down.First[band.FromRow];
        int made = first;
        for (int y = band.FromRow; y < band.ToRow; y++)
        {
            int lo = _down.First[y], count = _down.Counts[y];
            while (!widthStays && made < lo + count)
            {
                made += MakeRows<TRows>(band, source, made, (made - first) % band.RingRows);
            }

            // An odd number of taps is paired with a weight of the padding, which is 0.
            int even = (count + 1) & ~1;
            for (int j = 0; j < even; j++)
            {
                int row = lo + Math.Min(j, count - 1);
                band.Offsets[j] = widthStays ? row * sourceRow : (row - first) % band.RingRows * band.RingStride;
            }

            ref byte rows = ref MemoryMarshal.GetArrayDataReference(widthStays ? source : band.Ring);
            TRows.Down(
                ref rows, band.Offsets.AsSpan(0, even), _down.All.Slice(y * _down.Stride, even), _down.Bits,
                target.AsSpan(y * targetRow, targetRow));
        }
    }

    // Resizes up to four rows along the width, into the ring.
    private int MakeRows<TRows>(Band band, byte[] source, int row, int slot)
        where TRows : IRows
    {
        int stride = _across.From * 3;
        int count = Math.Min(IRows.Together, _down.From - row);
        ref byte from = ref source[row * stride];
        if (count < IRows.Together || ((long)(row + count - 1) * stride) + _readable > source.Length)
        {
            // The end of the picture: vectors may read past its last row, so these rows move to where there is room.
            for (int i = 0; i < count; i++)
            {
                source.AsSpan((row + i) * stride, stride).CopyTo(band.LastRows.AsSpan(i * _readable));
            }

            from = ref MemoryMarshal.GetArrayDataReference(band.LastRows);
            stride = _readable;
        }

        TRows.Across(ref from, stride, _across, ref band.Ring[slot * band.RingStride], band.RingStride);
        return count;
    }

    /// <summary>Rows of the target that one thread makes, and what it needs for that.</summary>
    private sealed class Band
    {
        public Band(int fromRow, int toRow, AxisWeights across, AxisWeights down, int readable)
        {
            FromRow = fromRow;
            ToRow = toRow;
            Offsets = new int[down.Longest + 1];
            if (across.From == across.To)
            {
                Ring = LastRows = [];
                return;
            }

            // Whole groups of rows, so that no group wraps; up to three rows are made before they are asked for.
            RingRows = (down.Longest + (2 * IRows.Together) - 2) / IRows.Together * IRows.Together;
            RingStride = (across.To * 3) + 1;
            Ring = new byte[checked(RingRows * RingStride)];
            LastRows = new byte[IRows.Together * readable];
        }

        public int FromRow { get; }

        public int ToRow { get; }

        public int[] Offsets { get; }

        public int RingRows { get; }

        public int RingStride { get; }

        public byte[] Ring { get; }

        public byte[] LastRows { get; }
    }
}
