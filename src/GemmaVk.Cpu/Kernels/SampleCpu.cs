using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Kernels.Sampling;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu.Kernels;

// Letters: T rows in this pass, V vocabulary.

/// <summary>
/// SIMD twin of <see cref="Sample"/>: a row is one unit. Only the rows' maxima and the few candidates that top-k leaves
/// are looked at one by one; the rest is passed over in vectors.
/// </summary>
internal static unsafe class SampleCpu
{
    public static void Run<L, TF>(RowPartition pool, Scratch scratch, in Sample.Args args)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        long count = (long)(args.First + args.T) * args.V;
        long bytes = Candidates.Bytes(args.V);
        Work<L, TF> work = new()
        {
            Logits = CpuBuffer.Of<float>(args.Logits, DType.F32, count) + ((long)args.First * args.V),
            Suppress = CpuBuffer.Of<int>(args.Suppress, DType.I32, args.SuppressCount),
            SuppressCount = args.SuppressCount,
            Allowed = args.Allowed is { } allowed
                ? (uint*)(CpuBuffer.Of<int>(allowed, DType.I32, (long)(args.First + args.T) * Sample.Words(args.V)) + ((long)args.First * Sample.Words(args.V)))
                : null,
            Positions = CpuBuffer.Of<int>(args.Positions, DType.I32, args.First + args.T) + args.First,
            Ids = CpuBuffer.Of<int>(args.Ids, DType.I32, args.First + args.T + args.Ahead) + args.First + args.Ahead,
            V = args.V,
            Choice = args.Choice,
            Workspace = scratch.Take(bytes * pool.Threads),
            WorkspaceBytes = bytes,
        };
        pool.Run(ref work, args.T);
    }

    private struct Work<L, TF> : IRowWork
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        public float* Logits;
        public int* Suppress;
        public int SuppressCount;
        public uint* Allowed;
        public int* Positions;
        public int* Ids;
        public int V;
        public Sample.Choice Choice;
        public byte* Workspace;
        public long WorkspaceBytes;

        public readonly void Rows(int first, int end, int worker)
        {
            for (int t = first; t < end; t++)
            {
                float* l = Logits + ((long)t * V);
                for (int i = 0; i < SuppressCount; i++)
                {
                    ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)Suppress[i], (uint)V);
                    l[Suppress[i]] = float.NegativeInfinity;
                }

                if (Allowed != null)
                {
                    Mask(l, Allowed + ((long)t * Sample.Words(V)));
                }

                if (!CanDraw(l))
                {
                    Ids[t] = -1;
                    continue;
                }

                if (Choice.Temperature == 0)
                {
                    Ids[t] = Greedy(l);
                    continue;
                }

                Divide(l);
                Candidates candidates = new(Workspace + (worker * WorkspaceBytes), V);
                candidates.Collect<L, TF>(l, Choice.TopK);
                candidates.TopP(Choice.TopP);
                candidates.MinP(Choice.MinP);
                Ids[t] = candidates.Draw(Sample.Uniform(Choice.Seed, Positions[t] + 1));
            }
        }

        /// <summary>Takes out what the bits do not allow: most words of a mask are all zeros or all ones.</summary>
        private readonly void Mask(float* l, uint* allowed)
        {
            for (int word = 0; word < Sample.Words(V); word++)
            {
                int first = word << 5;
                Span<float> values = new(l + first, Math.Min(32, V - first));
                uint bits = allowed[word];
                if (bits == 0)
                {
                    values.Fill(float.NegativeInfinity);
                    continue;
                }

                for (uint missing = ~bits; missing != 0; missing &= missing - 1)
                {
                    int bit = BitOperations.TrailingZeroCount(missing);
                    if (bit >= values.Length)
                    {
                        break;
                    }

                    values[bit] = float.NegativeInfinity;
                }
            }
        }

        /// <summary>
        /// Whether no value is NaN or +infinity and one is finite: compared as bits, because comparisons of NaN say nothing.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly bool CanDraw(float* l)
        {
            const uint Infinity = 0x7F800000;
            uint* bits = (uint*)l;
            Vector<uint> infinity = new(Infinity), magnitude = new(0x7FFFFFFFu), bad = Vector<uint>.Zero, finite = Vector<uint>.Zero;
            int i = 0;
            for (; i + Vector<uint>.Count <= V; i += Vector<uint>.Count)
            {
                Vector<uint> value = Vector.Load(bits + i);
                bad |= Vector.GreaterThan(value & magnitude, infinity) | Vector.Equals(value, infinity);
                finite |= Vector.LessThan(value & magnitude, infinity);
            }

            bool can = bad == Vector<uint>.Zero;
            bool any = finite != Vector<uint>.Zero;
            for (; i < V; i++)
            {
                can &= bits[i] != Infinity && (bits[i] & 0x7FFFFFFF) <= Infinity;
                any |= (bits[i] & 0x7FFFFFFF) < Infinity;
            }

            return can && any;
        }

        /// <summary>The lowest id with the largest value.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly int Greedy(float* l)
        {
            float largest = VectorOps.Largest<L, TF>(l, V, float.NegativeInfinity);
            TF wanted = L.Create(largest);
            int i = 0;
            while (i + L.Count <= V && !L.AnyAtLeast(L.Load(l + i), wanted))
            {
                i += L.Count;
            }

            while (i < V - 1 && l[i] != largest)
            {
                i++;
            }

            return i;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Divide(float* l)
        {
            if (Choice.Temperature == 1)
            {
                return;
            }

            TF temperature = L.Create(Choice.Temperature);
            int i = 0;
            for (; i + L.Count <= V; i += L.Count)
            {
                L.Store(L.Divide(L.Load(l + i), temperature), l + i);
            }

            for (; i < V; i++)
            {
                l[i] /= Choice.Temperature;
            }
        }
    }
}
