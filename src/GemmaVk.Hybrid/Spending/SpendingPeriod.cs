namespace GemmaVk.Hybrid.Spending;

/// <summary>What a limit is for; days and months are those of UTC.</summary>
public enum SpendingPeriod
{
    /// <summary>A day.</summary>
    Day,

    /// <summary>A month.</summary>
    Month,

    /// <summary>All time.</summary>
    Ever,
}
