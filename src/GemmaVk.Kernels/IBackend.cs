using System;
using System.Collections.Generic;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

/// <summary>
/// A device that owns memory and runs kernels. Two exist: SIMD code on the CPU and Vulkan. One thread uses a backend at
/// a time; inside, a backend may use as many as it likes.
/// </summary>
public interface IBackend : IDisposable
{
    /// <summary>What runs here, for messages, benchmarks and the doctor.</summary>
    DeviceDescription Device { get; }

    /// <summary>The device's memory, asked for anew on each call: other programs take and give back.</summary>
    DeviceMemory Memory { get; }

    /// <summary>Everything this backend holds.</summary>
    MemoryLedger Ledger { get; }

    /// <summary>
    /// Takes what a plan lists beyond single buffers, before the first of them is allocated: memory that kernels use while
    /// they run, and room for small buffers in one piece, so that what is taken is what was planned. Without it both grow
    /// with use.
    /// </summary>
    /// <param name="buffers">Every buffer that will be allocated.</param>
    /// <param name="scratchBytes">Memory for kernels, as <see cref="DeviceMemory.ScratchBytes"/> gave it.</param>
    /// <exception cref="GemmaVkException">The device has no room.</exception>
    void Prepare(IReadOnlyList<BufferSize> buffers, long scratchBytes);

    /// <summary>Allocates a buffer. Its content is undefined until written.</summary>
    /// <exception cref="GemmaVkException">The device has no room: the message gives both numbers.</exception>
    BufferHandle Allocate(string name, DType dtype, Shape shape, BufferUse use = BufferUse.Device);

    /// <summary>
    /// Makes a matrix usable by kernels: in place when <paramref name="source"/> is mapped in kernel layout and the
    /// device can read it there, else read row block by row block. The source must outlive the matrix: it is read again where a device was lost.
    /// </summary>
    /// <param name="source">The rows; F16 is not a kernel format and must be converted by the source.</param>
    /// <param name="progress">Called with the bytes placed since the last call, from any thread.</param>
    WeightMatrix Place(MatrixSource source, Action<long>? progress = null);

    /// <summary>Copies host memory into a buffer, from element <paramref name="first"/> on. Waits for running work.</summary>
    void Write<T>(BufferHandle buffer, ReadOnlySpan<T> data, long first = 0)
        where T : unmanaged;

    /// <summary>Copies a buffer's elements from <paramref name="first"/> on to host memory. Waits for running work.</summary>
    void Read<T>(BufferHandle buffer, Span<T> data, long first = 0)
        where T : unmanaged;

    /// <summary>Copies all of one buffer to another of the same size.</summary>
    void Copy(BufferHandle source, BufferHandle destination);

    /// <summary>
    /// Prepares kernels to be run as often as wanted. The body is called at least once, and must call the same kernels
    /// with the same arguments each time: a GPU records them once, the CPU calls the body on every run. What changes
    /// from run to run (ids, positions) travels in buffers.
    /// </summary>
    IRecording Record(string name, Action<IPass> body);

    /// <summary>Runs a recording. May return before the work is done: Read, Write, Copy and the next Run wait for it.</summary>
    void Run(IRecording recording);

    /// <summary>Reads much memory with all of the device and returns the best of a few tries, in bytes per second.</summary>
    /// <param name="over">
    /// What is read: buffers that are there already, so that nothing of size is taken. None: memory of its own,
    /// at most <see cref="DeviceMemory.MeasuringBytes"/> and a part of what is free.
    /// </param>
    /// <returns>0 where the buffers are too small to say anything.</returns>
    double MeasureReadBandwidth(IReadOnlyList<BufferHandle>? over = null);

    /// <summary>Which variant of each kernel runs on this device, and why: the doctor's table.</summary>
    IReadOnlyList<KernelVariant> Variants { get; }

    /// <summary>
    /// Attention of many rows over caches of F16 and Q8 multiplies halves here, within <see cref="Checks.Tolerances.AttentionInHalves"/>; so may attention of
    /// few rows, of keys that are rebuilt and of what is kept in Q8.
    /// </summary>
    bool AttendsInHalves => false;

    /// <summary>
    /// Attention of few rows over caches of Q8 multiplies whole numbers of 16 bits here, where it can, within <see cref="Checks.Tolerances.AttentionInWholeNumbers"/>.
    /// </summary>
    bool AttendsInWholeNumbers => false;

    /// <summary>How many positions a row sees, at least, where the same is so over caches of F16: below, floats.</summary>
    int HalvesInWholeNumbersFrom => int.MaxValue;

    /// <summary>Products with many INT8 rows multiply halves here, within <see cref="Checks.Tolerances.ProductInHalves"/>.</summary>
    bool MultipliesInHalves => false;

    /// <summary>Time per kernel name since timing was switched on, or empty when it is off; may be read while a pass runs.</summary>
    IReadOnlyDictionary<string, TimeSpan> KernelTimes { get; }

    /// <summary>Every dispatch of the last run, in order, after waiting for it; empty where the backend was not opened to take times.</summary>
    IReadOnlyList<KernelSpan> LastRun => [];

    /// <summary>
    /// Takes the shaders that a user brought for what runs from now on, or the embedded ones in their place: both on one device with the same
    /// weights, so that they can be measured in turns. A backend takes the user's where it was opened with some.
    /// </summary>
    void TakeOwnKernels(bool own) => throw new NotSupportedException($"{Device.Name} runs no shaders of a user's");

    /// <summary>Modules for which shaders of the user's have run; empty where there are none.</summary>
    IReadOnlyCollection<string> OwnKernelsRun => [];

    /// <summary>Lets <see cref="OwnKernelsRun"/> begin anew: what runs for a check is not what a user asked for.</summary>
    void ForgetOwnKernelsRun()
    {
    }

    /// <summary>What measuring has found to be the fastest forms of kernels here; empty where nothing was measured, or a kernel has one form.</summary>
    IReadOnlyList<TunedKernel> Tuned => [];

    /// <summary>Every form that was measured since the backend was opened, in order.</summary>
    IReadOnlyList<TunedKernel> Measured => [];

    /// <summary>
    /// Measures forms of kernels, and keeps the fastest for this device and driver. Results of products stay the same bits. Attention adds in another order in another
    /// form, so a row keeps its bits among all passes that run with one table of forms: nothing is measured while a session lives.
    /// </summary>
    /// <param name="samples">Products to measure by, the most important first; those with a form of their own already are left out.</param>
    /// <param name="limit">Longest that it may take; what does not fit in is left as it is.</param>
    /// <param name="again">Measure also what was measured before.</param>
    /// <param name="progress">Told how many of how many have been measured.</param>
    /// <param name="flat">Kernels whose workgroups may have any size, measured at last.</param>
    /// <param name="attention">Attention, measured behind the products that have as few rows; caches of other numbers than the first's come last.</param>
    /// <returns>How many were measured; 0 on devices whose kernels have one form.</returns>
    int Tune(
        IReadOnlyList<ProductSample> samples,
        TimeSpan limit,
        bool again,
        Action<int, int>? progress = null,
        IReadOnlyList<FlatSample>? flat = null,
        IReadOnlyList<AttentionSample>? attention = null) => 0;

    /// <summary>
    /// Opens the device anew after a <see cref="DeviceLostException"/>. Buffers and recordings stay what they are and may be used as before;
    /// matrices that were placed are read from their sources again, and what else was in memory is undefined until written.
    /// </summary>
    /// <exception cref="DeviceLostException">It was lost again meanwhile, or cannot be opened any more.</exception>
    void Reopen() => throw new NotSupportedException($"{Device.Name} is never lost");

    /// <summary>Measures what the device can give, by small loops of its own. Takes a second or two, and memory as <see cref="MeasureReadBandwidth"/>.</summary>
    DevicePeaks MeasurePeaks() => new(MeasureReadBandwidth(), null, null, null, null);

    /// <summary>What the device's compiler says of the kernels that have run; empty where it says nothing or was not asked.</summary>
    IReadOnlyList<CompiledKernel> Compiled => [];

    /// <summary>
    /// Keeps the device busy until its clock has risen from where idling let it fall, for at most a quarter of a second. Before a measurement it
    /// makes the clock the same for all; after one it tells whether the clock fell meanwhile.
    /// </summary>
    /// <returns>Whether the device was found at a low clock. False where clocks are nothing to wait for.</returns>
    bool Rouse() => false;
}

/// <summary>What a buffer is for, so that a GPU can choose its memory.</summary>
public enum BufferUse
{
    /// <summary>Written and read by kernels.</summary>
    Device,

    /// <summary>Small, written by the host before a run and read by kernels: ids, positions, angles, masks.</summary>
    Step,

    /// <summary>Small, written by kernels and read by the host after every run: drawn ids.</summary>
    Result,

    /// <summary>Written and read by kernels; the host reads it, or writes it, where somebody asks for it.</summary>
    Logits,
}

/// <summary>Kernels prepared by <see cref="IBackend.Record"/>.</summary>
public interface IRecording : IDisposable
{
    /// <summary>Name for timings and device-loss messages.</summary>
    string Name { get; }
}

/// <summary>A device in words and numbers.</summary>
/// <param name="Backend"><c>cpu</c> or <c>vulkan</c>.</param>
/// <param name="Name">Marketing name of the processor.</param>
/// <param name="Driver">Driver name and version, or the instruction sets in use.</param>
/// <param name="MemoryBytes">Memory that weights and caches may take, as the device reports it.</param>
/// <param name="Details">One fact per line for the doctor.</param>
public sealed record DeviceDescription(
    string Backend, string Name, string Driver, long MemoryBytes, IReadOnlyList<string> Details);

/// <summary>A form of a kernel that measuring has chosen.</summary>
/// <param name="Module">Which code it is of.</param>
/// <param name="Cols">Rows of activations in a tile of it; 0 for attention, whose form is one for any.</param>
/// <param name="Form">The form in words.</param>
/// <param name="Microseconds">Its time for what was measured.</param>
/// <param name="UsualMicroseconds">Time of the form that runs where nothing was measured.</param>
public readonly record struct TunedKernel(string Module, int Cols, string Form, double Microseconds, double UsualMicroseconds);

/// <summary>The variant of a kernel that a device uses.</summary>
/// <param name="Kernel">Kernel name as in <see cref="IPass"/>.</param>
/// <param name="Variant">Variant name, such as <c>mat_vec_q4_dot4</c> or <c>AVX-512</c>.</param>
/// <param name="Reason">Why this one: the feature that allowed or forbade a faster one.</param>
public readonly record struct KernelVariant(string Kernel, string Variant, string Reason);
