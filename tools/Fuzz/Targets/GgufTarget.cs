using System.Collections.Generic;
using System.IO;
using GemmaVk.Fuzz.Mutations;
using GemmaVk.Model;
using GemmaVk.Weights;
using GemmaVk.Weights.Gguf;
using GemmaVk.Weights.Repack;

namespace GemmaVk.Fuzz.Targets;

/// <summary>GGUF files whole: header, metadata, vocabulary, tensors. What opens is also read, as a model, a drafter or a projector.</summary>
internal sealed class GgufTarget : Target
{
    private readonly ScratchFolder _folder = new();
    private readonly string _model;

    public GgufTarget()
    {
        _model = _folder["model.gguf"];
        File.WriteAllBytes(_model, GgufSeeds.Model());
    }

    public override string Name => "gguf";

    public override string Reads => "GGUF files: models, drafters, media projectors";

    public override IMutation Structure { get; } = new GgufMutation();

    public override IEnumerable<byte[]> Seeds() => [GgufSeeds.Model(), GgufSeeds.Drafter(), GgufSeeds.Projector(), GgufSeeds.Values()];

    public override long MostAllocated(int length) => (16L << 20) + (256L * length);

    public override bool Parse(byte[] input)
    {
        // Most inputs end here, without a file.
        GgufHeader header = GgufHeader.Parse(input, input.Length, "file");
        foreach (FileTensor tensor in header.Tensors.Values)
        {
            if (tensor.Offset < 24 || tensor.ByteLength < 1 || tensor.Offset + tensor.ByteLength > input.Length)
            {
                throw new WrongResultException($"tensor {tensor.Name} lies at {tensor.Offset}, {tensor.ByteLength} bytes, of a file of {input.Length}");
            }
        }

        string path = _folder["input.gguf"];
        File.WriteAllBytes(path, input);
        switch (new GgufMetadata(header.Values, input, path).Text("general.architecture"))
        {
            case GgufArchitecture.Projector:
                using (Checkpoint checkpoint = Checkpoint.Open(_model, path))
                {
                    Read(checkpoint);
                }

                break;
            case GgufArchitecture.Drafter:
                using (DrafterCheckpoint drafter = DrafterCheckpoint.Open(path))
                {
                    Read(drafter);
                }

                break;
            default:
                using (Checkpoint checkpoint = Checkpoint.Open(path, "off"))
                {
                    Read(checkpoint);
                    checkpoint.Vocabulary!.Merges(out _, out _);
                }

                break;
        }

        return true;
    }

    public override Target Another() => new GgufTarget();

    public override void Dispose() => _folder.Dispose();

    private static void Read(TensorSource source)
    {
        foreach (TensorSpec spec in source.Table)
        {
            switch (spec.Role)
            {
                case TensorRole.Vector:
                    _ = source.Vector(spec.Name);
                    break;
                case TensorRole.Duplicate:
                    break;
                default:
                    Tensors.MatrixSource matrix = new ReadMatrix(source.Matrix(spec.Name));
                    byte[] row = new byte[Tensors.QuantBlocks.RowBytes(matrix.Format, matrix.Columns)];
                    ushort[] scale = new ushort[Tensors.QuantBlocks.RowScales(matrix.Format, matrix.Columns)];
                    matrix.ReadRows(matrix.Rows - 1, 1, row, scale);
                    break;
            }
        }
    }
}
