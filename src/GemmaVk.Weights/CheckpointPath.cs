using System;
using System.IO;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Weights;

/// <summary>
/// The folder of a checkpoint behind the path that a person gives: <c>~</c> for the home folder, and the layout of the Hugging Face cache,
/// <c>models--OWNER--NAME/{refs/main, snapshots/COMMIT/...}</c>, whose outer folder stands for the snapshot that refs/main names.
/// </summary>
public static class CheckpointPath
{
    private const string Prefix = "models--";
    private const string Snapshots = "snapshots";

    /// <summary>The folder that is meant; a path that is none of these comes back as it is.</summary>
    /// <exception cref="GemmaVkException">It is in the cache and does not say which one is meant.</exception>
    public static string Resolve(string path)
    {
        path = HomePath.Expand(path);
        if (!Directory.Exists(path))
        {
            return !File.Exists(path) && InCache(path) is { } cached
                ? throw new GemmaVkException($"{path} must be a folder with a safetensors checkpoint, but nothing is there; the Hugging Face cache holds a model of that name: pass {cached}.")
                : path;
        }

        if (File.Exists(Path.Combine(path, "config.json")))
        {
            return path;
        }

        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        bool inside = Path.GetFileName(full) == Snapshots && Path.GetFileName(Path.GetDirectoryName(full) ?? "").StartsWith(Prefix, StringComparison.Ordinal);
        string cache = inside ? Path.GetDirectoryName(full)! : full;
        if (Directory.Exists(Path.Combine(cache, Snapshots)))
        {
            return Snapshot(path, cache);
        }

        string[] models = Folders(full, Prefix + "*");
        return models.Length == 0 ? path : throw new GemmaVkException(
            $"{path} must be the folder of one checkpoint, but is a Hugging Face cache of {models.Length} model{(models.Length == 1 ? "" : "s")}; pass one of its folders: {string.Join(", ", models.Take(8))}.");
    }

    /// <summary>The folder NAME-assistant beside a model's folder NAME; of a snapshot in the cache, the same in the cache.</summary>
    public static string Assistant(string model)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(model));
        string? parent = Path.GetDirectoryName(full);
        string? cache = parent is not null && Path.GetFileName(parent) == Snapshots ? Path.GetDirectoryName(parent) : null;
        return cache is not null && Path.GetFileName(cache).StartsWith(Prefix, StringComparison.Ordinal) && Directory.Exists(cache + "-assistant")
            ? Resolve(cache + "-assistant")
            : full + "-assistant";
    }

    private static string Snapshot(string path, string cache)
    {
        string main = Path.Combine(cache, "refs", "main");
        try
        {
            string commit = OutputTarget.IsOrdinary(main) && new FileInfo(main).Length <= 256 ? File.ReadAllText(main).Trim() : "";
            string named = Path.Combine(cache, Snapshots, commit);
            if (commit.Length > 0 && commit == Path.GetFileName(commit) && commit is not ("." or "..") && Directory.Exists(named))
            {
                return named;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new GemmaVkException($"{main} must be readable, but: {Complaint.Of(error)} Pass the snapshot's own folder.", error);
        }

        string[] snapshots = Folders(Path.Combine(cache, Snapshots), "*");
        return snapshots.Length == 1 ? Path.Combine(cache, Snapshots, snapshots[0]) : throw new GemmaVkException(
            $"{path} must say which snapshot is meant, but has {(snapshots.Length == 0 ? "none (an interrupted download?); download the model again" : $"{snapshots.Length} and no refs/main that names one; pass one of them: {string.Join(", ", snapshots.Take(8))}")}.");
    }

    /// <summary>The folder of a name such as google/gemma-4-12b in this user's cache, or null.</summary>
    private static string? InCache(string name)
    {
        if (name.Split('/') is not [{ Length: > 0 } owner, { Length: > 0 } model] || owner.StartsWith('.'))
        {
            return null;
        }

        string? home = Environment.GetEnvironmentVariable("HF_HOME");
        string hub = Environment.GetEnvironmentVariable("HF_HUB_CACHE")
            ?? Path.Combine(string.IsNullOrEmpty(home) ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "huggingface") : home, "hub");
        string folder = Path.Combine(hub, $"{Prefix}{owner}--{model}");
        return Directory.Exists(folder) ? folder : null;
    }

    private static string[] Folders(string path, string pattern)
    {
        try
        {
            return Directory.Exists(path) ? [.. Directory.EnumerateDirectories(path, pattern).Take(1000).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)] : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GemmaVkException($"{path} must be a folder that can be listed, but: {Complaint.Of(error)} Check its permissions.", error);
        }
    }
}
