using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Shared;

/// <summary>What can happen to bytes.</summary>
public enum DamageKind
{
    /// <summary>A byte has another value.</summary>
    Set,

    /// <summary>A byte has a wrong bit.</summary>
    Flip,

    /// <summary>As many bytes as the value says are left out.</summary>
    Remove,

    /// <summary>As many bytes as the value says are there twice.</summary>
    Repeat,

    /// <summary>There is a byte more.</summary>
    Insert,

    /// <summary>The rest is cut off.</summary>
    Cut,
}

/// <summary>One damage of bytes, at a place that counts from the start again behind the end.</summary>
public readonly record struct Damage(DamageKind Kind, int At, int Value)
{
    public override string ToString() => $"{Kind} at {At} ({Value})";
}

/// <summary>Damages bytes.</summary>
internal static class Mutation
{
    /// <param name="original">Stays as it is.</param>
    /// <param name="damages">One after the other.</param>
    /// <param name="length">Bytes from the start in which the places are, or 0 for all.</param>
    public static byte[] Apply(byte[] original, IEnumerable<Damage> damages, int length = 0)
    {
        List<byte> bytes = [.. original];
        foreach (Damage damage in damages.TakeWhile(_ => bytes.Count > 0))
        {
            int at = damage.At % (length == 0 ? bytes.Count : Math.Min(length, bytes.Count));
            int count = Math.Min(damage.Value, bytes.Count - at);
            switch (damage.Kind)
            {
                case DamageKind.Set:
                    bytes[at] = (byte)damage.Value;
                    break;
                case DamageKind.Flip:
                    bytes[at] ^= (byte)(1 << (damage.Value & 7));
                    break;
                case DamageKind.Remove:
                    bytes.RemoveRange(at, count);
                    break;
                case DamageKind.Repeat:
                    bytes.InsertRange(at, bytes.Slice(at, count));
                    break;
                case DamageKind.Insert:
                    bytes.Insert(at, (byte)damage.Value);
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }
}
