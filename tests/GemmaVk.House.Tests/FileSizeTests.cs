using System.Collections.Generic;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace GemmaVk.House.Tests;

/// <summary>Files that can be read in one go, and golden data that can be cloned.</summary>
public class FileSizeTests(ITestOutputHelper output)
{
    private const long MostGoldenBytes = 40_000_000;

    // Path to the reason why it may be longer.
    private static readonly Dictionary<string, string> Exceptions = [];

    [Fact]
    public void No_file_is_longer_than_its_bound()
    {
        Dictionary<string, int> lines = Checkout.Texts
            .Where(path => FileSizes.Bound(path) is not null)
            .ToDictionary(path => path, path => Checkout.Read(path).AsLines());
        foreach ((string path, int count) in lines.Where(file => file.Key.EndsWith(".cs") && file.Value > FileSizes.LongCSharp).OrderByDescending(file => file.Value))
        {
            output.WriteLine($"long: {path}, {count} lines");
        }

        Assert.NotEmpty(lines);
        Report.Empty(FileSizes.Findings(lines, Exceptions));
    }

    [Fact]
    public void Golden_data_stays_small()
    {
        long bytes = Checkout.Files("tests/golden").Sum(path => new System.IO.FileInfo(Checkout.Full(path)).Length);
        output.WriteLine($"tests/golden: {bytes:N0} bytes");
        Assert.InRange(bytes, 1, MostGoldenBytes);
    }
}
