using System;
using System.Globalization;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.Calls;
using GemmaVk.Text;

namespace GemmaVk.Mcp.BuiltIn;

/// <summary>Says which date and time it is, here or in a time zone.</summary>
/// <param name="clock">Tells the time.</param>
internal sealed class Calendar(TimeProvider clock) : OwnTool(ToolSchema.Declare(
    "date",
    "Says date, weekday and time, now or some days from now, in a time zone.",
    """{"type":"object","properties":{"time_zone":{"type":"string","description":"A name such as Europe/Berlin or UTC; without one, that of this machine."},"days_from_now":{"type":"integer","description":"Days to add; negative ones lie in the past."}},"required":[],"additionalProperties":false}"""))
{
    private const int MostDays = 365_000;

    /// <inheritdoc/>
    protected override ToolAnswer Call(JsonElement arguments, CancellationToken cancel)
    {
        string? name = ToolSchema.Text(arguments, "time_zone");
        TimeZoneInfo? zone = clock.LocalTimeZone;
        if (name is { Length: > 0 } && !TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone))
        {
            return ToolAnswer.Failed($"There is no time zone {name}: expected a name such as Europe/Berlin, America/New_York or UTC.");
        }

        int days = ToolSchema.Number(arguments, "days_from_now") ?? 0;
        if (days is < -MostDays or > MostDays)
        {
            return ToolAnswer.Failed($"{days} days: expected from -{MostDays} to {MostDays}.");
        }

        DateTimeOffset utc = clock.GetUtcNow();
        if (days < -(utc.Date - DateTime.MinValue).TotalDays + 2)
        {
            return ToolAnswer.Failed($"{days} days from now there was no calendar: expected a date from the year 1 on.");
        }

        // Days are those of the calendar there: a day of 23 hours is one.
        DateTime there = TimeZoneInfo.ConvertTime(utc, zone).DateTime.AddDays(days);
        DateTimeOffset moment = new(there, zone.GetUtcOffset(there));
        return ToolAnswer.Of(moment.ToString("dddd, yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture) + $" ({zone.Id})");
    }
}
