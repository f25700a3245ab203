using System;
using System.IO;

namespace GemmaVk.VkGen;

/// <summary>Writes the raw Vulkan binding of GemmaVk.Vulkan from Khronos' registry file.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args.Length != 2)
        {
            Console.Error.WriteLine("usage: VkGen <vk.xml> <output directory>");
            return 2;
        }

        Generate(args[0], Path.Combine(AppContext.BaseDirectory, "vulkan.allow.txt"), args[1]);
        return 0;
    }

    /// <summary>Writes the four generated files into <paramref name="outputDirectory"/>.</summary>
    internal static void Generate(string registry, string allowList, string outputDirectory)
    {
        VkModel model = VkRegistry.Load(registry, AllowList.Read(allowList));
        Directory.CreateDirectory(outputDirectory);
        foreach ((string file, string text) in CSharpPrinter.Print(model))
            File.WriteAllText(Path.Combine(outputDirectory, file), text);
    }
}
