using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace GemmaVk.House.Tests;

/// <summary>Lower rooms never see upper ones.</summary>
public class ArchitectureTests
{
    private static readonly string[] MaySeeVulkan = ["src/GemmaVk.Gpu/", "tests/GemmaVk.Gpu.Tests/"];

    [Fact]
    public void Every_reference_between_rooms_is_in_the_table()
    {
        string[] projects = [.. Projects("src")];
        Assert.NotEmpty(projects);
        Report.Empty(projects.SelectMany(project => Rooms.Trespasses(Path.GetFileNameWithoutExtension(project), Checkout.Read(project))));
    }

    [Fact]
    public void Vulkan_ends_at_GemmaVk_Gpu() => Report.Empty(
        from path in Checkout.Texts
        where !MaySeeVulkan.Any(room => path.StartsWith(room, StringComparison.Ordinal))
        from word in path.EndsWith(".cs", StringComparison.Ordinal) ? Rooms.VulkanWords(path, Checkout.Read(path))
            : path.EndsWith(".csproj", StringComparison.Ordinal) ? Rooms.VulkanPackages(path, Checkout.Read(path))
            : []
        select word);

    [Fact]
    public void The_compiler_cannot_see_Vulkan_above_GemmaVk_Gpu() =>
        Assert.Contains("<PackageReference Include=\"Silk.NET.Vulkan\" PrivateAssets=\"compile\" />", Checkout.Read("src/GemmaVk.Gpu/GemmaVk.Gpu.csproj"));

    [Fact]
    public void Only_the_factory_makes_backends()
    {
        Assert.NotEmpty(Rooms.BackendsMade("", Checkout.Read(Rooms.Factory)));
        Report.Empty(
            from path in Sources()
            where !Rooms.IsFactory(path)
            from made in Rooms.BackendsMade(path, Checkout.Read(path))
            select made);
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = Checkout.Read("GemmaVk.sln").Replace('\\', '/');
        Report.Empty(
            from project in Projects("src").Concat(Projects("tests")).Concat(Projects("bench")).Concat(Projects("tools"))
            where !solution.Contains($"\"{project}\"", StringComparison.Ordinal)
            select $"{project} is not in GemmaVk.sln: run 'dotnet sln add {project}'.");
    }

    private static IEnumerable<string> Sources() =>
        Checkout.Texts.Where(path => path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal));

    private static IEnumerable<string> Projects(string folder) =>
        Checkout.Texts.Where(path => path.StartsWith(folder + "/", StringComparison.Ordinal) && path.EndsWith(".csproj", StringComparison.Ordinal));
}
