using System.IO;
using Xunit;

namespace GemmaVk.Shared;

/// <summary>A test that needs a file in the folder beside the repository; it is skipped, visibly, where that is absent.</summary>
public sealed class SharedFactAttribute : FactAttribute
{
    /// <param name="parts">The file's path in that folder.</param>
    public SharedFactAttribute(params string[] parts)
    {
        if (Repository.Shared is null || !File.Exists(Path.Combine([Repository.Shared, .. parts])))
        {
            Skip = $"needs shared/{string.Join('/', parts)} beside the repository";
        }
    }
}
