using System;
using System.Globalization;

namespace GemmaVk.Hybrid.Spending;

/// <summary>What may be spent.</summary>
/// <param name="Amount">At most.</param>
/// <param name="Period">In which time.</param>
/// <param name="Currency">Shown behind amounts.</param>
public sealed record SpendingLimit(decimal Amount, SpendingPeriod Period, string Currency)
{
    /// <summary>Whether a moment counts at another.</summary>
    public bool Counts(DateTimeOffset moment, DateTimeOffset now) => Period switch
    {
        SpendingPeriod.Day => moment.UtcDateTime.Date == now.UtcDateTime.Date,
        SpendingPeriod.Month => (moment.UtcDateTime.Year, moment.UtcDateTime.Month) == (now.UtcDateTime.Year, now.UtcDateTime.Month),
        _ => true,
    };

    /// <summary>Its time in words.</summary>
    public string Time => Period switch { SpendingPeriod.Day => "a day", SpendingPeriod.Month => "a month", _ => "in all" };

    /// <summary>An amount in words.</summary>
    public string Shown(decimal amount) => string.Create(CultureInfo.InvariantCulture, $"{amount:0.####} {Currency}").TrimEnd();
}
