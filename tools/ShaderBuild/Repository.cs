using System.IO;

namespace GemmaVk.ShaderBuild;

/// <summary>Where things are.</summary>
internal static class Repository
{
    /// <summary>The shaders folder at or above <paramref name="start"/>, or null.</summary>
    public static string? Shaders(string start)
    {
        for (DirectoryInfo? at = new(start); at is not null; at = at.Parent)
        {
            string folder = Path.Combine(at.FullName, "shaders");
            if (File.Exists(Path.Combine(folder, "variants.txt")))
                return folder;
        }

        return null;
    }
}
