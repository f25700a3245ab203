using System;
using System.IO;
using System.Linq;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Weights.Tests;

/// <summary>Paths as people give them: the home folder, and the layout of the Hugging Face cache.</summary>
public class CheckpointPathTests
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    [Fact]
    public void ATildeIsTheHomeFolder()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.Equal(Path.Join(home, "/no such folder"), CheckpointPath.Resolve("~/no such folder"));
        Assert.Equal(home, CheckpointPath.Resolve("~").TrimEnd('/'));
        Assert.Equal("~other/x", CheckpointPath.Resolve("~other/x"));
        Assert.Equal("a~/b", CheckpointPath.Resolve("a~/b"));
    }

    [Fact]
    public void TheCacheOfAModelStandsForItsSnapshot()
    {
        using TemporaryFolder hub = new();
        string model = Cached(hub, "models--google--gemma-4-12b", Commit, "ffff");
        File.WriteAllText(Path.Combine(model, "refs", "main"), Commit + "\n");
        string snapshot = Path.Combine(model, "snapshots", Commit);
        foreach (string given in (string[])[model, model + "/", Path.Combine(model, "snapshots"), snapshot])
        {
            Assert.Equal(snapshot, CheckpointPath.Resolve(given));
            using Checkpoint checkpoint = Checkpoint.Open(given);
            Assert.Equal(snapshot, checkpoint.Directory);
        }
    }

    [Fact]
    public void OneSnapshotNeedsNoName()
    {
        using TemporaryFolder hub = new();
        string model = Cached(hub, "models--a--b", Commit);
        Assert.Equal(Path.Combine(model, "snapshots", Commit), CheckpointPath.Resolve(model));
    }

    [Fact]
    public void WhatIsNotClearIsASentence()
    {
        using TemporaryFolder hub = new();
        string model = Cached(hub, "models--a--b", "1111", "2222");
        Refused(model, "pass one of them: 1111, 2222");
        foreach (string evil in (string[])["../../x", "..", "gone", new string('x', 1000)])
        {
            File.WriteAllText(Path.Combine(model, "refs", "main"), evil);
            Refused(model, "pass one of them: 1111, 2222");
        }

        string empty = Cached(hub, "models--a--empty");
        Refused(empty, "interrupted download");
        Refused(hub.Path, "is a Hugging Face cache of 2 models", "models--a--b, models--a--empty");
    }

    [Fact]
    public void ANameIsPointedToTheCache()
    {
        using TemporaryFolder hub = new();
        Cached(hub, "models--some--model", Commit);
        string? before = Environment.GetEnvironmentVariable("HF_HUB_CACHE");
        try
        {
            Environment.SetEnvironmentVariable("HF_HUB_CACHE", hub.Path);
            Refused("some/model", "the Hugging Face cache holds a model of that name", hub["models--some--model"]);
            Assert.Equal("some/other", CheckpointPath.Resolve("some/other"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("HF_HUB_CACHE", before);
        }
    }

    [Fact]
    public void TheDrafterIsFoundInTheCacheToo()
    {
        using TemporaryFolder hub = new();
        string model = Cached(hub, "models--a--b", Commit), drafter = Cached(hub, "models--a--b-assistant", "abc");
        Assert.Equal(Path.Combine(drafter, "snapshots", "abc"), CheckpointPath.Assistant(Path.Combine(model, "snapshots", Commit)));
        Assert.Equal(hub["plain"] + "-assistant", CheckpointPath.Assistant(hub["plain"]));
    }

    /// <summary>A model in the cache's layout: links in snapshots to files in blobs.</summary>
    private static string Cached(TemporaryFolder hub, string name, params string[] commits)
    {
        string model = hub[name];
        string blobs = Directory.CreateDirectory(Path.Combine(model, "blobs")).FullName;
        Directory.CreateDirectory(Path.Combine(model, "refs"));
        Directory.CreateDirectory(Path.Combine(model, "snapshots"));
        foreach (string commit in commits)
        {
            string snapshot = Directory.CreateDirectory(Path.Combine(model, "snapshots", commit)).FullName;
            foreach (string file in Directory.GetFiles(Repository.Golden("tiny")))
            {
                string blob = Path.Combine(blobs, $"blob of {Path.GetFileName(file)}");
                File.Copy(file, blob, overwrite: true);
                File.CreateSymbolicLink(Path.Combine(snapshot, Path.GetFileName(file)), Path.Combine("..", "..", "blobs", Path.GetFileName(blob)));
            }
        }

        return model;
    }

    private static void Refused(string path, params string[] words)
    {
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => CheckpointPath.Resolve(path));
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }
}
