using System;
using System.IO;
using System.Linq;
using GemmaVk.VkGen;
using Xunit;

namespace GemmaVk.Vulkan.Tests;

/// <summary>The committed binding is what the generator writes.</summary>
public sealed class GeneratorTests
{
    [RegistryFact]
    public void CommittedFilesAreReproduced()
    {
        DirectoryInfo output = Directory.CreateTempSubdirectory("vkgen");
        try
        {
            Program.Generate(RegistryFactAttribute.RegistryPath, Repository.Path("tools", "VkGen", "vulkan.allow.txt"), output.FullName);
            string committed = Repository.Path("src", "GemmaVk.Vulkan", "Generated");
            Assert.Equal(
                Directory.GetFiles(committed, "*.g.cs").Select(Path.GetFileName).Order(),
                output.GetFiles().Select(f => f.Name).Order());
            foreach (FileInfo file in output.GetFiles())
            {
                Assert.True(
                    File.ReadAllBytes(file.FullName).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(committed, file.Name))),
                    $"{file.Name} differs: run dotnet run --project tools/VkGen -- ../shared/vk/vk.xml src/GemmaVk.Vulkan/Generated");
            }
        }
        finally
        {
            output.Delete(recursive: true);
        }
    }

    [Fact]
    public void TablesHoldExactlyTheAllowListedCommands()
    {
        AllowList allow = AllowList.Read(Repository.Path("tools", "VkGen", "vulkan.allow.txt"));
        string[] fields =
        [
            .. new[] { typeof(VkGlobalCommands), typeof(VkInstanceCommands), typeof(VkDeviceCommands) }
                .SelectMany(t => t.GetFields()).Select(f => f.Name).Order(StringComparer.Ordinal),
        ];
        Assert.Equal(allow.Commands.Order(StringComparer.Ordinal), fields);
        Assert.Equal(109, fields.Length);
    }

    [Theory]
    [InlineData("VkBufferUsageFlagBits", "VK_BUFFER_USAGE_STORAGE_BUFFER_BIT", "StorageBuffer")]
    [InlineData("VkAccessFlagBits2", "VK_ACCESS_2_SHADER_READ_BIT", "ShaderRead")]
    [InlineData("VkResult", "VK_ERROR_DEVICE_LOST", "ErrorDeviceLost")]
    [InlineData("VkScopeKHR", "VK_SCOPE_SUBGROUP_KHR", "Subgroup")]
    [InlineData("VkSampleCountFlagBits", "VK_SAMPLE_COUNT_4_BIT", "N4")]
    [InlineData("VkDriverId", "VK_DRIVER_ID_AMD_OPEN_SOURCE", "AmdOpenSource")]
    public void EnumMembersLoseTheirPrefix(string type, string c, string expected) =>
        Assert.Equal(expected, CSharpNames.EnumMember(type, c));

    [Fact]
    public void UnknownLineInTheAllowListIsNamed()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "core 1.3\nglBegin\n");
            InvalidDataException error = Assert.Throws<InvalidDataException>(() => AllowList.Read(path));
            Assert.Contains("glBegin", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
