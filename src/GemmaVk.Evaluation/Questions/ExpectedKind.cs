namespace GemmaVk.Evaluation.Questions;

/// <summary>How an answer is judged.</summary>
public enum ExpectedKind
{
    /// <summary>It is one of some texts, blanks at both ends aside.</summary>
    Exact,

    /// <summary>Of some continuations the right one is the likeliest; nothing is written.</summary>
    Choices,

    /// <summary>It holds every one of some texts.</summary>
    Contains,

    /// <summary>An expression matches somewhere in it.</summary>
    Regex,

    /// <summary>It is JSON that a schema takes.</summary>
    Schema,

    /// <summary>It calls one tool, with certain arguments.</summary>
    Call,

    /// <summary>It is a transcript: its words are counted against those that were said.</summary>
    Transcript,
}
