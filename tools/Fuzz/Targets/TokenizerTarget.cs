using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using GemmaVk.Fuzz.Mutations;
using GemmaVk.Text;

namespace GemmaVk.Fuzz.Targets;

/// <summary>tokenizer.json; what loads also writes and reads a text.</summary>
internal sealed class TokenizerTarget : Target
{
    private const string Sample = "The capital of Japan is Tokyo.\n\u00E9\U0001F600 <turn|> 47";

    public override string Name => "tokenizer";

    public override string Reads => "tokenizer.json";

    public override IMutation Structure { get; } = new JsonMutation();

    public override IEnumerable<byte[]> Seeds()
    {
        byte[] whole = File.ReadAllBytes(Fuzz.Seeds.Named("weights", "pebble", "tokenizer.json"));
        return [Small(whole), whole];
    }

    public override long MostAllocated(int length) => (16L << 20) + (256L * length);

    public override bool Parse(byte[] input)
    {
        BpeTokenizer tokenizer = BpeTokenizer.Parse(input, "tokenizer.json");
        int[] ids = tokenizer.Encode(Sample, specials: true);
        StreamingDetokenizer detokenizer = new(tokenizer);
        foreach (int id in ids)
        {
            detokenizer.Append(id);
        }

        detokenizer.Finish();
        return true;
    }

    public override Target Another() => new TokenizerTarget();

    /// <summary>The same with the vocabulary's beginning, its bytes and its control tokens alone.</summary>
    private static byte[] Small(byte[] whole)
    {
        JsonNode json = JsonNode.Parse(whole)!;
        JsonObject vocabulary = json["model"]!["vocab"]!.AsObject();
        JsonArray merges = json["model"]!["merges"]!.AsArray();
        HashSet<string> kept = [.. merges.Take(12).SelectMany(merge => merge is JsonArray pair ? pair.Select(part => (string)part!) : ((string)merge!).Split(' '))];
        kept.UnionWith(merges.Take(12).Select(merge => merge is JsonArray pair ? string.Concat(pair.Select(part => (string)part!)) : ((string)merge!).Replace(" ", "", System.StringComparison.Ordinal)));
        kept.UnionWith(json["added_tokens"]!.AsArray().Select(token => (string)token!["content"]!));
        kept.UnionWith(vocabulary.Select(pair => pair.Key).Where(key => key.StartsWith("<0x", System.StringComparison.Ordinal) || key.StartsWith("<unused", System.StringComparison.Ordinal)).Take(256));
        int next = 0;
        Dictionary<string, int> ids = vocabulary.Where(pair => kept.Contains(pair.Key)).OrderBy(pair => (int)pair.Value!).ToDictionary(pair => pair.Key, _ => next++);
        JsonObject small = [];
        foreach ((string key, int id) in ids)
        {
            small[key] = id;
        }

        json["model"]!["vocab"] = small;
        json["model"]!["merges"] = new JsonArray([.. merges.Take(12).Select(merge => merge!.DeepClone())]);
        foreach (JsonNode? token in json["added_tokens"]!.AsArray())
        {
            token!["id"] = ids.TryGetValue((string)token["content"]!, out int id) ? id : next++;
        }

        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }
}
