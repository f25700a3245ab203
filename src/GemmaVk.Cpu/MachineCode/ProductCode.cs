using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.Intrinsics.Arm;
using GemmaVk.Cpu.MachineCode.Arm;
using GemmaVk.Cpu.MachineCode.Attention;
using GemmaVk.Cpu.Simd;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.MachineCode;

/// <summary>The microkernels of products that run in this process: on which instructions, and where they are.</summary>
internal sealed unsafe class ProductCode
{
    /// <summary>"off" leaves the products to the runtime's own instructions; a path's name leaves them to that path.</summary>
    public const string Variable = "GEMMAVK_MACHINE_CODE";

    private static readonly (string Word, string Name, InstructionSet Width, CodePath Path)[] Paths =
    [
        // Of one width the better ones first.
        ("amx", "AMX-INT8", InstructionSet.Avx512, CodePath.Amx),
        ("vnni", "AVX512-VNNI", InstructionSet.Avx512, CodePath.Avx512Vnni),
        ("avx-vnni-int8", "AVX-VNNI-INT8", InstructionSet.Avx2, CodePath.AvxVnniInt8),
        ("avx-vnni", "AVX-VNNI", InstructionSet.Avx2, CodePath.AvxVnni),
        ("i8mm", "I8MM", InstructionSet.Vector128, CodePath.I8mm),
        ("dotprod", "NEON dot product", InstructionSet.Vector128, CodePath.DotProd),
    ];

    private static readonly Dictionary<CodePath, (ProductCode? Code, string? Refusal)> Made = [];

    /// <summary>The formats of <see cref="KBlocks"/>, in the order of their functions.</summary>
    private static readonly DType[] KFormats = [DType.Q4K, DType.Q5K, DType.Q6K];

    private readonly Microkernel[] _dots;
    private readonly Microkernel? _tile;

    /// <summary>Code of one path.</summary>
    /// <param name="path">Which.</param>
    /// <param name="dots">For two weight rows, by <see cref="Index(bool, bool)"/>, then those of <see cref="KFormats"/> where the path has them.</param>
    /// <param name="tile">Of AMX for 16 weight rows.</param>
    /// <param name="attention">Of paths with AVX512-VNNI.</param>
    public ProductCode(CodePath path, Microkernel[] dots, Microkernel? tile = null, AttentionCode? attention = null) =>
        (Path, _dots, _tile, Attention) = (path, dots, tile, attention);

    /// <summary>On which instructions.</summary>
    public CodePath Path { get; }

    /// <summary>The functions of attention, where this path has some and vectors of 512 bits are beside them.</summary>
    public AttentionCode? Attention { get; }

    /// <summary>Its name for people.</summary>
    public string Name => Paths.First(entry => entry.Path == Path).Name;

    /// <summary>The function for Q4 weights, else Q8, with F16 scales, else BF16.</summary>
    public Microkernel Dot(bool nibbles, bool halfs) => _dots[Index(nibbles, halfs)];

    /// <summary>The function for a format of <see cref="KBlocks"/>, which <see cref="HasBlocks"/> says there is.</summary>
    public Microkernel Dot(DType format) => _dots[Index(true, true) + 1 + Array.IndexOf(KFormats, format)];

    /// <summary>Whether the formats of <see cref="KBlocks"/> have functions of this path.</summary>
    public bool HasBlocks => IsWide(Path);

    /// <summary>The function for 16 weight rows of Q4 or Q8.</summary>
    public Microkernel Tile => _tile ?? throw new InvalidOperationException($"{Name} has no tiles");

    /// <summary>
    /// The best path that runs at a width, or null. <paramref name="notes"/> says of each that was asked and does not run, why.
    /// </summary>
    /// <param name="width">The vectors that the rest uses: results are those of the intrinsics of the path's width.</param>
    /// <param name="word">What <see cref="Variable"/> says.</param>
    /// <param name="source">Gives the code of a path, or why there is none: <see cref="Of"/>.</param>
    /// <param name="notes">Reasons, one per path.</param>
    /// <param name="wider">
    /// Whether AVX512-VNNI may run beside narrower vectors: of code that was compiled ahead of time the vectors are no choice of anybody who runs it, and
    /// say nothing about the processor.
    /// </param>
    /// <exception cref="GemmaVkException">The word is unknown, or names a path that cannot run here.</exception>
    public static ProductCode? Choose(
        InstructionSet width, string? word, Func<CodePath, (ProductCode? Code, string? Refusal)> source, out string[] notes, bool wider = false)
    {
        List<string> reasons = [];
        bool any = word is null or "" or "on";
        if (word == "off")
        {
            notes = ["turned off"];
            return null;
        }

        if (!any && !Paths.Any(entry => entry.Word == word))
        {
            throw new GemmaVkException(
                $"{Variable}: expected one of on, off, {string.Join(", ", Paths.Select(entry => entry.Word))}, but it is '{word}'; unset it for on")
            { Variable = Variable };
        }

        foreach ((string name, string spoken, InstructionSet at, CodePath path) in Paths)
        {
            if (!any && name != word)
            {
                continue;
            }

            bool fits = at == width || (path == CodePath.Avx512Vnni && width == InstructionSet.Avx2 && (wider || !any));
            string? obstacle = !fits ? $"{spoken} goes with vectors of another width" : null;
            ProductCode? code = null;
            if (obstacle is null)
            {
                (code, obstacle) = source(path);
            }

            if (code is not null)
            {
                notes = [.. reasons];
                return code;
            }

            if (!any)
            {
                throw new GemmaVkException($"{Variable} is '{word}', but that cannot run: {obstacle}; unset it for the best that this machine has") { Variable = Variable };
            }

            if (fits)
            {
                reasons.Add(obstacle!);
            }
        }

        notes = [.. reasons];
        return null;
    }

    /// <summary>Names of the paths that cannot run on this machine, whatever the width.</summary>
    public static IEnumerable<string> Lacking => Paths.Where(entry => CodeSupport.Obstacle(entry.Path) is not null).Select(entry => entry.Name);

    /// <summary>Writes the functions of a path behind what is there.</summary>
    /// <returns>Where they begin: those for two weight rows in the order of the constructor, and of AMX one for tiles behind them.</returns>
    public static int[] Write(CodePath path, Assembler code, bool windows)
    {
        int[] dots = Each((nibbles, halfs) => path is CodePath.AvxVnni or CodePath.AvxVnniInt8
            ? NarrowDotKernel.Write(code, path == CodePath.AvxVnniInt8, nibbles, halfs, windows)
            : DotKernel.Write(code, nibbles, halfs, windows));
        if (IsWide(path))
        {
            dots = [.. dots, .. KFormats.Select(format => KDotKernel.Write(code, format, windows))];
        }

        return path == CodePath.Amx ? [.. dots, TileKernel.Write(code, windows)] : dots;
    }

    /// <summary>The same for Arm.</summary>
    public static int[] Write(CodePath path, ArmAssembler code) =>
        Each((nibbles, halfs) => path == CodePath.I8mm ? NeonMatrixKernel.Write(code, nibbles, halfs) : NeonDotKernel.Write(code, nibbles, halfs));

    /// <summary>The code of a path in this process, or why there is none. It is written once.</summary>
    public static (ProductCode? Code, string? Refusal) Of(CodePath path)
    {
        lock (Made)
        {
            if (!Made.TryGetValue(path, out (ProductCode?, string?) made))
            {
                Made[path] = made = Make(path);
            }

            return made;
        }
    }

    private static bool IsWide(CodePath path) => path is CodePath.Avx512Vnni or CodePath.Amx;

    private static int Index(bool nibbles, bool halfs) => (nibbles ? 2 : 0) + (halfs ? 1 : 0);

    private static int[] Each(Func<bool, bool, int> write) => [write(false, false), write(false, true), write(true, false), write(true, true)];

    private static (ProductCode? Code, string? Refusal) Make(CodePath path)
    {
        if (CodeSupport.Obstacle(path) is { } obstacle)
        {
            return (null, obstacle);
        }

        byte[] bytes;
        int[] starts;
        int[]? attention = null;
        if (Dp.IsSupported)
        {
            ArmAssembler code = new();
            starts = Write(path, code);
            bytes = code.ToArray();
        }
        else
        {
            Assembler code = new();
            starts = Write(path, code, OperatingSystem.IsWindows());
            // What stands around these functions has vectors of 512 bits.
            bool attends = Lanes512.IsSupported && IsWide(path);
            attention = attends ? AttentionCode.Write(code, OperatingSystem.IsWindows()) : null;
            bytes = code.ToArray();
        }

        byte* place = ExecutableMemory.Hold(bytes, out string? refusal);
        if (place is null)
        {
            return (null, refusal);
        }

        Microkernel At(int start) => new((nint)place + start);
        Microkernel[] kernels = [.. starts.Select(At)];
        AttentionCode? attending = attention is [int scores, int values, int wordScores, int wordValues] ? new AttentionCode(At(scores), At(values), At(wordScores), At(wordValues)) : null;
        return (new ProductCode(path, kernels, path == CodePath.Amx ? kernels[^1] : null, attending), null);
    }
}
