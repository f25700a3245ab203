using System;
using System.Diagnostics;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Media;

// Letters: n patches or frames, D hidden size, E width of the picture embedder, P values of a patch, S samples of a frame.

/// <summary>
/// Pictures and sounds to soft rows, placed in the residual stream before a pass. Unlike token rows they are not multiplied
/// by sqrt(D). Source: transformers gemma4_unified, Gemma4UnifiedVisionEmbedder and Gemma4UnifiedMultimodalEmbedder.
/// </summary>
internal sealed class MediaForward(GemmaModel model, MediaWeights weights, MediaBuffers buffers)
{
    // torch.nn.LayerNorm's own, which no configuration names.
    private const float LayerNormEps = 1e-5f;

    /// <summary>Time that all calls of <see cref="Place"/> took.</summary>
    public TimeSpan Spent { get; private set; }

    /// <summary>Computes some rows of a medium and puts them where the pass wants them; a picture's all at once.</summary>
    public void Place(SoftRun run)
    {
        if (run.Medium is { Picture: null, Samples.IsEmpty: true })
        {
            throw new GemmaVkException(
                "a picture or sound of a saved conversation would have to be taken in again, but the file holds what the model made of it, not the picture or sound itself; start a new conversation and give it again.");
        }

        long start = Stopwatch.GetTimestamp();
        IBackend backend = model.Backend;
        if (run.Medium.Picture is { } picture)
        {
            backend.Write<byte>(buffers.Pixels, picture.Rgb);
        }
        else
        {
            int S = model.Config.AudioConfig!.AudioSamplesPerToken;
            float[] frames = new float[run.Count * S];
            ReadOnlySpan<float> samples = run.Medium.Samples.Span[(run.Skip * S)..];
            samples[..Math.Min(samples.Length, frames.Length)].CopyTo(frames);
            backend.Write<float>(buffers.Samples, frames);
        }

        using IRecording recording = backend.Record(run.Medium.Kind.ToString(), pass => Record(pass, run));
        backend.Run(recording);
        Spent += Stopwatch.GetElapsedTime(start);
    }

    private void Record(IPass pass, SoftRun run)
    {
        if (run.Medium.IsBlock)
        {
            Picture(pass, run.Medium, run.Row);
        }
        else
        {
            Sound(pass, run.Count, run.Row);
        }
    }

    private void Picture(IPass pass, Medium picture, int to)
    {
        VisionConfig vision = model.Config.VisionConfig!;
        VisionWeights w = weights.Vision!;
        int n = picture.SoftRows, columns = picture.Columns, rows = n / columns;
        int E = vision.MmEmbedDim, P = vision.PatchValues, D = model.Config.HiddenSize;
        BufferHandle x = buffers.PatchRows;
        // Y is free until the first layer writes it.
        BufferHandle soft = model.Buffers.Y;

        // Bytes to patches, their norm, and the projection.
        BufferHandle levels = picture.Kind == MediumKind.Frame ? buffers.FrameLevels : buffers.ImageLevels;
        pass.CutPatches(new(buffers.Pixels, levels, buffers.Patches, rows, columns, vision.ModelPatchSize));
        pass.LayerNorm(new(buffers.Patches, null, w.PatchNorm1Weight, w.PatchNorm1Bias, buffers.Patches, n, P, LayerNormEps));
        pass.MatMul(new(new Activations(buffers.Patches), w.PatchDense, x, n));
        pass.LayerNorm(new(x, w.PatchDenseBias, w.PatchNorm2Weight, w.PatchNorm2Bias, x, n, E, LayerNormEps));

        // Positions, and the norms before the residual stream.
        pass.AddPositions(new(x, w.PosEmbedding, rows, columns, E));
        pass.LayerNorm(new(x, null, w.PosNormWeight, w.PosNormBias, x, n, E, LayerNormEps));
        pass.RmsNorm(new(x, null, x, n, E, vision.RmsNormEps));
        pass.MatMul(new(new Activations(x), w.EmbeddingProjection, soft, n));
        pass.PlaceRows(new(soft, model.Buffers.X, n, D, to));
    }

    private void Sound(IPass pass, int n, int to)
    {
        AudioConfig audio = model.Config.AudioConfig!;
        BufferHandle soft = model.Buffers.Y;
        pass.RmsNorm(new(buffers.Samples, null, buffers.Samples, n, audio.AudioSamplesPerToken, audio.RmsNormEps));
        pass.MatMul(new(new Activations(buffers.Samples), weights.Audio!, soft, n));
        pass.PlaceRows(new(soft, model.Buffers.X, n, model.Config.HiddenSize, to));
    }
}
