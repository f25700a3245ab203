using System;
using System.IO;
using System.Linq;
using Xunit;

namespace GemmaVk.Documents.Tests;

/// <summary>A test that needs pdftoppm.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PopplerFactAttribute : FactAttribute
{
    public PopplerFactAttribute()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "pdftoppm"))))
        {
            Skip = "pdftoppm is not installed (Debian: poppler-utils)";
        }
    }
}
