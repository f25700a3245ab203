using System;
using System.IO;
using Spectre.Console;
using Plain = Spectre.Console.Text;

namespace GemmaVk.Cli;

/// <summary>Tables in one style, plain where nobody watches.</summary>
internal static class Tables
{
    private const int WidthOfFiles = 160;

    /// <summary>A Spectre console on a stream of text.</summary>
    public static IAnsiConsole Console(TextWriter output)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = Math.Max(console.Profile.Width, WidthOfFiles);
        return console;
    }

    /// <summary>An empty table; a heading that begins with &gt; is right-aligned.</summary>
    public static Table Of(params ReadOnlySpan<string> headings)
    {
        Table table = new() { Border = TableBorder.Simple };
        foreach (string heading in headings)
        {
            bool right = heading.StartsWith('>');
            TableColumn column = new(new Plain(right ? heading[1..] : heading)) { NoWrap = true };
            table.AddColumn(right ? column.RightAligned() : column);
        }

        return table;
    }

    /// <summary>Adds a row of plain text: nothing in it is markup.</summary>
    public static Table Row(this Table table, params ReadOnlySpan<string> cells)
    {
        Plain[] texts = new Plain[cells.Length];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = new Plain(cells[i]);
        }

        return table.AddRow(texts);
    }
}
