using System;
using System.Collections.Generic;
using GemmaVk.Fuzz.Mutations;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Fuzz;

/// <summary>A parser, the inputs that it is fed variations of, and what it may do with them.</summary>
internal abstract class Target : IDisposable
{
    /// <summary>What it is called on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What it reads.</summary>
    public abstract string Reads { get; }

    /// <summary>How inputs are varied with regard to their structure.</summary>
    public abstract IMutation Structure { get; }

    /// <summary>Good inputs, and bad ones of interest.</summary>
    public abstract IEnumerable<byte[]> Seeds();

    /// <summary>Bytes that one input of a length may have allocated, however it ends.</summary>
    public virtual long MostAllocated(int length) => (4L << 20) + (256L * length);

    /// <summary>Parses. What it throws is judged by <see cref="IsClear"/>.</summary>
    /// <returns>Whether the input was accepted; a refusal without an exception is none.</returns>
    public abstract bool Parse(byte[] input);

    /// <summary>An exception that is the room's own sentence about a bad input.</summary>
    public virtual bool IsClear(Exception error) => error is GemmaVkException or TextException;

    /// <summary>Another of its kind, for another thread; files that it writes are its own.</summary>
    public abstract Target Another();

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
