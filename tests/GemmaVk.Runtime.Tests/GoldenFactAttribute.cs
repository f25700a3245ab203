using System.IO;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>A fact on golden data that is too large for the repository: skipped, with the reason shown, where it is absent.</summary>
internal class GoldenFactAttribute : FactAttribute
{
    public GoldenFactAttribute(string folder, string file)
    {
        if (Repository.Shared is null || !File.Exists(Path.Combine(Repository.Shared, "golden", folder, file)))
        {
            Skip = $"golden/{folder}/{file} is not in a shared folder beside the repository";
        }
    }
}
