using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Cli.Terminals;
using Xunit;

namespace GemmaVk.Cli.Tests;

public sealed class LineEditorTests
{
    private static readonly string[] Commands = ["/audio", "/clear", "/image", "/video"];
    private static readonly string[] WithPath = ["/audio", "/image", "/video"];

    [Fact]
    public void Keys_make_a_line()
    {
        Assert.Equal("hello", Typed("hello").Line);
        Assert.Equal("hello", Typed("hellp", ConsoleKey.Backspace, "o").Line);
        Assert.Equal("hello", Typed("ello", ConsoleKey.Home, "h", ConsoleKey.End).Line);
        Assert.Equal("hello", Typed("helo", ConsoleKey.LeftArrow, "l").Line);
        Assert.Equal("hello", Typed("xhello", ConsoleKey.Home, ConsoleKey.Delete).Line);
        Assert.Equal("b", Typed("a", ConsoleKey.Escape, "b").Line);
        // A character outside of the basic plane is one step and one deletion.
        Assert.Equal("ab", Typed("a\U0001F600b", ConsoleKey.LeftArrow, ConsoleKey.Backspace).Line);
    }

    [Fact]
    public void End_of_input_is_no_line()
    {
        Assert.Null(Typed("\x04").Line);
        Assert.Equal("a", Typed("a\x04").Line);
    }

    [Fact]
    public void Earlier_lines_come_back()
    {
        Queue<ConsoleKeyInfo> keys = new(Keys("one", ConsoleKey.Enter, "two", ConsoleKey.Enter, ConsoleKey.UpArrow, ConsoleKey.UpArrow, ConsoleKey.UpArrow, ConsoleKey.Enter, ConsoleKey.UpArrow, ConsoleKey.UpArrow, ConsoleKey.DownArrow, ConsoleKey.Enter));
        LineEditor editor = new(keys.Dequeue, TextWriter.Null, () => 80, line => (line, []));
        Assert.Equal(["one", "two", "one", "one"], Enumerable.Range(0, 4).Select(_ => editor.Read("> ")));
    }

    [Fact]
    public void An_unsent_line_waits_below_the_earlier_ones()
    {
        Queue<ConsoleKeyInfo> keys = new(Keys("one", ConsoleKey.Enter, "tw", ConsoleKey.UpArrow, ConsoleKey.DownArrow, "o", ConsoleKey.Enter));
        LineEditor editor = new(keys.Dequeue, TextWriter.Null, () => 80, line => (line, []));
        Assert.Equal(["one", "two"], Enumerable.Range(0, 2).Select(_ => editor.Read("> ")));
    }

    [Fact]
    public void Pasted_lines_are_one_and_send_nothing()
    {
        (string? line, string shown) = Typed("say: ", Paste("a\nb\r\tc\x03\n"), "!");
        Assert.Equal("say: a\nb\n c!", line);
        Assert.Contains("say: a\u21B5b\u21B5 c!", shown, StringComparison.Ordinal);
        Assert.StartsWith("\e[?2004h", shown, StringComparison.Ordinal);
        Assert.EndsWith("\e[?2004l", shown, StringComparison.Ordinal);
        // Another sequence that no key has is passed over.
        Assert.Equal("ab", Typed("a", Sequence("[1;9~"), "b").Line);
    }

    [Fact]
    public void Consoles_that_give_Escape_for_a_paste_are_understood_too()
    {
        ConsoleKeyInfo escape = new('\e', ConsoleKey.Escape, false, false, false);
        Queue<ConsoleKeyInfo> keys = new([.. Keys("say "), escape, .. Keys("[200~a\nb"), escape, .. Keys("[201~c", ConsoleKey.Enter, "x"), escape, .. Keys("y", ConsoleKey.Enter)]);
        LineEditor editor = new(keys.Dequeue, TextWriter.Null, () => 80, line => (line, []), () => keys.Count > 0);
        Assert.Equal("say a\nbc", editor.Read("> "));
        // Escape alone clears what is typed.
        Assert.Equal("y", editor.Read("> "));
    }

    [Fact]
    public void Letters_with_control_work_as_in_a_shell()
    {
        Assert.Equal("xab", Typed("ab\x01x").Line);
        Assert.Equal("abx", Typed("ab\x01\x05x").Line);
        Assert.Equal("a", Typed("abc", ConsoleKey.LeftArrow, ConsoleKey.LeftArrow, "\x0B").Line);
        Assert.Equal("c", Typed("abc", ConsoleKey.LeftArrow, "\x15").Line);
        Assert.Equal("one ", Typed("one two \x17").Line);
        Assert.Equal("b", Typed("ab\x01\x04").Line);
    }

    [Fact]
    public void What_looks_like_one_character_is_one()
    {
        // e with an accent of its own; a family; a flag.
        foreach (string one in (string[])["e\u0301", "\U0001F468\u200D\U0001F469\u200D\U0001F467", "\U0001F1F3\U0001F1F4"])
        {
            Assert.Equal("ac", Typed($"a{one}c", ConsoleKey.LeftArrow, ConsoleKey.Backspace).Line);
            Assert.Equal($"a{one}bc", Typed($"ac", ConsoleKey.LeftArrow, one, "b").Line);
        }
    }

    [Fact]
    public void Half_a_character_is_never_drawn()
    {
        string shown = Typed("a\U0001F600b").Shown;
        Assert.All(Enumerable.Range(0, shown.Length - 1).Where(i => char.IsHighSurrogate(shown[i])), i => Assert.True(char.IsLowSurrogate(shown[i + 1])));
        Assert.Contains("a\U0001F600b", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wide_character_takes_two_columns()
    {
        string shown = Typed("\u6F22\u5B57", ConsoleKey.LeftArrow).Shown;
        // The prompt has two columns and the character before the cursor two.
        Assert.Contains("\u6F22\u5B57\e[J\r\e[4C", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_screen_that_becomes_narrower_leaves_nothing_of_the_wider_line()
    {
        int columns = 80;
        Queue<ConsoleKeyInfo> keys = new(Keys(new string('a', 70), "b", ConsoleKey.Enter));
        StringWriter screen = new();
        LineEditor editor = new(
            () =>
            {
                columns = keys.Count == 2 ? 30 : columns;
                return keys.Dequeue();
            },
            screen,
            () => columns,
            line => (line, []));
        Assert.Equal(new string('a', 70) + "b", editor.Read("> "));
        // The cursor stood behind 2 + 70 columns: two rows of 30 further down.
        Assert.Single(screen.ToString().Split("\e[2A\r").Skip(1));
    }

    [Fact]
    public void A_wide_line_slides()
    {
        string shown = Typed(new string('a', 100) + "END").Shown;
        string last = shown.Split('\r', StringSplitOptions.RemoveEmptyEntries)[^2];
        Assert.Contains("END", last, StringComparison.Ordinal);
        Assert.True(last.Count(c => c == 'a') < 40, last);
    }

    [Fact]
    public void Tab_completes_commands_and_paths()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["photo one.jpg"], "");
        File.WriteAllText(folder["photo two.jpg"], "");
        File.WriteAllText(folder["note.m4a"], "");
        Directory.CreateDirectory(folder["clips"]);
        (string Line, IReadOnlyList<string> Choices) Tab(string line) => PathCompletion.Complete(line, Commands, WithPath);
        Assert.Equal("/image ", Tab("/i").Line);
        Assert.Equal("/clear", Tab("/cl").Line);
        Assert.Equal(Commands, Tab("/").Choices);
        Assert.Equal($"/image {folder["photo "]}", Tab($"/image {folder["p"]}").Line);
        Assert.Equal(["photo one.jpg", "photo two.jpg"], Tab($"/image {folder["photo "]}").Choices);
        Assert.Equal($"/audio {folder["note.m4a"]}", Tab($"/audio {folder["no"]}").Line);
        Assert.Equal($"/video {folder["clips"]}{Path.DirectorySeparatorChar}", Tab($"/video {folder["cl"]}").Line);
        Assert.Equal($"/video \"{folder["note.m4a"]}", Tab($"/video \"{folder["n"]}").Line);
        Assert.Equal("/clear ab", Tab("/clear ab").Line);
        Assert.Equal("no command", Tab("no command").Line);
        Assert.Equal("/image /no such folder/a", Tab("/image /no such folder/a").Line);
    }

    [Fact]
    public void Tab_shows_choices_once_it_can_add_nothing()
    {
        (string? line, string shown) = Typed("/", ConsoleKey.Tab, "im", ConsoleKey.Tab, "x");
        Assert.Equal("/image x", line);
        Assert.Contains("/audio  /clear  /image  /video", shown, StringComparison.Ordinal);
    }

    private static (string? Line, string Shown) Typed(params object[] typed)
    {
        Queue<ConsoleKeyInfo> keys = new([.. Keys(typed), .. Keys(ConsoleKey.Enter)]);
        StringWriter screen = new();
        LineEditor editor = new(keys.Dequeue, screen, () => 40, line => PathCompletion.Complete(line, Commands, WithPath));
        return (editor.Read("> "), screen.ToString());
    }

    /// <summary>What a terminal sends for a sequence that the console has no key for: Alt and a bracket, then its letters.</summary>
    private static ConsoleKeyInfo[] Sequence(string letters) =>
        [new('[', ConsoleKey.None, false, alt: true, false), .. letters[1..].Select(letter => new ConsoleKeyInfo(letter, ConsoleKey.None, false, false, false))];

    private static ConsoleKeyInfo[] Paste(string text) => [.. Sequence("[200~"), .. Keys(text), .. Sequence("[201~")];

    private static IEnumerable<ConsoleKeyInfo> Keys(params object[] typed) => typed.SelectMany(each => each is ConsoleKeyInfo[] made ? made : each is string text
        ? text.Select(letter => new ConsoleKeyInfo(letter, ConsoleKey.None, false, false, false))
        : [new ConsoleKeyInfo(each is ConsoleKey.Enter ? '\r' : '\0', (ConsoleKey)each, false, false, false)]);
}
