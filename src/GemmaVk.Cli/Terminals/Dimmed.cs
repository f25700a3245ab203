namespace GemmaVk.Cli.Terminals;

/// <summary>What stands beside an answer and is not it: paler on a screen.</summary>
internal static class Dimmed
{
    /// <summary>Begins paler text.</summary>
    public const string On = "\e[2m";

    /// <summary>Ends it.</summary>
    public const string Off = "\e[0m";

    /// <summary>A line on standard error.</summary>
    public static void WriteLine(Terminal terminal, string line) => terminal.Error.WriteLine(terminal.ErrorIsScreen ? $"{On}{line}{Off}" : line);
}
