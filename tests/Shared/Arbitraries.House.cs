using FsCheck;
using FsCheck.Fluent;

namespace GemmaVk.Shared;

public static partial class Arbitraries
{
    /// <summary>Letters of which C# makes strings, comments and code.</summary>
    public static Arbitrary<SourceLetters> SourceLetters =>
        Draw.List(0, 100, Draw.OneOf('a', ' ', '\n', '/', '*', '"', '\'', '\\', '@', '$')).Convert(letters => new SourceLetters(new string(letters)), source => source.Text.ToCharArray());
}

/// <summary>A text that is nearly C#.</summary>
public sealed record SourceLetters(string Text);
