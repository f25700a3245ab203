using GemmaVk.Grammar.Lexing;

namespace GemmaVk.Grammar.Automata;

/// <summary>
/// The blanks between two marks of JSON: nothing, one space, or a line's end and its indentation. Bounded, because a model that may write
/// blanks for ever sometimes does; and none before a colon or a comma, where no writer puts any.
/// </summary>
internal static class Gap
{
    /// <summary>Most spaces and tabulators after a line's end.</summary>
    public const int MostIndent = 32;

    private const int Space = 1;
    private const int Return = 2;
    private const int Line = 3;

    /// <summary>Nothing yet.</summary>
    public const int None = 0;

    /// <summary>Where blanks are not wanted at all.</summary>
    public const int Forbidden = Line + MostIndent;

    /// <summary>Where one space may stand, and no end of line: behind a colon.</summary>
    public const int OneSpace = Forbidden + 1;

    /// <summary>The place after a byte, or -1 where it is no blank that may follow.</summary>
    public static int Next(int gap, byte value) => (gap, (char)value) switch
    {
        (Forbidden, _) => -1,
        (OneSpace, ' ') => Forbidden,
        (OneSpace, _) => -1,
        (None, ' ') => Space,
        (None or Space, '\r') => Return,
        (None or Space or Return, '\n') => Line,
        ( >= Line, ' ' or '\t') => gap + 1 < Forbidden ? gap + 1 : -1,
        _ => -1,
    };

    /// <summary>Adds the blanks that may follow.</summary>
    public static void Bytes(int gap, ref ByteSet bytes)
    {
        foreach (byte value in " \t\r\n"u8)
        {
            if (Next(gap, value) >= 0)
            {
                bytes.Add(value);
            }
        }
    }

    /// <summary>Whether something else may follow.</summary>
    public static bool CanEnd(int gap) => gap != Return;
}
