using System;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class InspectTests
{
    [Fact]
    public void A_checkpoint_is_listed_with_configuration_layers_and_tensors()
    {
        string text = CommandRun.Of("inspect", "--model", Repository.Golden("tiny-w4a16-ct")).Text();
        Assert.Contains("linears stored as Q4", text, StringComparison.Ordinal);
        Assert.Contains("global_head_dim", text, StringComparison.Ordinal);
        Assert.Contains("from k_proj", text, StringComparison.Ordinal);
        Assert.Matches(@"model\.language_model\.layers\.0\.mlp\.down_proj\.weight_packed +I32 +\[96, \d+\]", text);
    }

    [Fact]
    public void Json_lists_every_tensor_and_its_bytes()
    {
        JsonElement json = CommandRun.Of("inspect", "--json").Json();
        Assert.Equal(256, json.GetProperty("config").GetProperty("hidden_size").GetInt32());
        JsonElement[] tensors = [.. json.GetProperty("tensors").EnumerateArray()];
        Assert.Equal(json.GetProperty("bytes").GetInt64(), tensors.Sum(tensor => tensor.GetProperty("bytes").GetInt64()));
        Assert.Equal(json.GetProperty("bytes").GetInt64(), json.GetProperty("bytes_by_role").EnumerateObject().Sum(role => role.Value.GetInt64()));
        Assert.Equal("full_attention", json.GetProperty("layer_types")[2].GetString());
    }

    [Fact]
    public void A_drafter_is_listed_too() =>
        Assert.Contains("pre_projection.weight", CommandRun.Of("inspect", "--model", Repository.Golden("tiny-assistant")).Text(), StringComparison.Ordinal);

    [Fact]
    public void A_tensor_shows_its_header_and_first_values()
    {
        JsonElement json = CommandRun.Of("inspect", "--tensor", "model.language_model.norm.weight", "--json").Json();
        Assert.Equal("BF16", json.GetProperty("dtype").GetString());
        Assert.Equal(256, json.GetProperty("shape")[0].GetInt32());
        Assert.Equal(16, json.GetProperty("values").GetArrayLength());
    }

    [Fact]
    public void A_text_shows_its_tokens_and_control_tokens_only_on_request()
    {
        int Controls(params string[] flags) => CommandRun.Of(["inspect", "--text", "<|turn>user hi<turn|>", "--json", .. flags]).Json()
            .GetProperty("tokens").EnumerateArray().Count(token => token.GetProperty("control").GetBoolean());
        Assert.Equal(0, Controls());
        Assert.Equal(2, Controls("--specials"));
        Assert.Contains("tokens: 5,", CommandRun.Of("inspect", "--text", "<|turn>user hi<turn|>", "--specials").Text(), StringComparison.Ordinal);
    }
}
