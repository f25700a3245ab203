using System.Collections.Generic;
using GemmaVk.Kernels;

namespace GemmaVk.Runtime.Planning;

/// <summary>
/// Everything of size that running a model takes, before any of it is taken. What is allocated afterwards is this and no
/// more.
/// </summary>
/// <param name="Items">Bytes by what they are for; those that come to nothing are left out.</param>
/// <param name="Context">Positions of a session that the items are for.</param>
/// <param name="MaxContext">Most positions that fit the budget, at most what the model allows; 0 where nothing fits.</param>
/// <param name="BudgetBytes">Bytes there are.</param>
/// <param name="Buffers">Every buffer by name.</param>
/// <param name="ScratchBytes">Memory for kernels while they run.</param>
/// <param name="ConvertedBytes">Stored weights that are read only to be converted, and held by nobody afterwards.</param>
public sealed record MemoryPlan(
    IReadOnlyList<MemoryItem> Items,
    int Context,
    int MaxContext,
    long BudgetBytes,
    IReadOnlyList<BufferSize> Buffers,
    long ScratchBytes,
    long ConvertedBytes)
{
    /// <summary>Conversations that the caches are for.</summary>
    public int Sessions { get; init; } = 1;

    /// <summary>Main memory for what conversations begin with alike: one of the items where the device computes in main memory, beside them where it has its own.</summary>
    public long PrefixBytes { get; init; }

    /// <summary>Sum of the items.</summary>
    public long TotalBytes
    {
        get
        {
            long sum = 0;
            foreach (MemoryItem item in Items)
            {
                sum = checked(sum + item.Bytes);
            }

            return sum;
        }
    }

    /// <summary>The first buffer that is larger than the device gives in one, or null.</summary>
    public BufferSize? TooLarge { get; init; }

    /// <summary>Whether the total is within the budget, and each buffer within the device's limit.</summary>
    public bool Fits => TotalBytes <= BudgetBytes && TooLarge is null;

    /// <summary>Bytes of an item, 0 where it is left out.</summary>
    public long this[string name]
    {
        get
        {
            foreach (MemoryItem item in Items)
            {
                if (item.Name == name)
                {
                    return item.Bytes;
                }
            }

            return 0;
        }
    }
}

/// <summary>A line of a plan.</summary>
/// <param name="Name">What it is for, one of <see cref="PlanItems"/>.</param>
/// <param name="Bytes">Bytes it takes.</param>
public sealed record MemoryItem(string Name, long Bytes);
