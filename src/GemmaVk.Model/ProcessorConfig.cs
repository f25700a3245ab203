using System.Globalization;
using System.Linq;

namespace GemmaVk.Model;

/// <summary>
/// processor_config.json: how pictures, clips and sound are cut into tokens. Absent keys have the 12B's values. Every number that becomes a size has
/// its bounds here.
/// </summary>
public sealed record ProcessorConfig
{
    // Frames of 70 soft tokens with their stamps that fill the model's context, and pieces of sound up to an hour.
    private const int MostFrames = 3360;
    private const int LeastSoundMs = 1000, MostSoundMs = 3_600_000;

    // Sound is read at one rate; patches are cut at one size.
    private const int Hertz = 16000;
    private const string Restore = "restore the file that was published with the checkpoint.";

    private static readonly int[] Budgets = [70, 140, 280, 560, 1120];

    /// <summary>Budget of soft tokens per picture: 70, 140, 280, 560 or 1120.</summary>
    public int ImageMaxSoftTokens { get; init; } = 280;

    /// <summary>Budget of soft tokens per frame of a clip: one of the same five.</summary>
    public int VideoMaxSoftTokens { get; init; } = 70;

    /// <summary>Frames taken from a clip, 1 to 3360.</summary>
    public int NumFrames { get; init; } = 32;

    /// <summary>Longest sound, in tokens.</summary>
    public int AudioSeqLength { get; init; } = 750;

    /// <summary>Milliseconds per sound token.</summary>
    public int AudioMsPerToken { get; init; } = 40;

    /// <summary>Samples per second of the sound the model hears.</summary>
    public int SamplingRate { get; init; } = Hertz;

    /// <summary>
    /// Whether sound goes in front of the text where nobody says a place. The released models want it behind (their card); the key
    /// <c>audio_before_text</c> is this project's own, for checkpoints that were trained the other way round.
    /// </summary>
    public bool AudioBeforeText { get; init; }

    /// <summary>Reads the file.</summary>
    /// <param name="file">Its content, or null where there is none.</param>
    /// <param name="config">config.json, which has a budget too.</param>
    /// <param name="vision">The picture embedder.</param>
    /// <param name="audio">The sound embedder.</param>
    /// <exception cref="Tensors.GemmaVkException">A number is out of bounds, or contradicts config.json.</exception>
    internal static ProcessorConfig Read(JsonSection? file, JsonSection config, VisionConfig? vision, AudioConfig? audio)
    {
        ProcessorConfig absent = new();
        JsonSection? image = file?.Section("image_processor"), video = file?.Section("video_processor"), sound = file?.Section("feature_extractor");
        int? budget = image?.WholeOrNull("max_soft_tokens");
        if (budget is null && vision is not null && config.Section("vision_config") is { } section)
        {
            CheckBudget(section, "num_soft_tokens", vision.NumSoftTokens);
        }

        ProcessorConfig read = new()
        {
            ImageMaxSoftTokens = budget ?? vision?.NumSoftTokens ?? absent.ImageMaxSoftTokens,
            VideoMaxSoftTokens = video?.Whole("max_soft_tokens", absent.VideoMaxSoftTokens) ?? absent.VideoMaxSoftTokens,
            NumFrames = video?.Whole("num_frames", absent.NumFrames) ?? absent.NumFrames,
            AudioSeqLength = file?.Whole("audio_seq_length", absent.AudioSeqLength) ?? absent.AudioSeqLength,
            AudioMsPerToken = file?.Whole("audio_ms_per_token", absent.AudioMsPerToken) ?? absent.AudioMsPerToken,
            SamplingRate = sound?.Whole("sampling_rate", Hertz) ?? Hertz,
            AudioBeforeText = file?.Flag("audio_before_text", false) ?? false,
        };
        if (image is { } pictures)
        {
            CheckBudget(pictures, "max_soft_tokens", read.ImageMaxSoftTokens);
            CheckPatches(pictures, vision);
            CheckColours(pictures);
        }

        if (video is { } clips)
        {
            CheckBudget(clips, "max_soft_tokens", read.VideoMaxSoftTokens);
            Check(clips, "num_frames", read.NumFrames, 1, MostFrames);
            CheckPatches(clips, vision);
            CheckColours(clips);
        }

        if (file is { } root)
        {
            Check(root, "audio_ms_per_token", read.AudioMsPerToken, 1, LeastSoundMs);
            Check(root, "audio_seq_length", read.AudioSeqLength, (LeastSoundMs + read.AudioMsPerToken - 1) / read.AudioMsPerToken, MostSoundMs / read.AudioMsPerToken);
        }

        if (sound is { } samples)
        {
            Check(samples, "sampling_rate", read.SamplingRate, Hertz, Hertz);
            int per = samples.Whole("audio_samples_per_token", audio?.AudioSamplesPerToken ?? 1);
            Check(samples, "audio_samples_per_token", per, audio?.AudioSamplesPerToken ?? 1, audio?.AudioSamplesPerToken ?? int.MaxValue);
        }

        return read;
    }

    private static void CheckPatches(JsonSection section, VisionConfig? vision)
    {
        if (vision is not null)
        {
            Check(section, "patch_size", section.Whole("patch_size", vision.PatchSize), vision.PatchSize, vision.PatchSize);
            Check(section, "pooling_kernel_size", section.Whole("pooling_kernel_size", vision.PoolingKernelSize), vision.PoolingKernelSize, vision.PoolingKernelSize);
        }
    }

    /// <summary>Colours come to the model as 0 to 1 and no other way: a file that asks for more would be followed only in part.</summary>
    private static void CheckColours(JsonSection section)
    {
        const string Remedy = "colours are given to the model as 0 to 1; " + Restore;
        if (!section.Flag("do_rescale", true))
        {
            throw section.Wrong("do_rescale", "true", "false", Remedy);
        }

        double factor = section.Number("rescale_factor", 1 / 255.0);
        if (System.Math.Abs((factor * 255) - 1) > 1e-5)
        {
            throw section.Wrong("rescale_factor", "1/255", factor.ToString(CultureInfo.InvariantCulture), Remedy);
        }

        if (section.Flag("do_normalize", false))
        {
            CheckAll(section, "image_mean", 0);
            CheckAll(section, "image_std", 1);
        }

        static void CheckAll(JsonSection section, string key, double wanted)
        {
            foreach (double number in section.Numbers(key) ?? [])
            {
                if (number != wanted)
                {
                    throw section.Wrong(key, $"a list of {wanted.ToString(CultureInfo.InvariantCulture)} where do_normalize is true", $"a list with {number.ToString(CultureInfo.InvariantCulture)}", Remedy);
                }
            }
        }
    }

    private static void CheckBudget(JsonSection section, string key, int value)
    {
        if (!Budgets.Contains(value))
        {
            throw section.Wrong(key, "one of " + string.Join(", ", Budgets), Words(value), Restore);
        }
    }

    private static void Check(JsonSection section, string key, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw section.Wrong(key, least == most ? Words(least) : $"between {Words(least)} and {Words(most)}", Words(value), Restore);
        }
    }

    private static string Words(int value) => value.ToString(CultureInfo.InvariantCulture);
}
