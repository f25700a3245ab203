using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace GemmaVk.House.Tests;

/// <summary>Fails with every finding, one per line, not only with the first.</summary>
internal static class Report
{
    public static void Empty(IEnumerable<string> findings)
    {
        string[] all = [.. findings];
        Assert.True(all.Length == 0, $"{all.Length} found:{Environment.NewLine}{string.Join(Environment.NewLine, all)}");
    }
}
