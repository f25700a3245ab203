namespace GemmaVk.Text;

/// <summary>One entry of "added_tokens": a spelling that is cut out of a text before BPE sees it.</summary>
/// <param name="Text">Its spelling.</param>
/// <param name="Id">Its id.</param>
/// <param name="IsControl">Hidden in answers and never typed: the file says "special", or it is one of Gemma's 24. Any other is text.</param>
/// <param name="Normalized">Looked for after spaces have become U+2581, and not in the text as it came.</param>
/// <param name="SingleWord">Found only where no letter, digit or underscore touches it.</param>
/// <param name="LStrip">Takes white space before it along.</param>
/// <param name="RStrip">Takes white space behind it along.</param>
internal sealed record AddedToken(
    string Text, int Id, bool IsControl, bool Normalized = false, bool SingleWord = false, bool LStrip = false, bool RStrip = false);
