using System;
using System.IO;
using GemmaVk.Model;
using GemmaVk.Runtime;
using GemmaVk.Tensors;
using GemmaVk.Weights;
using GemmaVk.Weights.Gguf;

namespace GemmaVk;

/// <summary>Which drafter runs beside a model, if any, and why.</summary>
/// <param name="Checkpoint">Its checkpoint, or null for none.</param>
/// <param name="Reason">Why this one or none, in half a sentence.</param>
internal sealed record DrafterChoice(DrafterCheckpoint? Checkpoint, string Reason)
{
    /// <summary>
    /// Finds and opens the drafter: <c>off</c>, a folder, or with <c>auto</c> the folder <c>NAME-assistant</c> beside the
    /// model's folder NAME, else <c>drafter</c> in it.
    /// </summary>
    /// <param name="asked"><see cref="EngineOptions.Drafter"/>.</param>
    /// <param name="target">The model.</param>
    /// <exception cref="GemmaVkException">The folder holds no drafter, or that of another model.</exception>
    public static DrafterChoice Open(string asked, Checkpoint target)
    {
        if (asked == "off")
        {
            return new DrafterChoice(null, "off by --drafter off");
        }

        string? folder = Find(asked, target.Directory);
        if (folder is null)
        {
            return new DrafterChoice(null, target.IsGguf ? "no GGUF file of a drafter with the model's name beside it" : $"none in {Path.GetFileName(Beside(target.Directory))} beside the model or in its folder 'drafter'");
        }

        try
        {
            return new DrafterChoice(OpenFor(folder, target), asked == "auto" ? "found with the model" : "asked for with --drafter");
        }
        catch (GemmaVkException e)
        {
            string remedy = asked == "auto" ? " It was found with the model; --drafter off runs without it." : " --drafter off runs without one.";
            throw new GemmaVkException($"--drafter {folder}: {e.Message}{remedy}", e);
        }
    }

    /// <summary>The folder or file that is meant, or null for none.</summary>
    public static string? Find(string asked, string model)
    {
        if (asked.Length == 0)
        {
            throw new GemmaVkException("--drafter is empty: expected a folder or GGUF file, auto or off; leave the flag out for auto.");
        }

        if (asked == "auto" && GgufNeighbours.IsGguf(model))
        {
            return GgufNeighbours.Drafter(model);
        }

        string inside = Path.Combine(model, "drafter");
        return asked == "off" ? null : asked != "auto" ? CheckpointPath.Resolve(asked) : IsThere(Beside(model)) ? Beside(model) : IsThere(inside) ? inside : null;
    }

    private static string Beside(string model) => CheckpointPath.Assistant(model);

    private static bool IsThere(string folder) => File.Exists(Path.Combine(folder, "config.json"));

    private static DrafterCheckpoint OpenFor(string folder, Checkpoint target)
    {
        DrafterCheckpoint checkpoint = DrafterCheckpoint.Open(folder);
        try
        {
            // Before the model's weights are loaded, which takes long.
            _ = DrafterPlan.For(checkpoint.Config, target.Config);
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }
}
