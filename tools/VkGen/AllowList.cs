using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace GemmaVk.VkGen;

/// <summary>The contents of vulkan.allow.txt: highest core version, extensions, commands.</summary>
internal sealed record AllowList(Version Core, IReadOnlyList<string> Extensions, IReadOnlyList<string> Commands)
{
    public static AllowList Read(string path)
    {
        Version core = new(1, 0);
        List<string> extensions = [];
        List<string> commands = [];
        foreach (string line in File.ReadLines(path).Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["core", var version])
                core = Version.Parse(version);
            else if (words is ["extension", var extension])
                extensions.Add(extension);
            else if (words is [var command] && command.StartsWith("vk", StringComparison.Ordinal))
                commands.Add(command);
            else
                throw new InvalidDataException($"{path}: cannot read line '{line}' (core N, extension VK_..., or a vk... command).");
        }

        return new AllowList(core, extensions, commands);
    }
}
