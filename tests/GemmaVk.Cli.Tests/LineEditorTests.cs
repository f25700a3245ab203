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

    private static IEnumerable<ConsoleKeyInfo> Keys(params object[] typed) => typed.SelectMany(each => each is string text
        ? text.Select(letter => new ConsoleKeyInfo(letter, ConsoleKey.None, false, false, false))
        : [new ConsoleKeyInfo(each is ConsoleKey.Enter ? '\r' : '\0', (ConsoleKey)each, false, false, false)]);
}
