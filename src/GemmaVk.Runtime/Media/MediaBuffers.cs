using System;
using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Planning;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Media;

// Letters: B patches of the largest picture, C rows of the longest pass, E width of the picture embedder, P values of a
// patch, S samples of a sound's row.

/// <summary>Activations of the picture and sound embedders, for one picture or one pass of sound at a time.</summary>
public sealed class MediaBuffers : IDisposable
{
    private const int Levels = 256;
    private readonly Dictionary<string, BufferHandle> _all = [];

    /// <summary>Allocates, and fills the tables of levels.</summary>
    public MediaBuffers(IBackend backend, Gemma4Config config, int chunk, int largestPicture)
    {
        foreach (PlannedBuffer buffer in Layout(config, chunk, largestPicture))
        {
            _all.Add(buffer.Name, buffer.Allocate(backend));
        }

        if (config.VisionConfig is not null)
        {
            WriteLevels(backend);
        }
    }

    /// <summary>Writes what never changes, where there are pictures.</summary>
    internal void WriteLevels(IBackend backend)
    {
        // The published processors scale pictures by the rounded 1/255 and divide frames of clips: not always the same float.
        float[] image = new float[Levels];
        float[] frame = new float[Levels];
        for (int level = 0; level < Levels; level++)
        {
            image[level] = level * (1f / 255);
            frame[level] = level / 255f;
        }

        backend.Write<float>(ImageLevels, image);
        backend.Write<float>(FrameLevels, frame);
    }

    /// <summary>Colours of the picture as they came, [B, P].</summary>
    public BufferHandle Pixels => _all["pixels"];

    /// <summary>Value of each level of a picture, [256].</summary>
    public BufferHandle ImageLevels => _all["image_levels"];

    /// <summary>Value of each level of a clip's frame, [256].</summary>
    public BufferHandle FrameLevels => _all["frame_levels"];

    /// <summary>Patches, then normed, [B, P].</summary>
    public BufferHandle Patches => _all["patches"];

    /// <summary>Projected patches, up to their last norm, [B, E].</summary>
    public BufferHandle PatchRows => _all["patch_rows"];

    /// <summary>Frames of a sound, then normed, [C, S].</summary>
    public BufferHandle Samples => _all["samples"];

    /// <summary>What the constructor allocates.</summary>
    /// <param name="config">Which embedders there are, and their sizes.</param>
    /// <param name="chunk">C.</param>
    /// <param name="largestPicture">B.</param>
    public static IReadOnlyList<PlannedBuffer> Layout(Gemma4Config config, int chunk, int largestPicture)
    {
        List<PlannedBuffer> buffers = [];
        if (config.VisionConfig is { } vision)
        {
            long B = largestPicture;
            buffers.Add(new("pixels", DType.U8, new(B, vision.PatchValues)));
            buffers.Add(new("image_levels", DType.F32, new(Levels)));
            buffers.Add(new("frame_levels", DType.F32, new(Levels)));
            buffers.Add(new("patches", DType.F32, new(B, vision.PatchValues)));
            buffers.Add(new("patch_rows", DType.F32, new(B, vision.MmEmbedDim)));
        }

        if (config.AudioConfig is { } audio)
        {
            buffers.Add(new("samples", DType.F32, new(chunk, audio.AudioSamplesPerToken)));
        }

        return buffers;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (BufferHandle buffer in _all.Values)
        {
            buffer.Dispose();
        }
    }
}
