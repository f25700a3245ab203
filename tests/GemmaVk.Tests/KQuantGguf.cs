using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Weights;
using GemmaVk.Weights.Gguf;
using GemmaVk.Weights.Gguf.Writing;

namespace GemmaVk.Tests;

// Letters: d scale of a block, m scale of its minima, q integer.

/// <summary>
/// The small model as GGUF in K-quants of all kinds, and with matrices of one input whose INT8 rows come in different orders. Rounded to nearest, without the
/// search for better scales that quantisers have: the answers are still those of a model.
/// </summary>
public sealed class KQuantGguf : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public KQuantGguf()
    {
        using Checkpoint source = Checkpoint.Open(Repository.Pebble);
        TensorSpec[] specs = [.. source.Table.Where(spec => spec.Role is TensorRole.Linear or TensorRole.Embedding || (spec.Role == TensorRole.Vector && !GgufNames.IsProjector(spec.Name)))];
        List<SafetensorsEntry> entries = [new(GgufNames.RopeFreqs, "F32", [source.Config.GlobalHeadDim / 2])];
        entries.AddRange(specs.Select(spec => new SafetensorsEntry(
            GgufNames.Back(spec.Name, false), TypeOf(spec), [.. Enumerable.Range(0, spec.Shape.Rank).Select(axis => spec.Shape[axis])])));
        using GgufWriter writer = GgufWriter.Create(
            Model, GgufDescription.Of(source.Config, TokenizerLists.Read(Path.Combine(Repository.Pebble, "tokenizer.json")), 15, "pebble"), entries);
        int turning = (int)(source.Config.PartialRotaryFactor * source.Config.GlobalHeadDim / 2);
        writer.Write(GgufNames.RopeFreqs, 0, MemoryMarshal.AsBytes<float>([.. Enumerable.Range(0, source.Config.GlobalHeadDim / 2).Select(pair => pair < turning ? 1f : 1e30f)]));
        foreach ((TensorSpec spec, SafetensorsEntry entry) in specs.Zip(entries.Skip(1)))
        {
            if (spec.Role == TensorRole.Vector)
            {
                writer.Write(entry.Name, 0, MemoryMarshal.AsBytes<float>(source.Vector(spec.Name)));
                continue;
            }

            float[] values = new float[spec.Shape.Count];
            source.Matrix(spec.Name, DType.F32).ReadRows(0, (int)spec.Shape[0], MemoryMarshal.AsBytes(values.AsSpan()), []);
            writer.Write(entry.Name, 0, Blocks(entry.DType, values));
        }

        writer.Commit();
    }

    /// <summary>The file.</summary>
    public string Model => _folder["pebble-k.gguf"];

    /// <summary>A path in the same folder.</summary>
    public string this[string name] => _folder[name];

    public void Dispose() => _folder.Dispose();

    private static string TypeOf(TensorSpec spec)
    {
        bool even = spec.Name.Contains("layers.0.", StringComparison.Ordinal) || spec.Name.Contains("layers.2.", StringComparison.Ordinal);
        return spec.Role == TensorRole.Vector ? "F32"
            : spec.Role == TensorRole.Embedding ? "Q6_K"
            : spec.Name.Contains(".k_proj.", StringComparison.Ordinal) ? (even ? "Q8_0" : "Q6_K")
            : spec.Name.Contains(".up_proj.", StringComparison.Ordinal) ? (even ? "Q8_0" : "Q5_K")
            : spec.Name.Contains(".down_proj.", StringComparison.Ordinal) || spec.Name.Contains(".v_proj.", StringComparison.Ordinal) ? "Q6_K"
            : spec.Name.Contains(".o_proj.", StringComparison.Ordinal) ? "Q5_K"
            : "Q4_K";
    }

    private static byte[] Blocks(string type, ReadOnlySpan<float> values)
    {
        GgmlType known = GgmlType.Named(type)!;
        byte[] bytes = new byte[values.Length / known.BlockElements * known.BlockBytes];
        for (int b = 0; b < values.Length / known.BlockElements; b++)
        {
            ReadOnlySpan<float> from = values.Slice(b * known.BlockElements, known.BlockElements);
            Span<byte> block = bytes.AsSpan(b * known.BlockBytes, known.BlockBytes);
            switch (type)
            {
                case "Q8_0":
                    Eight(from, block);
                    break;
                case "Q6_K":
                    Six(from, block);
                    break;
                default:
                    Affine(from, block, type == "Q5_K");
                    break;
            }
        }

        return bytes;
    }

    private static void Eight(ReadOnlySpan<float> x, Span<byte> block)
    {
        float d = Half(block, Largest(x) / 127);
        for (int i = 0; i < 32; i++)
        {
            block[2 + i] = (byte)(sbyte)Rounded(x[i], d, -127, 127);
        }
    }

    private static void Six(ReadOnlySpan<float> x, Span<byte> block)
    {
        float d = Half(block[208..], Largest(x) / 31 / 127);
        for (int group = 0; group < 16; group++)
        {
            int scale = Rounded(Largest(x.Slice(16 * group, 16)) / 31, d, 0, 127);
            block[192 + group] = (byte)scale;
            for (int i = 16 * group; i < 16 * (group + 1); i++)
            {
                int q = Rounded(x[i], d * scale, -32, 31) + 32, half = i / 128, place = i % 128;
                block[(64 * half) + (place % 64)] |= (byte)((q & 15) << (4 * (place / 64)));
                block[128 + (32 * half) + (place % 32)] |= (byte)((q >> 4) << (2 * (place / 32)));
            }
        }
    }

    private static void Affine(ReadOnlySpan<float> x, Span<byte> block, bool five)
    {
        int top = five ? 31 : 15;
        float[] least = new float[8], step = new float[8];
        for (int group = 0; group < 8; group++)
        {
            float[] values = x.Slice(32 * group, 32).ToArray();
            least[group] = MathF.Max(0, -values.Min());
            step[group] = (MathF.Max(0, values.Max()) + least[group]) / top;
        }

        float d = Half(block, step.Max() / 63), m = Half(block[2..], least.Max() / 63);
        for (int group = 0; group < 8; group++)
        {
            int scale = Rounded(step[group], d, 0, 63), minimum = Rounded(least[group], m, 0, 63), at = 4 + (group % 4);
            if (group < 4)
            {
                block[at] |= (byte)scale;
                block[at + 4] |= (byte)minimum;
            }
            else
            {
                block[at + 8] = (byte)((scale & 15) | ((minimum & 15) << 4));
                block[at] |= (byte)(scale >> 4 << 6);
                block[at + 4] |= (byte)(minimum >> 4 << 6);
            }

            for (int i = 0; i < 32; i++)
            {
                int q = Rounded(x[(32 * group) + i] + (m * minimum), d * scale, 0, top);
                block[(five ? 48 : 16) + (32 * (group / 2)) + i] |= (byte)((q & 15) << (4 * (group % 2)));
                if (five)
                {
                    block[16 + i] |= (byte)((q >> 4) << group);
                }
            }
        }
    }

    private static float Half(Span<byte> to, float value)
    {
        BinaryPrimitives.WriteHalfLittleEndian(to, (Half)value);
        return (float)(Half)value;
    }

    private static float Largest(ReadOnlySpan<float> x) => x.ToArray().Max(MathF.Abs);

    private static int Rounded(float value, float step, int least, int most) => step == 0 ? Math.Clamp(0, least, most) : (int)Math.Clamp(MathF.Round(value / step), least, most);
}
