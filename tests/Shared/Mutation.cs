using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Shared;

/// <summary>Damages bytes: a value, a bit, a part left out, a part twice, the rest cut off.</summary>
internal static class Mutation
{
    public static byte[] Apply(byte[] original, IEnumerable<(int Kind, int At, int Value)> edits)
    {
        List<byte> bytes = [.. original];
        foreach ((int kind, int place, int value) in edits.TakeWhile(_ => bytes.Count > 0))
        {
            int at = Math.Min(place, bytes.Count - 1);
            switch (kind)
            {
                case 0:
                    bytes[at] = (byte)value;
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << (value & 7));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(value, bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.Slice(at, Math.Min(value, bytes.Count - at)));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }
}
