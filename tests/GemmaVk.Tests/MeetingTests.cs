using System;
using System.IO;
using System.Linq;
using System.Text;
using GemmaVk.Meetings;
using GemmaVk.Shared;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>Turns, sheet, question and journal of meetings, without a model.</summary>
public sealed class MeetingTests
{
    [Fact]
    public void Lines_end_where_sentences_do()
    {
        const string text = " Good morning. It is 1.5 m? Yes!\nThen\n\nbegin…  now";
        Assert.Equal(["Good morning.", "It is 1.5 m?", "Yes!", "Then", "begin…", "now"], Lines.Of(text).Select(line => text[line]));
        Assert.Empty(Lines.Of("  \n "));
        Assert.Equal(Lines.Most, Lines.Of(string.Concat(Enumerable.Repeat("No. ", 99))).Count);
    }

    [Fact]
    public void Turns_have_one_speaker_times_and_every_word_once()
    {
        MeetingAccount account = new();
        account.Add(Piece(0, 0, 10, pause: false, "Shall we begin? Yes. The budget is ours to dec", [1, 2, 1]));
        account.Add(Piece(1, 9, 10, pause: true, "is ours to decide today. I agree.", [1, 3], new MeetingPerson(3, "Ana", "")));
        account.Add(Piece(2, 19, 0, pause: true, "", []));
        account.Add(Piece(3, 25, 5, pause: true, "Then it is done.", [3], new MeetingPerson(3, "", "takes the minutes")));
        account.Finish();
        Assert.Equal(
            [(1, "Shall we begin?"), (2, "Yes."), (1, "The budget is ours to decide today."), (3, "I agree."), (3, "Then it is done.")],
            account.Turns.Select(turn => (turn.Speaker, turn.Text)));
        Assert.Equal(TimeSpan.Zero, account.Turns[0].Start);
        Assert.Equal(TimeSpan.FromSeconds(25), account.Turns[^1].Start);
        Assert.Equal(TimeSpan.FromSeconds(30), account.Turns[^1].End);
        Assert.All(account.Turns.Zip(account.Turns.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start + TimeSpan.FromSeconds(1)));
        // A name stays when a later piece does not say it, and what is new comes to it.
        Assert.Equal([new MeetingPerson(1, "", ""), new MeetingPerson(2, "", ""), new MeetingPerson(3, "Ana", "takes the minutes")], account.People);
        Assert.Equal(["Speaker 1", "Ana"], ((int[])[1, 3]).Select(number => MeetingNames.Of(account.People, number)));
        Assert.Equal("Ana (3)", MeetingNames.Of([new(2, "Ana", ""), new(3, "Ana", "")], 3));
    }

    [Fact]
    public void A_question_takes_whole_answers_alone()
    {
        SpeakerQuestion question = new("Hello. Who is there?", [new(2, "Ana", "chairs")]);
        Assert.Contains("1. Hello.\n2. Who is there?\nHeard before:\n2: Ana, chairs\n", question.Text, StringComparison.Ordinal);
        var read = question.Read("""{"lines":[2,3],"people":[{"number":3,"name":" Ben\n","about":"??"}]}""");
        Assert.Equal([2, 3], read!.Value.Speakers);
        Assert.Equal([new MeetingPerson(3, "Ben", "")], read.Value.People);
        Assert.All((string[])["""{"lines":[2],"people":[]}""", """{"lines":[2,3],"peo""", "", "[]", """{"lines":[2,"x"],"people":[]}"""], text => Assert.Null(question.Read(text)));
    }

    /// <summary>What a run that is killed in the middle of a line leaves is gone on with behind the last whole one; what is of something else is not touched.</summary>
    [Fact]
    public void A_journal_goes_on_behind_its_last_whole_line()
    {
        using TemporaryFolder folder = new();
        HeardPiece first = Piece(0, 0, 10, pause: true, "Good \"morning\".\nYes.", [1, 2], new MeetingPerson(1, "Ana", "é"));
        using (MeetingJournal journal = MeetingJournal.Open(folder["j"], "a sound"))
        {
            journal.Add(first);
            journal.Add(Piece(1, 10, 10, pause: true, "No.", [1]));
            journal.Add(new StretchNotes(2, [new MeetingPoint(TimeSpan.FromSeconds(3), "begun", true)], true));
            Assert.Throws<GemmaVkException>(() => MeetingJournal.Open(folder["j"], "a sound"));
        }

        byte[] whole = File.ReadAllBytes(folder["j"]);
        int[] ends = [.. whole.Select((b, i) => (b, i)).Where(each => each.b == '\n').Select(each => each.i + 1)];
        Assert.Equal(4, ends.Length);
        for (int length = 0; length <= whole.Length; length += 3)
        {
            File.WriteAllBytes(folder["cut"], whole[..length]);
            using MeetingJournal journal = MeetingJournal.Open(folder["cut"], "a sound");
            int lines = ends.Count(end => end <= length);
            Assert.Equal(Math.Clamp(lines - 1, 0, 2), journal.Resumed);
            if (journal.Resumed > 0)
            {
                Assert.Equal(first.Text, journal.Pieces[0].Text);
                Assert.Equal(first.Speakers, journal.Pieces[0].Speakers);
                Assert.Equal(first.People, journal.Pieces[0].People);
            }

            if (lines == 4)
            {
                Assert.Equal([new MeetingPoint(TimeSpan.FromSeconds(3), "begun", true)], journal.Stretches.Single().Points);
            }
        }

        (byte[] Bytes, string About, string Says)[] others =
        [
            (whole, "another sound", "one of another recording, model or settings"),
            (Encoding.UTF8.GetBytes("my own notes\n"), "a sound", "another file"),
            (Encoding.UTF8.GetBytes("my own notes"), "a sound", "another file"),
            ([.. whole[..ends[0]], .. whole[ends[1]..]], "a sound", "lines out of order"),
        ];
        foreach ((byte[] bytes, string about, string says) in others)
        {
            File.WriteAllBytes(folder["other"], bytes);
            Assert.Contains(says, Assert.Throws<GemmaVkException>(() => MeetingJournal.Open(folder["other"], about)).Message, StringComparison.Ordinal);
            Assert.Equal(bytes, File.ReadAllBytes(folder["other"]));
        }
    }

    private static HeardPiece Piece(int index, int start, int seconds, bool pause, string text, int[] speakers, params MeetingPerson[] people) =>
        new(index, start * 16000L, seconds * 16000, pause, text, speakers, people, false, false);
}
