using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Gpu;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Prefixes;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>A device that stops answering, in the prompt, between tokens, while drafts are made and checked: the text is the same.</summary>
public class LostDeviceTests
{
    private static readonly Sample.Choice Warm = new(Temperature: 1.2f, TopK: 50, TopP: 0.95f, Seed: 11);
    private static readonly Lazy<Task<(int[][] Ids, Dictionary<string, (int Loaded, int All)> Calls)>> Undisturbed = new(Observe);

    [Fact]
    public async Task A_lost_device_changes_no_text_wherever_it_is_lost()
    {
        (int[][] expected, Dictionary<string, (int Loaded, int All)> calls) = await Undisturbed.Value;
        foreach ((string name, (int loaded, int all)) in calls)
        {
            foreach (double part in (double[])[0, 0.1, 0.4, 0.7])
            {
                using FaultyDriver driver = new();
                driver.Fail(name, loaded + 1 + (int)((all - loaded - 1) * part));
                List<string> notices = [];
                using TinyPair pair = Pair();
                Assert.Equal(expected, await Talk(pair, notices));
                Assert.Equal(1, driver.Happened);
                Assert.Contains("loss 1 of 2 that are made good", Assert.Single(notices), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Twice_is_made_good_and_then_it_is_over()
    {
        (int[][] expected, Dictionary<string, (int Loaded, int All)> calls) = await Undisturbed.Value;
        (int loaded, int all) = calls["vkQueueSubmit"];
        int first = loaded + ((all - loaded) / 3);
        using FaultyDriver driver = new();
        driver.Fail("vkQueueSubmit", first);
        // While the weights are read again, and while sessions are taken in again: both count.
        driver.Fail("vkQueueSubmit", first + 1);
        List<string> notices = [];
        using (TinyPair pair = Pair())
        {
            Assert.Equal(expected, await Talk(pair, notices));
        }

        Assert.Contains("loss 2 of 2", Assert.Single(notices), StringComparison.Ordinal);

        using FaultyDriver worse = new();
        Enumerable.Range(first, 3).ToList().ForEach(call => worse.Fail("vkQueueSubmit", call));
        using TinyPair over = Pair();
        DeviceLostException lost = await Assert.ThrowsAsync<DeviceLostException>(() => Talk(over, []));
        Assert.Contains("stopped answering while running", lost.Message, StringComparison.Ordinal);
        // It says so at once from now on, and closes.
        using ContinuousBatch late = new(over.Model);
        Assert.Throws<DeviceLostException>(() => over.Backend.Read(over.Model.Buffers.Drawn, new int[8]));
    }

    [Fact]
    public async Task Sessions_at_rest_and_forks_go_on_too()
    {
        int[][] expected = await Rest(new FaultyDriver());
        using FaultyDriver driver = new();
        int[][] lost = await Rest(driver, lose: true);
        Assert.Equal(1, driver.Happened);
        Assert.Equal(expected, lost);
    }

    [Fact]
    public void A_call_that_finds_no_memory_is_a_sentence_and_everything_closes()
    {
        string[] names;
        using (FaultyDriver driver = new())
        {
            using (TinyPair pair = Pair())
            {
                using Session session = pair.Model.NewSession(64);
                _ = new Generator(pair.Model).Generate(session, DraftRun.Ids(9, 1), new GenerationOptions(3, Warm, new HashSet<int>()));
            }

            names = [.. driver.Counts.Keys.Where(name => name is not ("vkQueueSubmit" or "vkWaitSemaphores" or "vkGetSemaphoreCounterValue" or "vkCreateDevice" or "vkFreeMemory"))];
        }

        Assert.True(names.Length >= 12, string.Join(" ", names));
        foreach (string name in names)
        {
            using FaultyDriver driver = new();
            driver.Fail(name, 1, FaultyDriver.OutOfDeviceMemory);
            Exception? error = Record.Exception(() =>
            {
                using TinyPair pair = Pair();
                using Session session = pair.Model.NewSession(64);
                _ = new Generator(pair.Model).Generate(session, DraftRun.Ids(9, 1), new GenerationOptions(3, Warm, new HashSet<int>()));
            });
            Assert.Equal(1, driver.Happened);
            Assert.True(driver.HeldBytes == 0, $"{name}: {driver.HeldBytes} bytes of the device stay behind");
            // A pipeline cache is a help that is done without, and a large block is asked for once more, smaller.
            Assert.True(error is GemmaVkException or VulkanException || (error is null && name is "vkCreatePipelineCache" or "vkAllocateMemory" or "vkCreateBuffer" or "vkBindBufferMemory" or "vkMapMemory"), $"{name}: {error}");
        }
    }

    [Fact]
    public void A_heap_that_is_smaller_than_the_driver_says_is_a_sentence_and_nothing_stays_behind()
    {
        long whole;
        int[] expected;
        using (FaultyDriver driver = new())
        {
            expected = Answer();
            whole = driver.HeldMost;
            Assert.Equal(0, driver.HeldBytes);
        }

        foreach (long bytes in (long[])[0, 4 << 10, 64 << 10])
        {
            using FaultyDriver driver = new() { HeapBytes = bytes };
            string said = Assert.ThrowsAny<GemmaVkException>(() => Answer()).Message;
            Assert.Matches("has no room for '.+': [0-9]+ bytes are needed, [0-9]+ of [0-9]+ are in use by this process", said);
            Assert.True(driver.Happened > 0 && driver.HeldBytes == 0, $"{driver.Happened} refusals, {driver.HeldBytes} bytes stay behind");
        }

        // Blocks of what is needed fit where those of the usual size do not.
        using FaultyDriver smaller = new() { HeapBytes = whole - 1 };
        Assert.Equal(expected, Answer());
        Assert.True(smaller.Happened > 0);

        static int[] Answer()
        {
            using TinyPair pair = Pair();
            using Session session = pair.Model.NewSession(64);
            return [.. new Generator(pair.Model).Generate(session, DraftRun.Ids(9, 1), new GenerationOptions(3, Warm, new HashSet<int>())).Ids];
        }
    }

    [Fact]
    public void Memory_that_ends_while_sessions_are_added_leaves_those_that_are_there()
    {
        int[] expected = Talk(limited: false, out _);
        Assert.Equal(expected, Talk(limited: true, out int refused));
        Assert.True(refused > 0);

        static int[] Talk(bool limited, out int refused)
        {
            using FaultyDriver driver = new();
            using TinyPair pair = Pair();
            using Session session = pair.Model.NewSession(160);
            Generator generator = new(pair.Model);
            List<int> said = [.. Next(DraftRun.Ids(9, 1))];
            refused = 0;
            if (limited)
            {
                // Another program took the rest: blocks that are there may still be filled, and then there is no more.
                driver.HeapBytes = driver.HeldBytes;
                List<Session> more = [];
                GemmaVkException error = Assert.ThrowsAny<GemmaVkException>(() =>
                {
                    while (more.Count < 10_000)
                    {
                        more.Add(pair.Model.NewSession(160));
                    }
                });
                Assert.Contains("has no room for", error.Message, StringComparison.Ordinal);
                more.ForEach(each => each.Dispose());
                refused = driver.Happened;
            }

            said.AddRange(Next(DraftRun.Ids(7, 2)));
            return [.. said];

            IEnumerable<int> Next(int[] prompt) => generator.Generate(session, prompt, new GenerationOptions(8, Warm, new HashSet<int>())).Ids;
        }
    }

    // How often a command is called depends on no time: no pass is cut, and drafts are as many as asked for.
    private static TinyPair Pair() => new("vulkan-whole", new(Linears: DType.Q4, Embedding: DType.Q8, QuantiseActivations: true), drafts: 3);

    private static async Task<(int[][] Ids, Dictionary<string, (int Loaded, int All)> Calls)> Observe()
    {
        using FaultyDriver driver = new();
        using TinyPair pair = Pair();
        Dictionary<string, int> loaded = new(driver.Counts);
        int[][] ids = await Talk(pair, []);
        string[] running = ["vkQueueSubmit", "vkWaitSemaphores", "vkGetSemaphoreCounterValue"];
        return (ids, running.ToDictionary(name => name, name => (loaded.GetValueOrDefault(name), driver.Counts[name])));
    }

    /// <summary>Two conversations of two turns side by side, one greedy and one not, with drafts, and what they begin with alike taken in once.</summary>
    private static async Task<int[][]> Talk(TinyPair pair, List<string> notices)
    {
        PrefixStore prefixes = new(pair.Model, 1 << 20);
        // Nor do pieces of prompts depend on time, nor who runs beside whom.
        using ContinuousBatch batch = new(pair.Model, pair.Drafter) { Notice = notices.Add, PrefillTime = TimeSpan.FromMinutes(10) };
        using Session one = pair.Model.NewSession(160, prefixes), two = pair.Model.NewSession(160, prefixes);
        List<int[]> said = [];
        foreach (int turn in (int[])[1, 2])
        {
            using ManualResetEventSlim asked = new();
            Task<bool> held = batch.Do(() => asked.Wait(TimeSpan.FromMinutes(2)));
            Task<Generation>[] answers =
            [
                batch.Generate(one, new PromptRows(DraftRun.Ids(40, turn)), new GenerationOptions(12, default, new HashSet<int>())),
                batch.Generate(two, new PromptRows(DraftRun.Ids(33, turn)), new GenerationOptions(12, Warm, new HashSet<int>())),
            ];
            asked.Set();
            Assert.True(await held);
            said.AddRange((await Task.WhenAll(answers).WaitAsync(TimeSpan.FromMinutes(2))).Select(answer => answer.Ids.ToArray()));
        }

        return [.. said];
    }

    private static async Task<int[][]> Rest(FaultyDriver driver, bool lose = false)
    {
        using TinyPair pair = Pair();
        using ContinuousBatch batch = new(pair.Model);
        using Session origin = pair.Model.NewSession(160), other = pair.Model.NewSession(160);
        GenerationOptions options = new(10, Warm, new HashSet<int>());
        List<Generation> said = [await batch.Generate(origin, new PromptRows(DraftRun.Ids(50, 1)), options)];
        using Session fork = await batch.Do(origin.Fork);
        if (lose)
        {
            driver.Fail("vkQueueSubmit", driver.Counts["vkQueueSubmit"] + 2);
        }

        said.Add(await batch.Generate(other, new PromptRows(DraftRun.Ids(20, 2)), options));
        said.Add(await batch.Generate(fork, new PromptRows(DraftRun.Ids(5, 3)), options));
        said.Add(await batch.Generate(origin, new PromptRows(DraftRun.Ids(5, 4)), options));
        driver.Dispose();
        return [.. said.Select(answer => answer.Ids.ToArray())];
    }
}
