using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using GemmaVk.Cli.Help;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Options;

/// <summary><c>--kernel MODULE=FILE</c>: a shader of the user's in the place of an embedded one.</summary>
internal sealed class OwnKernelOption : Option<string[]>
{
    public OwnKernelOption()
        : base("--kernel")
    {
        Description = "A shader of your own in the place of a module that 'gemmavk kernels list' names: a .comp, which libshaderc or glslc compiles, or a .spv. Its results are checked before anything else runs. May come several times.";
        HelpName = "MODULE=FILE";
    }

    /// <summary>File by module; empty where the flag is not given.</summary>
    /// <exception cref="GemmaVkException">A value is no pair, names no module or no file, or a module comes twice.</exception>
    public IReadOnlyDictionary<string, string> Read(ParseResult parsed)
    {
        Dictionary<string, string> files = [];
        foreach (string given in parsed.GetValue(this) ?? [])
        {
            int at = given.IndexOf('=', StringComparison.Ordinal);
            if (at < 1 || at == given.Length - 1)
            {
                throw new GemmaVkException($"--kernel {given}: expected MODULE=FILE, as in mat_vec_q4_dot4=my.comp; add what is missing.");
            }

            (string module, string path) = (given[..at], given[(at + 1)..]);
            if (!BackendFactory.Modules.Contains(module))
            {
                throw new GemmaVkException($"--kernel {given}: expected a shader module, but there is no {module}; {Names.Nearest(module, BackendFactory.Modules, "'gemmavk kernels list'")}.");
            }

            if (!File.Exists(path))
            {
                throw new GemmaVkException($"--kernel {given}: expected a .comp or .spv file, but there is no {path}; check the path.");
            }

            if (!OutputTarget.IsOrdinary(path))
            {
                throw new GemmaVkException($"--kernel {given}: expected a .comp or .spv file, but {path} is a pipe or a device; write the shader into a file.");
            }

            if (!files.TryAdd(module, path))
            {
                throw new GemmaVkException($"--kernel {given}: {module} came twice; drop one.");
            }
        }

        return files;
    }
}
