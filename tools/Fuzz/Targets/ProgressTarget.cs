using System;
using System.Collections.Generic;
using System.IO;
using GemmaVk.Fuzz.Mutations;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Fuzz.Targets;

/// <summary>The file in which quantize says how far it is; whatever stands in it, a run begins again or goes on.</summary>
internal sealed class ProgressTarget : Target
{
    private const string File = "progress.json";
    private readonly ScratchFolder _folder = new();
    private readonly Checkpoint _source = Checkpoint.Open(Fuzz.Seeds.Named("tests", "golden", "tiny"));
    private readonly CheckpointFolder _unfinished;
    private readonly byte[] _good;

    public ProgressTarget()
    {
        _unfinished = CheckpointFolder.Create(_folder["out"]);
        _good = Good();
    }

    public override string Name => "progress";

    public override string Reads => "progress files of quantize";

    public override IMutation Structure { get; } = new JsonMutation();

    public override IEnumerable<byte[]> Seeds() =>
    [
        _good, Fuzz.Seeds.Text("{\"job\":\"another\",\"blocks\":3}"), Fuzz.Seeds.Text("{\"job\":null,\"blocks\":[\"a\"]}"),
        [.. _good[..(_good.AsSpan().IndexOf("\"blocks\""u8))], .. "\"blocks\":[\"00\",\"11\"]}"u8],
    ];

    public override bool IsClear(Exception error) => false;

    public override bool Parse(byte[] input)
    {
        System.IO.File.WriteAllBytes(Path.Combine(_unfinished.Path, File), input);
        return !QuantizerProgress.Open(_unfinished, _source, DType.Q4).IsOther;
    }

    public override Target Another() => new ProgressTarget();

    public override void Dispose()
    {
        _unfinished.Dispose();
        _source.Dispose();
        _folder.Dispose();
    }

    private byte[] Good()
    {
        string path = Path.Combine(_unfinished.Path, File);
        QuantizerProgress.Open(_unfinished, _source, DType.Q4).Save([]);
        return System.IO.File.ReadAllBytes(path);
    }
}
