using System;
using System.IO;

namespace GemmaVk.Weights;

/// <summary>A path as a person writes it.</summary>
public static class HomePath
{
    /// <summary>
    /// A path in which a leading ~ is the home folder, where a shell did not see it first: behind <c>--flag=</c>, in quotes, in a program. What is really
    /// called ~ stays.
    /// </summary>
    public static string Expand(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        bool home = path == "~" || path.StartsWith("~/", StringComparison.Ordinal) || (OperatingSystem.IsWindows() && path.StartsWith("~\\", StringComparison.Ordinal));
        return home && !Path.Exists(path) && Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } folder
            ? Path.Join(folder, path[1..])
            : path;
    }
}
