using System.Globalization;
using GemmaVk.Runtime.Planning;
using GemmaVk.Tensors;

namespace GemmaVk;

/// <summary>There is no room for another conversation now; later there may be.</summary>
/// <param name="message">The full sentence, with the numbers.</param>
public sealed class EngineBusyException(string message) : GemmaVkException(message)
{
    /// <summary>Conversations that are being answered.</summary>
    public int Running { get; private init; }

    /// <summary>Those that wait.</summary>
    public int Waiting { get; private init; }

    /// <summary>Where the queue is as long as it may be.</summary>
    internal static EngineBusyException Of(GemmaEngine engine, int running, int waiting)
    {
        long cache = (engine.Plan[PlanItems.SlidingKv] + engine.Plan[PlanItems.FullKv]) / engine.Plan.Sessions;
        return new EngineBusyException(string.Create(
            CultureInfo.InvariantCulture,
            $"{running} of {engine.Plan.Sessions} conversations are being answered and {waiting} wait: expected fewer than {engine.LongestQueue} that wait (LongestQueue). "
            + $"Each takes {PlanRefusal.Size(cache)}, and {PlanRefusal.Size(engine.Plan.TotalBytes)} of {PlanRefusal.Size(engine.Plan.BudgetBytes)} are planned; try again later, or load the model for more (--sessions)."))
        {
            Running = running,
            Waiting = waiting,
        };
    }
}
