using System;
using System.IO;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Planning;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Tests;

public sealed class EnginePlanTests(PebbleEngine pebble) : IClassFixture<PebbleEngine>
{
    [Fact]
    public void Without_a_wish_a_session_has_all_positions_that_fit()
    {
        Assert.Equal(4096, pebble.Engine.DefaultContextLength);
        Assert.True(pebble.Engine.Plan.Fits);
        using GemmaSession session = pebble.Engine.NewSession();
        Assert.Equal(4096, session.Context);

        long budget = pebble.Engine.Plan.TotalBytes - (1 << 20);
        using GemmaEngine small = GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", Budget = budget });
        Assert.InRange(small.DefaultContextLength, 256, 4095);
        using GemmaSession shorter = small.NewSession();
        Assert.Equal(small.DefaultContextLength, shorter.Context);
    }

    [Fact]
    public void The_plan_before_loading_is_the_plan_of_loading()
    {
        EngineOptions options = new() { Model = Repository.Pebble, Device = "cpu", Context = 1000 };
        PlanRequest asked = EnginePlan.Ask(options, out string reason);
        Assert.Equal("asked for with --device cpu", reason);
        using GemmaEngine engine = GemmaEngine.Load(options);
        Assert.Equal(MemoryPlanner.Plan(asked).Items, engine.Plan.Items);
        Assert.Equal(1000, engine.DefaultContextLength);
    }

    [Fact]
    public void A_second_session_that_does_not_fit_is_refused_and_the_first_goes_on()
    {
        long budget = pebble.Engine.Plan.TotalBytes + 1000;
        using GemmaEngine engine = GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", Budget = budget });
        using (GemmaSession first = engine.NewSession())
        {
            EngineBusyException e = Assert.Throws<EngineBusyException>(() => engine.NewSession());
            Assert.Contains("a session of 4096 positions needs ", e.Message, StringComparison.Ordinal);
            Assert.NotEmpty(first.Ask("Hello", PebbleEngine.Greedy).Text);
            Assert.Throws<GemmaVkException>(() => engine.NewSession(0));
            Assert.Throws<GemmaVkException>(() => engine.NewSession(5000));
        }

        engine.NewSession().Dispose();
    }

    [Fact]
    public void A_refusal_leaves_nothing_behind()
    {
        EngineOptions options = new() { Model = Repository.Pebble, Device = "cpu", Budget = 1 << 20 };
        Assert.Throws<GemmaVkException>(() => GemmaEngine.Load(options));
        using GemmaEngine engine = GemmaEngine.Load(options with { Budget = null });
        Assert.True(engine.Plan.Fits);
    }
}
