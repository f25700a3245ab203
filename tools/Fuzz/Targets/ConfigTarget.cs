using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Fuzz.Mutations;
using GemmaVk.Media;
using GemmaVk.Model;

namespace GemmaVk.Fuzz.Targets;

/// <summary>config.json of models and drafters, generation_config.json, processor_config.json: which of them an input is, its keys say.</summary>
internal sealed class ConfigTarget : Target
{
    private const string Main = "config.json", Generation = "generation_config.json", Processor = "processor_config.json";
    private readonly ScratchFolder _folder = new();
    private readonly byte[] _good = File.ReadAllBytes(Fuzz.Seeds.Named("weights", "pebble", Main));
    private bool _hasGood;

    public override string Name => "configs";

    public override string Reads => "config.json, generation_config.json and processor_config.json";

    public override IMutation Structure { get; } = new JsonMutation();

    public override IEnumerable<byte[]> Seeds() =>
    [
        .. Fuzz.Seeds.Files(["weights"], "*config.json", 100_000),
        .. Fuzz.Seeds.Files(["tests", "golden"], "config*.json", 100_000),
        Fuzz.Seeds.Text("{\"do_sample\":true,\"temperature\":1.0,\"top_k\":64,\"top_p\":0.95,\"eos_token_id\":[1,106],\"suppress_tokens\":[258883,258882],\"pad_token_id\":0,\"bos_token_id\":2}"),
        Fuzz.Seeds.Text("{\"eos_token_id\":1,\"top_k\":-1,\"repetition_penalty\":1.1}"),
    ];

    public override bool Parse(byte[] input)
    {
        if (Has(input, "backbone_hidden_size"u8))
        {
            _ = LayerPlan.For(DrafterConfig.Parse(input, Main));
            return true;
        }

        bool generation = Has(input, "do_sample"u8) || Has(input, "eos_token_id"u8), processor = Has(input, "image_processor"u8) || Has(input, "feature_extractor"u8);
        if (Has(input, "text_config"u8) || Has(input, "model_type"u8) || !(generation || processor))
        {
            Check(Gemma4Config.Parse(input, Main));
            return true;
        }

        if (!_hasGood)
        {
            File.WriteAllBytes(_folder[Main], _good);
            _hasGood = true;
        }

        string name = _folder[processor ? Processor : Generation];
        File.WriteAllBytes(name, input);
        try
        {
            Check(Gemma4Config.Load(_folder.Path));
        }
        finally
        {
            File.Delete(name);
        }

        return true;
    }

    public override Target Another() => new ConfigTarget();

    public override void Dispose() => _folder.Dispose();

    /// <summary>Numbers of an accepted file become sizes: they have to be ones that can be.</summary>
    private static void Check(Gemma4Config config)
    {
        _ = LayerPlan.For(config);
        ProcessorConfig processor = config.Processor;
        foreach (int budget in (ReadOnlySpan<int>)[processor.ImageMaxSoftTokens, processor.VideoMaxSoftTokens])
        {
            (int height, int width, int tokens) = ImageSizing.Target(1080, 1920, budget);
            if (height <= 0 || width <= 0 || tokens > budget || (long)height * width > 1L << 28)
            {
                throw new WrongResultException($"a picture of 1,920 x 1,080 becomes {width} x {height} by a budget of {budget}");
            }
        }

        if (processor.NumFrames is < 1 or > 100_000 || processor.AudioSeqLength < 1 || processor.AudioMsPerToken < 1)
        {
            throw new WrongResultException($"{processor} is accepted");
        }

        GenerationConfig generation = config.Generation;
        if (!float.IsFinite(generation.Temperature) || !float.IsFinite(generation.TopP) || (generation.DoSample && (generation.Temperature < 0 || generation.TopP < 0 || generation.TopK < 0)))
        {
            throw new WrongResultException($"{generation} is accepted");
        }
    }

    private static bool Has(byte[] input, ReadOnlySpan<byte> key) => input.AsSpan().IndexOf(key) >= 0;
}
