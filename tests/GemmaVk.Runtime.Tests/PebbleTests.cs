using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>The embedded checkpoint answers its held examples as the published implementation does, on every device.</summary>
public class PebbleTests
{
    [Theory]
    [MemberData(nameof(Backends.Devices), MemberType = typeof(Backends))]
    public void Greedy_answers_are_the_published_ones(string device)
    {
        using IBackend backend = Backends.Open(device);
        using Checkpoint checkpoint = Checkpoint.Open(Path.Combine(Repository.Root, "weights", "pebble"));
        using GemmaModel model = GemmaModel.Load(checkpoint, backend, new Precision());
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Repository.Golden("pebble", "answers.json")));
        List<string> wrong = [];
        // ILGPU's own device is slow, and every kernel is the same for all answers.
        int every = device == "ilgpu" ? 3 : 1, cases = 0;
        foreach (JsonElement example in golden.RootElement.GetProperty("cases").EnumerateArray().Where((_, index) => index % every == 0))
        {
            using Session session = model.NewSession(1024);
            int[] expected = Ids(example.GetProperty("answer_ids"));
            Generation answer = new Generator(model).Generate(
                session, Ids(example.GetProperty("prompt_ids")), new GenerationOptions(expected.Length, default, new HashSet<int>()));
            if (!expected.SequenceEqual(answer.Ids))
            {
                wrong.Add(example.GetProperty("name").GetString()!);
            }

            cases++;
        }

        Assert.True(cases * every >= 24, $"only {cases} examples");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {cases} answers differ: {string.Join(", ", wrong)}");
    }

    private static int[] Ids(JsonElement ids) => [.. ids.EnumerateArray().Select(id => id.GetInt32())];
}
