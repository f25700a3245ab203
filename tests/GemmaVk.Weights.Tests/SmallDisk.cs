using System;
using System.IO;
using Xunit;

namespace GemmaVk.Weights.Tests;

/// <summary>A disk of a few megabytes: a tmpfs that is mounted for one test.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SmallDisk(int megabytes)
    {
        Directory.CreateDirectory(Path);
        (int code, string error) = ChildProgram.Start("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", Path);
        Assert.True(code == 0, error);
    }

    public string Path => _folder["disk"];

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        ChildProgram.Start("umount", Path);
        _folder.Dispose();
    }
}

/// <summary>A test on a <see cref="SmallDisk"/>: mounting takes root, and the test is shown as skipped without.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            Skip = "mounts a small disk, which takes root on Linux";
        }
    }
}
