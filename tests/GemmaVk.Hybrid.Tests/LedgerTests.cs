using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using GemmaVk.Hybrid.Spending;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Hybrid.Tests;

/// <summary>What was spent, and what may be.</summary>
public sealed class LedgerTests
{
    private static readonly SpendingLimit Five = new(5, SpendingPeriod.Day, "EUR");

    [Fact]
    public void A_limit_holds_for_its_time_and_across_programs()
    {
        using TemporaryFolder folder = new();
        Hands clock = new() { Now = new(2026, 1, 31, 23, 0, 0, TimeSpan.Zero) };
        string path = folder["data/spending.jsonl"];
        Ledger ledger = new(path, clock);
        Assert.Equal(0, ledger.Spent(Five));
        string id = ledger.Reserve(Five, "far", 4);
        Assert.Equal(4, new Ledger(path, clock).Spent(Five));
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => new Ledger(path, clock).Reserve(Five, "far", 1.5m));
        Assert.Contains("at most 5 EUR a day, but 4 EUR are spent and this could cost 1.5 EUR; nothing was sent", error.Message);
        ledger.Settle(id, "far", 0.25m, 100, 10);
        Assert.Equal(0.25m, ledger.Spent(Five));
        ledger.Reserve(Five, "far", 4.75m);
        Assert.Equal(5, ledger.Spent(Five with { Period = SpendingPeriod.Month }));
        clock.Now += TimeSpan.FromHours(2);
        Assert.Equal(0, ledger.Spent(Five));
        Assert.Equal(0, ledger.Spent(Five with { Period = SpendingPeriod.Month }));
        Assert.Equal(5, ledger.Spent(Five with { Period = SpendingPeriod.Ever }));

        File.AppendAllText(path, "not a line\n");
        Assert.Contains("expected what was spent", Assert.Throws<GemmaVkException>(() => ledger.Spent(Five)).Message);
    }

    [Fact]
    public async Task Requests_that_come_together_do_not_pass_the_limit()
    {
        using TemporaryFolder folder = new();
        string path = folder["spending.jsonl"];
        bool[] let = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() =>
        {
            try
            {
                new Ledger(path, TimeProvider.System).Reserve(Five, "far", 1);
                return true;
            }
            catch (GemmaVkException)
            {
                return false;
            }
        })));
        Assert.Equal(5, let.Count(each => each));
    }

    private sealed class Hands : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
