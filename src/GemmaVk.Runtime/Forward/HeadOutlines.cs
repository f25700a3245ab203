using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Planning;
using GemmaVk.Tensors;
using GemmaVk.Weights.Repack;

namespace GemmaVk.Runtime.Forward;

// Letters: V vocabulary (rows of the head), D its columns.

/// <summary>
/// When a head has an outline, what it takes, and when a pass may use it: the rules, in one place. A copy in INT8 of a head in BF16 is off by
/// 0.4 % of a row's norm, and parts the few rows that can matter from all others. A copy in INT4 of one in INT8 is off by 8 %, so that it does so
/// only where the largest logit stands out from the others by a sixth of the norms' product, which the logits of wide models hardly do: it is made on request.
/// </summary>
internal static class HeadOutlines
{
    /// <summary>Smaller heads are read in less time than it takes to look.</summary>
    private const int LeastRows = 1 << 14;

    /// <summary>Format of the copy; null for none.</summary>
    /// <param name="wish">What is asked for.</param>
    /// <param name="head">Format of the head as it is placed.</param>
    /// <param name="V">Its rows.</param>
    /// <param name="device">Where it lies.</param>
    public static DType? Format(HeadOutline wish, DType head, long V, DeviceMemory device) => wish switch
    {
        HeadOutline.Off => null,
        _ when !device.TakesOutlines => null,
        HeadOutline.On => RowOutline.FormatFor(head),
        _ => V >= LeastRows && RowOutline.FormatFor(head) == DType.Q8 ? DType.Q8 : null,
    };

    /// <summary>In half a sentence, for whoever wonders.</summary>
    public static string Reason(HeadOutline wish, DType head, long V, DeviceMemory device) => Format(wish, head, V, device) is { } format
        ? $"looked through by a copy in {format}"
        : wish == HeadOutline.Off ? "read whole: its outline is turned off"
        : !device.TakesOutlines ? "read whole: outlines are for the CPU"
        : RowOutline.FormatFor(head) is null ? $"read whole: {head} has no smaller copy"
        : V < LeastRows ? "read whole: it is small"
        : "read whole: a copy in Q4 pays only where the largest logit stands out far; --head-outline on makes one";

    /// <summary>What <see cref="Place"/> allocates beside the copy.</summary>
    public static IReadOnlyList<PlannedBuffer> Room(string name, DType head, long V, long D)
    {
        long scales = QuantBlocks.RowScales(head, D);
        PlannedBuffer[] some = scales == 0 ? [] : [new($"{name}.some.scale", QuantBlocks.ScaleType(head), new(OutlineRoom.Together, scales))];
        return
        [
            new($"{name}.bounds", DType.F32, new(V)),
            new($"{name}.some", head, new(OutlineRoom.Together, D)),
            .. some,
            new($"{name}.results", DType.F32, new(RowOutline.MostRows, OutlineRoom.Together)),
            new($"{name}.ids", DType.I32, new(OutlineRoom.Most)),
            new($"{name}.rows", DType.I8, new(RowOutline.MostRows, D)),
            new($"{name}.rows.unit", DType.F32, new(RowOutline.MostRows, D / QuantBlocks.GroupSize)),
        ];
    }

    /// <summary>Makes the outline of a head that is placed.</summary>
    /// <param name="exact">The rows that were placed, to be read once more.</param>
    /// <param name="backend">Where they lie.</param>
    /// <param name="head">The head.</param>
    /// <param name="format">Format of the copy.</param>
    public static RowOutline Place(MatrixSource exact, IBackend backend, WeightMatrix head, DType format)
    {
        float[] bounds = new float[head.N];
        float[] sizes = new float[head.N];
        OutlineMatrix source = new(exact, format, (row, norm, difference, scale) =>
        {
            bounds[row] = RowOutline.Bound(norm, difference, head.K);
            sizes[row] = (float)Math.Max(norm + difference, scale * 128);
        });
        Dictionary<string, BufferHandle> room = [];
        WeightMatrix? coarse = null;
        try
        {
            coarse = backend.Place(source);
            foreach (PlannedBuffer buffer in Room(source.Name, head.Format, head.N, head.K))
            {
                room.Add(buffer.Name[(source.Name.Length + 1)..], buffer.Allocate(backend));
            }

            backend.Write<float>(room["bounds"], bounds);
            WeightMatrix some = new(head.Format, OutlineRoom.Together, head.K, room["some"], room.GetValueOrDefault("some.scale"));
            // A NaN among them makes the largest NaN, and then nothing is proven.
            return new RowOutline(coarse, room["bounds"], sizes.Max(), new OutlineRoom(some, room["results"], room["ids"], new Activations(room["rows"], room["rows.unit"])));
        }
        catch
        {
            coarse?.Dispose();
            foreach (BufferHandle buffer in room.Values)
            {
                buffer.Dispose();
            }

            throw;
        }
    }

    /// <summary>
    /// How many of the largest logits the draws of a pass look at; 0 for all. Logits that are read or changed before the draw, masks, and draws
    /// without top-k, whose sum of probabilities is over all tokens, take all.
    /// </summary>
    /// <param name="parts">Whose rows.</param>
    /// <param name="suppressed">Tokens that are never drawn: so many of the largest may be theirs.</param>
    public static int Largest(PassPart[] parts, int suppressed)
    {
        int most = 0;
        foreach (PassPart part in parts)
        {
            if (part.Choice is not { } choice || part.Masked || (choice.Temperature != 0 && choice.TopK <= 0))
            {
                return 0;
            }

            most = Math.Max(most, choice.Temperature == 0 ? 1 : choice.TopK);
        }

        return most + suppressed;
    }
}
