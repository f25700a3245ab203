using System;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Model.Tests;

public class Gemma4ConfigTests
{
    [Fact]
    public void TheTinyConfigReads()
    {
        Gemma4Config config = Gemma4Config.Load(Repository.Golden("tiny"));
        Assert.Equal("gemma4_unified", config.ModelType);
        Assert.Equal((96, 160, 12, 4, 2), (config.HiddenSize, config.IntermediateSize, config.NumHiddenLayers, config.NumAttentionHeads, config.NumKeyValueHeads));
        Assert.Equal((32, 64, 1, 16, 2048, 512), (config.HeadDim, config.GlobalHeadDim, config.NumGlobalKeyValueHeads, config.SlidingWindow, config.MaxPositionEmbeddings, config.VocabSize));
        Assert.Equal((30f, 1e-6f), (config.FinalLogitSoftcapping, config.RmsNormEps));
        Assert.Equal((7, 10, 11, 5, 6, 8, 9), (config.ImageTokenId, config.AudioTokenId, config.VideoTokenId, config.BoiTokenId, config.EoiTokenId, config.BoaTokenId, config.EoaTokenIndex));
        Assert.Equal([1], config.EosTokenId);
        Assert.Equal(new VisionConfig { MmEmbedDim = 96, OutputProjDims = 96, MmPosembSize = 32 }, config.VisionConfig);
        Assert.Equal(6912, config.VisionConfig!.PatchValues);
        Assert.Equal(new AudioConfig(), config.AudioConfig);
        Assert.Null(config.QuantizationConfig);
    }

    [Fact]
    public void TheFilesBesideItAreRead()
    {
        Gemma4Config config = Gemma4Config.Load(Repository.Path("weights", "pebble"));
        Assert.Equal([1, 6, 14], config.EosTokenId);
        Assert.Equal([22, 19], config.Generation.SuppressTokens);
        Assert.Equal((true, 1f, 64, 0.95f), (config.Generation.DoSample, config.Generation.Temperature, config.Generation.TopK, config.Generation.TopP));
        Assert.Equal(new ProcessorConfig { ImageMaxSoftTokens = 70, AudioBeforeText = true }, config.Processor);
    }

    [Theory]
    [InlineData("tiny")]
    [InlineData("tiny-assistant")]
    public void BothSpellingsGiveOnePlan(string folder)
    {
        Gemma4TextConfig Read(string file) => folder == "tiny"
            ? Gemma4Config.Load(Repository.Golden(folder, file))
            : DrafterConfig.Load(Repository.Golden(folder, file));
        Assert.Equal(LayerPlan.For(Read("config.json")), LayerPlan.For(Read("config.per_layer.json")));
        Assert.Equal(64, Read("config.per_layer.json").GlobalHeadDim);
    }

    [Fact]
    public void AFileWithoutNumbersMeansThe12B()
    {
        Gemma4Config config = Parse(new JsonObject { ["model_type"] = "gemma4_unified", ["text_config"] = new JsonObject(), ["vision_config"] = new JsonObject(), ["audio_config"] = new JsonObject() });
        Assert.Equal([1, 50, 106], config.EosTokenId);
        LayerPlan[] plans = [.. LayerPlan.For(config)];
        Assert.Equal([5, 11, 17, 23, 29, 35, 41, 47], plans.Where(plan => plan.Kind == LayerKind.Full).Select(plan => plan.Index));
        Assert.Equal(new LayerPlan(4, LayerKind.Sliding, 16, 8, 256, 1024, 10000, 128, 256, true), plans[4]);
        Assert.Equal(new LayerPlan(5, LayerKind.Full, 16, 1, 512, 0, 1000000, 64, 512, false), plans[5]);
    }

    [Fact]
    public void WholeNumbersMayBeFloatsAndFloatsMayBeWhole()
    {
        JsonObject json = Golden.Json("tiny", "config.json");
        json["text_config"]!["hidden_size"] = JsonNode.Parse("96.0");
        json["text_config"]!["intermediate_size"] = JsonNode.Parse("1.6e2");
        json["text_config"]!["final_logit_softcapping"] = 30;
        json["text_config"]!["eos_token_id"] = new JsonArray(1.0, 3);
        Gemma4Config config = Parse(json);
        Assert.Equal((96, 160, 30f), (config.HiddenSize, config.IntermediateSize, config.FinalLogitSoftcapping));
        Assert.Equal([1, 3], config.EosTokenId);
    }

    [Fact]
    public void NullSwitchesSoftcapAndPicturesOff()
    {
        JsonObject json = Golden.Json("tiny", "config.json");
        json["text_config"]!["final_logit_softcapping"] = null;
        json["text_config"]!["use_bidirectional_attention"] = null;
        Gemma4Config config = Parse(json);
        Assert.Null(config.FinalLogitSoftcapping);
        Assert.False(config.BidirectionalVision);
    }

    [Fact]
    public void ATextOnlyConfigHasNoMedia()
    {
        JsonObject json = Golden.Json("tiny", "config.json")["text_config"]!.DeepClone().AsObject();
        Gemma4Config config = Parse(json);
        Assert.Equal("gemma4_unified_text", config.ModelType);
        Assert.Null(config.VisionConfig);
        Assert.Equal(LayerPlan.For(Gemma4Config.Load(Repository.Golden("tiny"))), LayerPlan.For(config));
        Assert.DoesNotContain(TensorTable.For(config), spec => spec.Role == TensorRole.MediaLinear);
    }

    [Fact]
    public void FullLayersWithTheirOwnValuesHaveAllHeads()
    {
        JsonObject json = Golden.Json("tiny", "config.json");
        json["text_config"]!["attention_k_eq_v"] = false;
        LayerPlan full = LayerPlan.For(Parse(json))[5];
        Assert.Equal((true, 2, 128), (full.HasValueProjection, full.NumKeyValueHeads, full.KeyValueWidth));
    }

    [Theory]
    [InlineData("tiny-w4a16-ct", DType.Q4)]
    [InlineData("tiny-w8a16-ct", DType.Q8)]
    [InlineData("tiny-fp8-ct", DType.F8E4M3)]
    public void QuantisedLayoutsAreRecognised(string folder, DType format)
    {
        QuantizationConfig config = Gemma4Config.Load(Repository.Golden(folder)).QuantizationConfig!;
        Assert.Equal(format, config.Format);
        Assert.Equal(4, config.Ignore.Count);
    }

    [Fact]
    public void TheDrafterReads()
    {
        DrafterConfig config = DrafterConfig.Load(Repository.Golden("tiny-assistant"));
        Assert.Equal((64, 96, 4, 96, 4), (config.HiddenSize, config.IntermediateSize, config.NumHiddenLayers, config.BackboneHiddenSize, config.NumKvSharedLayers));
        Assert.Null(config.FinalLogitSoftcapping);
        DrafterPlan plan = DrafterPlan.For(config, Gemma4Config.Load(Repository.Golden("tiny")));
        Assert.Equal([10, 10, 10, 11], plan.KvLayers);
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => DrafterPlan.For(config, Gemma4Config.Load(Repository.Path("weights", "pebble"))));
        Assert.Contains("backbone_hidden_size must be hidden_size = 256", error.Message, StringComparison.Ordinal);
    }

    internal static Gemma4Config Parse(JsonObject json) => Gemma4Config.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), "config.json");
}
