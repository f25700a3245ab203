using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Fuzz.Mutations;
using GemmaVk.Weights;

namespace GemmaVk.Fuzz.Targets;

/// <summary>model.safetensors.index.json beside two small shards.</summary>
internal sealed class IndexTarget : Target
{
    private const string IndexName = "model.safetensors.index.json";
    private readonly ScratchFolder _folder = new();

    public IndexTarget()
    {
        foreach ((string file, string tensor) in new[] { ("a.safetensors", "a"), ("b.safetensors", "b") })
        {
            using SafetensorsWriter writer = SafetensorsWriter.Create(_folder[file], [new SafetensorsEntry(tensor, "F32", [2])]);
            writer.Write(tensor, 0, new byte[8]);
            writer.Commit();
        }
    }

    public override string Name => "index";

    public override string Reads => "indexes of checkpoints in several files";

    public override IMutation Structure { get; } = new JsonMutation();

    public override IEnumerable<byte[]> Seeds() =>
    [
        Fuzz.Seeds.Text("{\"metadata\":{\"total_size\":16},\"weight_map\":{\"a\":\"a.safetensors\",\"b\":\"b.safetensors\"}}"),
        Fuzz.Seeds.Text("{\"weight_map\":{\"a\":\"a.safetensors\"}}"),
        Fuzz.Seeds.Text("{\"weight_map\":{\"a\":\"b.safetensors\",\"c\":\"c.safetensors\"}}"),
        Fuzz.Seeds.Text("{\"weight_map\":{}}"),
    ];

    public override bool Parse(byte[] input)
    {
        File.WriteAllBytes(_folder[IndexName], input);
        using CheckpointIndex index = CheckpointIndex.Open(_folder.Path);
        return index.Tensors.Any();
    }

    public override Target Another() => new IndexTarget();

    public override void Dispose() => _folder.Dispose();
}
