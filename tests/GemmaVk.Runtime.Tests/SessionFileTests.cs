using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Shared;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>A saved session goes on as if it had never been away, and whatever is wrong with its file is said.</summary>
public sealed class SessionFileTests : IDisposable
{
    private static readonly Sample.Choice Warm = new(Temperature: 1.3f, TopK: 40, TopP: 0.95f, Seed: 5);
    private static readonly GenerationOptions Twenty = new(20, Warm, new HashSet<int>());
    private readonly TemporaryFolder _folder = new();

    private string Path => System.IO.Path.Combine(_folder.Path, "talk.session");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cpu", false, 1)]
    [InlineData("cpu", false, 15)]
    [InlineData("cpu", false, 90)]
    [InlineData("cpu", true, 200)]
    [InlineData("vulkan", false, 90)]
    public void A_session_goes_on_as_if_it_had_stayed(string device, bool quantised, int prompt)
    {
        Precision precision = quantised ? new(Kv: DType.Q8, Linears: DType.Q4, Embedding: DType.Q8, QuantiseActivations: true) : new();
        using TinyPair pair = new(device, precision);
        using Session stays = pair.Model.NewSession(400);
        Generator generator = new(pair.Model, pair.Drafter);
        generator.Generate(stays, DraftRun.Ids(prompt, 1), Twenty);
        SessionFile.Save(stays, Path, "notes of a caller");
        foreach (int context in (int[])[400, 300])
        {
            using Session back = SessionFile.Load(pair.Model, Path, context, out string notes);
            Assert.Equal("notes of a caller", notes);
            Assert.Equal(context, back.Context);
            DraftRun.AssertSame(stays, back);
            using Session fork = stays.Fork();
            Assert.Equal(generator.Generate(fork, DraftRun.Ids(30, 2), Twenty).Ids, generator.Generate(back, DraftRun.Ids(30, 2), Twenty).Ids);
            back.Rewind(5);
            fork.Rewind(5);
            Assert.Equal(generator.Generate(fork, DraftRun.Ids(3, 3), Twenty).Ids, generator.Generate(back, DraftRun.Ids(3, 3), Twenty).Ids);
        }
    }

    [Fact]
    public void Another_device_and_another_chunk_take_it_too()
    {
        using TinyPair cpu = new("cpu", new Precision(), chunk: 64);
        using Session saved = cpu.Model.NewSession(400);
        Generation before = new Generator(cpu.Model).Generate(saved, DraftRun.Ids(150, 1), Twenty);
        SessionFile.Save(saved, Path);
        foreach (TinyPair pair in (TinyPair[])[new("cpu", new Precision(), chunk: 16), new("vulkan", new Precision(), chunk: 100)])
        {
            using Session back = SessionFile.Load(pair.Model, Path, 400, out _);
            using Session whole = pair.Model.NewSession(400);
            whole.Prefill([.. DraftRun.Ids(150, 1), .. before.Ids.Take(19)], null);
            whole.Hold(before.Ids[^1]);
            GenerationOptions greedy = new(12, default, new HashSet<int>());
            Assert.Equal(
                new Generator(pair.Model).Generate(whole, DraftRun.Ids(5, 2), greedy).Ids, new Generator(pair.Model).Generate(back, DraftRun.Ids(5, 2), greedy).Ids);
            pair.Dispose();
        }
    }

    [Fact]
    public void Damage_of_every_kind_is_an_error_and_leaves_nothing()
    {
        using TinyPair pair = new("cpu", new Precision());
        using (Session session = pair.Model.NewSession(60))
        {
            new Generator(pair.Model).Generate(session, DraftRun.Ids(20, 1), Twenty);
            SessionFile.Save(session, Path);
        }

        byte[] whole = File.ReadAllBytes(Path);
        long held = pair.Backend.Ledger.HeldBytes;
        Random random = new(1);
        foreach (int at in Enumerable.Range(0, 150).Select(_ => random.Next(whole.Length)).Append(0).Append(whole.Length - 1))
        {
            byte[] changed = [.. whole];
            changed[at] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(Path, changed);
            Assert.Throws<GemmaVkException>(() => SessionFile.Load(pair.Model, Path, 60, out _));
        }

        foreach (int length in (int[])[0, 1, 8, 100, whole.Length / 2, whole.Length - 1])
        {
            File.WriteAllBytes(Path, whole[..length]);
            Assert.Throws<GemmaVkException>(() => SessionFile.Load(pair.Model, Path, 60, out _));
        }

        Assert.Equal(held, pair.Backend.Ledger.HeldBytes);
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_a_sentence()
    {
        using TinyPair pair = new("cpu", new Precision());
        using Session session = pair.Model.NewSession(60);
        new Generator(pair.Model).Generate(session, DraftRun.Ids(20, 1), Twenty);
        SessionFile.Save(session, Path);
        Refused(pair.Model, 30, "--context 30");
        using TinyPair other = TinyPair.Pebble("cpu");
        Refused(other.Model, 60, "other weights");
        using TinyPair steps = new("cpu", new Precision(Kv: DType.Q8));
        Refused(steps.Model, 60, "--kv");
        Forge("\"version\":\"1\"", "\"version\":\"2\"");
        Refused(pair.Model, 60, "version 1 of the format, but version 2 came");
        Assert.Contains("no session that could be replaced", Assert.Throws<GemmaVkException>(() => SessionFile.Save(session, Path)).Message, StringComparison.Ordinal);
        File.Copy(System.IO.Path.Combine(Repository.Golden("tiny"), "model.safetensors"), Path, overwrite: true);
        Refused(pair.Model, 60, "a session that gemmavk saved");

        void Refused(GemmaModel model, int context, string expected) => Assert.Contains(
            expected, Assert.Throws<GemmaVkException>(() => SessionFile.Load(model, Path, context, out _)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "'media', but it cannot be read")]
    [InlineData("[[1]]", "'media', but it cannot be read")]
    [InlineData("[['99','0','2','00']]", "in order and apart")]
    [InlineData("[['Image','0','4','00'],['Image','2','4','00']]", "in order and apart")]
    [InlineData("[['Image','6','2','00'],['Image','0','2','00']]", "in order and apart")]
    [InlineData("[['Image','19','2','00']]", "in order and apart")]
    public void Media_that_no_session_has_are_refused(string media, string says)
    {
        using TinyPair pair = new("cpu", new Precision());
        using Session session = pair.Model.NewSession(60);
        session.Prefill(DraftRun.Ids(20, 1), null);
        SessionFile.Save(session, Path);

        Forge("\"media\":\"[]\"", $"\"media\":\"{media.Replace("'", "\\\"", StringComparison.Ordinal)}\"");
        Assert.Contains(says, Assert.Throws<GemmaVkException>(() => SessionFile.Load(pair.Model, Path, 60, out _)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_written_leaves_the_old_one()
    {
        using TinyPair pair = new("cpu", new Precision());
        using Session session = pair.Model.NewSession(60);
        session.Prefill(DraftRun.Ids(20, 1), null);
        Assert.Throws<GemmaVkException>(() => SessionFile.Save(session, System.IO.Path.Combine(_folder.Path, "no", "such", "folder")));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    /// <summary>The file with another header, and the checksum that is right for it.</summary>
    private void Forge(string from, string to)
    {
        byte[] bytes = File.ReadAllBytes(Path);
        int length = BitConverter.ToInt32(bytes);
        string header = Encoding.UTF8.GetString(bytes, 8, length).TrimEnd();
        Assert.Contains(from, header, StringComparison.Ordinal);
        header = header.Replace(from, to, StringComparison.Ordinal);
        byte[] text = Encoding.UTF8.GetBytes(header.PadRight((header.Length + 7) / 8 * 8));
        byte[] forged = [.. BitConverter.GetBytes((long)text.Length), .. text, .. bytes[(8 + length)..]];
        SHA256.HashData(forged.AsSpan(0, forged.Length - 32)).CopyTo(forged, forged.Length - 32);
        File.WriteAllBytes(Path, forged);
    }
}
