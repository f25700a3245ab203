using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GemmaVk.Media;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Media;

/// <summary>
/// A picture, a frame of a clip, or a sound, checked against a model: something whose soft rows stand in a prompt where
/// text has token rows.
/// </summary>
public sealed class Medium
{
    private Medium(MediumKind kind, int softRows, int columns, Picture? picture, ReadOnlyMemory<float> samples)
    {
        Kind = kind;
        SoftRows = softRows;
        Columns = columns;
        Picture = picture;
        Samples = samples;
        ReadOnlySpan<byte> content = picture is null ? MemoryMarshal.AsBytes(samples.Span) : picture.Rgb;
        Identity = Fingerprint(kind, columns, content);
    }

    private Medium(MediumKind kind, int softRows, UInt128 identity) => (Kind, SoftRows, Identity) = (kind, softRows, identity);

    /// <summary>What it is.</summary>
    public MediumKind Kind { get; }

    /// <summary>Rows of the prompt that it takes: patches of a picture, frames of 40 ms of a sound.</summary>
    public int SoftRows { get; }

    /// <summary>Whether its rows see each other in both directions in sliding layers: pictures and frames, not sounds.</summary>
    public bool IsBlock => Kind != MediumKind.Sound;

    /// <summary>Equal for equal content of equal shape: 128 bits of SHA-256 over kind, grid and bytes.</summary>
    public UInt128 Identity { get; }

    /// <summary>Columns of a picture's grid of patches; 0 for a sound.</summary>
    internal int Columns { get; }

    /// <summary>The pixels, or null for a sound.</summary>
    internal Picture? Picture { get; }

    /// <summary>16 kHz mono; empty for a picture.</summary>
    internal ReadOnlyMemory<float> Samples { get; }

    /// <summary>A picture that is resized already.</summary>
    /// <param name="model">Gives the side of a patch and the largest picture.</param>
    /// <param name="picture">Both sides multiples of the patch's side (48); its bytes must not change afterwards.</param>
    /// <exception cref="GemmaVkException">The model takes no pictures, or none of this size.</exception>
    public static Medium Image(GemmaModel model, Picture picture) => OfPicture(model, picture, MediumKind.Image);

    /// <summary>A frame of a clip that is resized already; otherwise as <see cref="Image"/>.</summary>
    /// <exception cref="GemmaVkException">The model takes no pictures, or none of this size.</exception>
    public static Medium Frame(GemmaModel model, Picture picture) => OfPicture(model, picture, MediumKind.Frame);

    /// <summary>A sound.</summary>
    /// <param name="model">Gives the samples per row.</param>
    /// <param name="samples">16 kHz, mono, nominally -1 to 1; must not change afterwards. The last row is filled up with zeros.</param>
    /// <exception cref="GemmaVkException">The model takes no sound, or a sample is not finite.</exception>
    public static Medium Sound(GemmaModel model, ReadOnlyMemory<float> samples)
    {
        AudioConfig audio = model.Config.AudioConfig ?? throw Missing(model, "sound", "audio_config");
        model.RequireMedia("sound");
        ReadOnlySpan<float> values = samples.Span;
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                throw new GemmaVkException($"sound: expected finite samples, but sample {i} is {values[i]}; convert the file again.");
            }
        }

        int per = audio.AudioSamplesPerToken;
        return new Medium(MediumKind.Sound, (int)(((long)samples.Length + per - 1) / per), 0, null, samples);
    }

    /// <summary>A medium that was taken in long ago: it is known again, but cannot be taken in a second time.</summary>
    internal static Medium Remembered(MediumKind kind, int softRows, UInt128 identity) => new(kind, softRows, identity);

    private static Medium OfPicture(GemmaModel model, Picture picture, MediumKind kind)
    {
        VisionConfig vision = model.Config.VisionConfig ?? throw Missing(model, "picture", "vision_config");
        model.RequireMedia("picture");
        int side = vision.ModelPatchSize;
        (int rows, int columns) = (picture.Height / side, picture.Width / side);
        if (rows * side != picture.Height || columns * side != picture.Width)
        {
            throw new GemmaVkException(
                $"picture: expected sides that are multiples of {side}, the model's patch, but it has {picture.Height} x {picture.Width} pixels; resize it.");
        }

        if (Math.Max(rows, columns) > vision.MmPosembSize || (long)rows * columns > model.LargestPicture)
        {
            throw new GemmaVkException(
                $"picture: expected at most {model.LargestPicture} patches of {side} pixels and {vision.MmPosembSize} along a side, but {rows} x {columns} came; "
                + "resize it to fewer, or load the model for larger pictures.");
        }

        return new Medium(kind, rows * columns, columns, picture, default);
    }

    private static GemmaVkException Missing(GemmaModel model, string what, string section) => new(
        $"{what}: expected a model that takes it, but {model.Config.File} has no {section}; use a checkpoint with it, or leave the {what} out.");

    private static UInt128 Fingerprint(MediumKind kind, int columns, ReadOnlySpan<byte> content)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([(byte)kind, (byte)columns, (byte)(columns >> 8), (byte)(columns >> 16)]);
        hash.AppendData(content);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash.GetHashAndReset());
    }
}

/// <summary>What a medium is.</summary>
public enum MediumKind
{
    /// <summary>A picture: levels times 1/255.</summary>
    Image,

    /// <summary>A frame of a clip: levels divided by 255.</summary>
    Frame,

    /// <summary>A sound.</summary>
    Sound,
}
