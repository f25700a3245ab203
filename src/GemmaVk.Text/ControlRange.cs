namespace GemmaVk.Text;

/// <summary>A part of a text, from one character up to another, in which control tokens are recognised.</summary>
internal readonly record struct ControlRange(int Start, int End);
