using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Speech;
using GemmaVk.Tensors;
using Microsoft.Extensions.AI;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>Speech through Microsoft's interface.</summary>
public sealed class SpeechToTextTests(PebbleEngine pebble) : IClassFixture<PebbleEngine>
{
    [Fact]
    public async Task A_recording_becomes_text_with_times()
    {
        using GemmaSpeechToTextClient client = new(pebble.Engine);
        using FileStream sound = File.OpenRead(Repository.Example("sound-2.wav"));
        SpeechToTextResponse response = await client.GetTextAsync(sound);
        Assert.Equal("four seven.", response.Text);
        TextContent said = Assert.IsType<TextContent>(Assert.Single(response.Contents));
        Assert.Equal(TimeSpan.Zero, said.AdditionalProperties![GemmaSpeechToTextClient.Start]);
        Assert.InRange((TimeSpan)said.AdditionalProperties[GemmaSpeechToTextClient.End]!, TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.Zero, response.StartTime);
        Assert.True(response.Usage!.InputTokenCount > 5 && response.Usage.OutputTokenCount > 2);
        Assert.Equal("gemma4_unified", response.ModelId);
    }

    [Fact]
    public async Task A_stream_opens_writes_and_closes()
    {
        using GemmaSpeechToTextClient client = new(pebble.Engine);
        List<SpeechToTextResponseUpdate> updates = [];
        // Not seekable, and in small pieces: as a network gives it.
        await using Trickle sound = new(File.ReadAllBytes(Repository.Example("sound-2.wav")));
        await foreach (SpeechToTextResponseUpdate update in client.GetStreamingTextAsync(sound))
        {
            updates.Add(update);
        }

        Assert.Equal(SpeechToTextResponseUpdateKind.SessionOpen, updates[0].Kind);
        Assert.Equal(SpeechToTextResponseUpdateKind.SessionClose, updates[^1].Kind);
        Assert.Equal("four seven.", string.Concat(updates.Where(update => update.Kind == SpeechToTextResponseUpdateKind.TextUpdating).Select(update => update.Text)));
        SpeechToTextResponseUpdate piece = Assert.Single(updates, update => update.Kind == SpeechToTextResponseUpdateKind.TextUpdated);
        Assert.Equal("four seven.", piece.Contents[0].AdditionalProperties![GemmaSpeechToTextClient.Words]);
        Assert.True(piece.EndTime > piece.StartTime);
        Assert.Single(updates.Select(update => update.ResponseId).Distinct());
        // Put together by whoever does not know the kinds, the words come once.
        Assert.Equal("four seven.", updates.ToSpeechToTextResponse().Text);
    }

    [Fact]
    public async Task A_language_asks_for_a_translation_and_bad_ones_are_named()
    {
        using GemmaSpeechToTextClient client = new(pebble.Engine);
        static Stream Sound() => File.OpenRead(Repository.Example("sound-2.wav"));
        using (Stream sound = Sound())
        {
            Assert.Equal("four seven.", (await client.GetTextAsync(sound, new SpeechToTextOptions { SpeechLanguage = "en-US", TextLanguage = "English" })).Text);
        }

        (SpeechToTextOptions Options, string Named)[] cases =
        [
            (new() { SpeechLanguage = "xx" }, "SpeechLanguage 'xx': expected"),
            (new() { TextLanguage = "" }, "TextLanguage '': expected"),
            (new() { SpeechSampleRate = 8000 }, "SpeechSampleRate 8000: expected"),
            (new() { RawRepresentationFactory = _ => null }, "RawRepresentationFactory: expected"),
        ];
        foreach ((SpeechToTextOptions options, string named) in cases)
        {
            using Stream sound = Sound();
            Assert.StartsWith(named, (await Assert.ThrowsAsync<GemmaVkException>(() => client.GetTextAsync(sound, options))).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("picture-0.png", "the audio stream")]
    [InlineData("", "no samples")]
    public async Task What_is_no_sound_is_named(string file, string named)
    {
        using GemmaSpeechToTextClient client = new(pebble.Engine);
        using MemoryStream bytes = new(file.Length == 0 ? [] : File.ReadAllBytes(Repository.Example(file)));
        GemmaVkException error = await Assert.ThrowsAsync<GemmaVkException>(() => client.GetTextAsync(bytes));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("/proc/", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_stream_is_named()
    {
        using GemmaSpeechToTextClient client = new(pebble.Engine);
        MemoryStream closed = new();
        closed.Dispose();
        Assert.Contains("it is closed", (await Assert.ThrowsAsync<GemmaVkException>(() => client.GetTextAsync(closed))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_ends_it_and_leaves_nothing()
    {
        using GemmaSpeechToTextClient client = new(pebble.Engine);
        using CancellationTokenSource cancel = new();
        await using Trickle endless = new(File.ReadAllBytes(Repository.Example("sound-2.wav")), endless: true);
        long before = pebble.Engine.Backend.Ledger.HeldBytes;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (SpeechToTextResponseUpdate update in client.GetStreamingTextAsync(endless, cancellationToken: cancel.Token))
            {
                if (update.Kind == SpeechToTextResponseUpdateKind.SessionOpen)
                {
                    // While the first piece is on its way.
                    await cancel.CancelAsync();
                }
            }
        });
        Assert.Equal(before, pebble.Engine.Backend.Ledger.HeldBytes);
        using FileStream sound = File.OpenRead(Repository.Example("sound-2.wav"));
        Assert.Equal("four seven.", (await client.GetTextAsync(sound)).Text);
    }

    [Fact]
    public void Services_are_found_by_type()
    {
        using GemmaSpeechToTextClient client = new(pebble.Engine);
        Assert.Equal("gemmavk", client.GetService<SpeechToTextClientMetadata>()!.ProviderName);
        Assert.Same(pebble.Engine, client.GetService(typeof(GemmaEngine)));
        Assert.Null(client.GetService(typeof(string)));
    }

    /// <summary>Bytes a few at a time, then their end, or silence without one.</summary>
    private sealed class Trickle(byte[] bytes, bool endless = false) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int taken = Math.Min(Math.Min(count, 1000), bytes.Length - _at);
            if (taken == 0 && endless)
            {
                Thread.Sleep(5);
                Array.Clear(buffer, offset, Math.Min(count, 320));
                return Math.Min(count, 320);
            }

            bytes.AsSpan(_at, taken).CopyTo(buffer.AsSpan(offset));
            _at += taken;
            return taken;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
