using System;

namespace GemmaVk.Fuzz;

/// <summary>A parser took an input and made something of it that cannot be right.</summary>
internal sealed class WrongResultException(string message) : Exception(message);
