namespace GemmaVk.Structured;

/// <summary>What an answer is in the middle of.</summary>
internal enum ShapeStage
{
    /// <summary>Nothing was written, and a thought may come first.</summary>
    Opening,

    /// <summary>A thought.</summary>
    Thought,

    /// <summary>Nothing was written but a thought.</summary>
    Opened,

    /// <summary>The text that has a grammar.</summary>
    Body,

    /// <summary>Text that may be anything, thoughts included.</summary>
    Free,

    /// <summary>A call of a tool.</summary>
    Call,

    /// <summary>Behind a call where no text may come.</summary>
    Between,

    /// <summary>Behind the token that ends the answer.</summary>
    Ended,
}
