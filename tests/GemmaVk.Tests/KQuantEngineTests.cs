using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>A model in K-quants runs from the file's own numbers, whatever the device.</summary>
public sealed class KQuantEngineTests(KQuantGguf gguf) : IClassFixture<KQuantGguf>
{
    private static readonly int[] Ids = [2, 5, 100, 200, 300, 400, 17, 512, 77, 901, 33, 8];

    [Fact]
    public void Nothing_is_rounded_on_the_way()
    {
        using Checkpoint checkpoint = Checkpoint.Open(gguf.Model, "off");
        Assert.Equal(
            [("Q4_K", DType.Q4K), ("Q5_K", DType.Q5K), ("Q6_K", DType.Q6K), ("Q8_0", DType.Q8F16)],
            checkpoint.Formats().Select(format => (format.Type, format.Format)).Distinct());
        Assert.All(checkpoint.Formats(), format => Assert.True(format.IsExact && format.Bits == format.StoredBits));
        Assert.DoesNotContain(checkpoint.Notes(), note => note.Contains("int8", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("vulkan")]
    [InlineData("ilgpu:cpu")]
    public void Logits_are_those_of_the_decoded_numbers(string device)
    {
        // The file's values as plain floats, rows as floats: no kernel of a K-quant takes part.
        float[] plain = Logits("cpu", Precision.Reference with { Linears = DType.F32, Embedding = DType.F32 });
        Assert.True(Largest(plain, Logits(device, Precision.Reference)) < 1e-3f);
        // Rows in INT8, which a narrow model feels more than a wide one; rows of one input come in two orders here.
        Assert.True(Largest(plain, Logits(device, Precision.Reference with { QuantiseActivations = true })) < 0.3f);
    }

    [Fact]
    public void Answers_are_a_models()
    {
        using GemmaEngine engine = GemmaEngine.Load(new EngineOptions { Model = gguf.Model, Device = "cpu", Drafter = "off", Mmproj = "off" });
        using GemmaSession session = engine.NewSession(256);
        Assert.Equal("The capital of Japan is Tokyo", session.Ask([MessagePart.Words("What is the capital of Japan?")], PebbleEngine.Greedy).Text.Trim().TrimEnd('.'));
    }

    [PeerFact]
    public void Llama_cpp_means_the_same_file()
    {
        string peer = PeerFactAttribute.Folder!;
        ProcessStartInfo start = new(Path.Combine(peer, "llbench"), ["--lib", Path.Combine(peer, "lib"), "logits", "-m", gguf.Model, "--tokens", string.Join(',', Ids), "-o", gguf["logits"]])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        float[] theirs = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(gguf["logits"])).ToArray();
        // It rounds rows that meet K-quants to INT8, in groups of 256.
        Assert.True(Largest(theirs, Logits("cpu", Precision.Reference)) < 0.3f);
    }

    private float[] Logits(string device, Precision precision)
    {
        using GemmaEngine engine = GemmaEngine.Load(new EngineOptions { Model = gguf.Model, Device = device, Drafter = "off", Mmproj = "off", Precision = precision });
        List<float> logits = [];
        new Tracer(engine.Model).Run(Ids, steps: false, (name, _, _, values) =>
        {
            if (name == "logits")
            {
                logits.AddRange(values);
            }
        });
        Assert.Equal(Ids.Length * engine.Model.Config.VocabSize, logits.Count);
        return [.. logits];
    }

    private static float Largest(float[] expected, float[] actual) => expected.Zip(actual, (a, b) => MathF.Abs(a - b)).Max();
}
