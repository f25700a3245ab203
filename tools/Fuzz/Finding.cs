namespace GemmaVk.Fuzz;

/// <summary>An input that a parser does not stand.</summary>
/// <param name="Target">Name of the parser.</param>
/// <param name="Input">The bytes.</param>
/// <param name="Kind">Same for inputs that go wrong in the same way.</param>
/// <param name="What">What happened.</param>
internal sealed record Finding(string Target, byte[] Input, string Kind, string What);
