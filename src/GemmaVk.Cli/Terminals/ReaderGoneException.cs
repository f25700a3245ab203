using System.IO;

namespace GemmaVk.Cli.Terminals;

/// <summary>Whoever read standard output has closed it, as <c>head</c> does when it has enough: nothing is wrong, and nothing more is wanted.</summary>
internal sealed class ReaderGoneException() : IOException("nobody reads standard output any more");
