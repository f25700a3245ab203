using System;
using System.IO;
using GemmaVk.Tensors;
using Spectre.Console;
using Plain = Spectre.Console.Text;

namespace GemmaVk.Cli.Listings;

/// <summary>Tables in one style, plain where nobody watches.</summary>
internal static class Tables
{
    /// <summary>A Spectre console on a stream of text, which asks neither the terminal nor the environment: that takes longer than to plan a 12B.</summary>
    public static IAnsiConsole Console(TextWriter output) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.No,
        ColorSystem = ColorSystemSupport.NoColors,
        Interactive = InteractionSupport.No,
        Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        Out = new Lines(output),
    });

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

    /// <summary>Adds a row of plain text: nothing in it is markup, and nothing of a file steers the terminal.</summary>
    public static Table Row(this Table table, params ReadOnlySpan<string> cells)
    {
        Plain[] texts = new Plain[cells.Length];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = new Plain(VisibleText.Line(cells[i]));
        }

        return table.AddRow(texts);
    }

    /// <summary>Lines of text as they are: no table is wrapped.</summary>
    private sealed class Lines(TextWriter output) : IAnsiConsoleOutput
    {
        public TextWriter Writer => output;

        public bool IsTerminal => false;

        public int Width => 400;

        public int Height => int.MaxValue;

        public void SetEncoding(System.Text.Encoding encoding)
        {
            // The writer has one.
        }
    }
}
