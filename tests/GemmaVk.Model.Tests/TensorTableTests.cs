using System.Linq;
using System.Text.Json.Nodes;
using Xunit;

namespace GemmaVk.Model.Tests;

public class TensorTableTests
{
    /// <summary>The published parameter counts, exactly.</summary>
    [Fact]
    public void The12BHas677TensorsAnd11959730224Parameters()
    {
        Gemma4Config config = Gemma4ConfigTests.Parse(
            new JsonObject { ["model_type"] = "gemma4_unified", ["text_config"] = new JsonObject(), ["vision_config"] = new JsonObject(), ["audio_config"] = new JsonObject() });
        TensorSpec[] table = [.. TensorTable.For(config).Where(spec => spec.Required)];
        Assert.Equal(677, table.Length);
        Assert.Equal(11_959_730_224, table.Sum(spec => spec.Shape.Count));
        Assert.Equal(328, table.Count(spec => spec.Role == TensorRole.Linear));
        Assert.Equal(10_899_947_520, table.Where(spec => spec.Role == TensorRole.Linear).Sum(spec => spec.Shape.Count));
    }

    [Fact]
    public void TheAssistantHas48TensorsAnd422856964Parameters()
    {
        DrafterConfig config = DrafterConfig.Parse(
            """{"model_type":"gemma4_unified_assistant","text_config":{"layer_types":["sliding_attention","sliding_attention","sliding_attention","full_attention"]}}"""u8.ToArray(), "config.json");
        TensorSpec[] table = [.. TensorTable.For(config).Where(spec => spec.Required)];
        Assert.Equal(48, table.Length);
        Assert.Equal(422_856_964, table.Sum(spec => spec.Shape.Count));
    }

    [Fact]
    public void NamesDoNotCollideUnderTheirSpellings()
    {
        Gemma4Config config = Gemma4Config.Load(Repository.Golden("tiny"));
        string[] spellings = [.. TensorTable.For(config).SelectMany(spec => TensorNames.Spellings(spec.Name))];
        Assert.Equal(spellings.Length, spellings.Distinct().Count());
    }
}
