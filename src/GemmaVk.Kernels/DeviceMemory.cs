using System;

namespace GemmaVk.Kernels;

/// <summary>
/// A device's memory in numbers: what a plan needs to know, without opening the device or allocating anything.
/// </summary>
public sealed record DeviceMemory
{
    /// <summary>Name of the device.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes that the device or the machine has.</summary>
    public required long TotalBytes { get; init; }

    /// <summary>Bytes of them that this process can take now.</summary>
    public required long AvailableBytes { get; init; }

    /// <summary>Where the two numbers come from, in words.</summary>
    public required string Source { get; init; }

    /// <summary>Every piece of memory is rounded up to a multiple of this many bytes.</summary>
    public long Alignment { get; init; } = 1;

    /// <summary>Most bytes of one piece: larger buffers lie in several, of whole rows each.</summary>
    public long MaxPieceBytes { get; init; } = long.MaxValue;

    /// <summary>Most bytes of one buffer, where the device cannot lay one in several pieces: larger ones are refused.</summary>
    public long MaxBufferBytes { get; init; } = long.MaxValue;

    /// <summary>Weights that are stored as kernels read them stay in the mapped file, and are counted once, there.</summary>
    public bool ReadsMappedFiles { get; init; }

    /// <summary>Products of which the largest results are wanted alone can read a smaller copy of their matrix (<see cref="RowOutline"/>).</summary>
    public bool TakesOutlines { get; init; }

    /// <summary>The device computes in the machine's memory, so the machine's limits hold for it too.</summary>
    public bool IsHostMemory { get; init; }

    /// <summary>A driver that computes on the processor: its own report of the memory means nothing.</summary>
    public bool IsSoftware { get; init; }

    /// <summary>Bytes for copying to memory that the host cannot see; 0 where it can.</summary>
    public long StagingBytes { get; init; }

    /// <summary>Bytes that the process and the driver take for themselves: code, tables, tokenizer, command buffers.</summary>
    public long ReserveBytes { get; init; }

    /// <summary>Bytes that <see cref="IBackend.MeasureReadBandwidth"/> takes while it measures over memory of its own.</summary>
    public long MeasuringBytes { get; init; }

    /// <summary>Bytes that kernels take for themselves while they run passes of these shapes.</summary>
    public Func<PassShapes, long> ScratchBytes { get; init; } = _ => 0;

    /// <summary>Bytes that a buffer takes here: its pieces, each rounded up.</summary>
    public long Taken(BufferSize buffer)
    {
        long sum = 0;
        foreach (long piece in BufferSize.Pieces(buffer.Bytes, buffer.RowBytes, MaxPieceBytes))
        {
            sum += RoundUp(piece, Alignment);
        }

        return sum;
    }

    /// <summary>The next multiple of <paramref name="alignment"/>, at least one of it.</summary>
    public static long RoundUp(long bytes, long alignment) => Math.Max(1, (bytes + alignment - 1) / alignment) * alignment;
}
