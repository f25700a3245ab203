using System.CommandLine;
using System.Globalization;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Options;

/// <summary>A flag with a number of bytes: <c>16GiB</c>, <c>7.5GiB</c>, <c>12GB</c>, <c>800MiB</c>, <c>8589934592</c>.</summary>
internal sealed class SizeOption(string name, string description, string remedy, bool none = false)
    : NumberOption(name, description, "SIZE", $"a size {(none ? "from 0 on" : "above 0")} such as 16GiB, 12GB, 800MiB or a number of bytes", remedy)
{
    private static readonly (string Unit, double Bytes)[] Units =
    [
        ("KIB", 1L << 10), ("MIB", 1L << 20), ("GIB", 1L << 30), ("TIB", 1L << 40), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1),
    ];

    /// <summary>The bytes, or null where the flag is not given.</summary>
    /// <exception cref="GemmaVkException">It is no size, or 0 where there must be some.</exception>
    public long? Read(ParseResult parsed)
    {
        if (parsed.GetValue(this) is not { } text)
        {
            return null;
        }

        string number = text.ToUpperInvariant();
        double unit = 1;
        foreach ((string suffix, double bytes) in Units)
        {
            if (number.EndsWith(suffix, System.StringComparison.Ordinal))
            {
                (number, unit) = (number[..^suffix.Length].TrimEnd(), bytes);
                break;
            }
        }

        // A number of bytes is whole; beyond 2^53 a product with a unit would be rounded, and no machine is that large.
        NumberStyles style = unit == 1 ? NumberStyles.None : NumberStyles.AllowDecimalPoint;
        return double.TryParse(number, style, CultureInfo.InvariantCulture, out double value) && value * unit is >= 0 and < (1L << 53) && (value * unit >= 1 || (none && value == 0))
            ? (long)(value * unit)
            : throw Wrong(text);
    }
}
