using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Reflection;
using GemmaVk.Cli.Commands;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Terminals;
using GemmaVk.Kernels;
using Spectre.Console;

namespace GemmaVk.Cli.Instruments;

/// <summary>All kernels, and the shader modules that a user's own shader can stand for.</summary>
internal sealed class KernelsList : Verb
{
    public KernelsList()
        : base("list", "Lists the kernels, what each does, and the names of its shader modules, which --kernel takes.")
    {
    }

    public override string Title => "kernels list";

    public override IReadOnlyList<string> Examples { get; } = ["gemmavk kernels list"];

    [UnconditionalSuppressMessage("Trimming", "IL2026:RequiresUnreferencedCode", Justification = "The project keeps all of GemmaVk.Kernels when it is compiled ahead of time.")]
    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        BackendFactory.CheckVariables();
        (string Name, string Snake, string Purpose)[] kernels =
        [
            .. typeof(IPass).Assembly.GetTypes()
                .Select(type => (type.Name, Attribute: type.GetCustomAttribute<KernelAttribute>()))
                .Where(each => each.Attribute is not null)
                .Select(each => (each.Name, Snake(each.Name), each.Attribute!.Purpose))
                .OrderBy(each => each.Name, StringComparer.Ordinal),
        ];
        Table table = Tables.Of("kernel", "module", "what it does");
        foreach ((string name, string snake, string purpose) in kernels)
        {
            // rms_norm_rope is no form of rms_norm.
            string[] modules = [.. BackendFactory.Modules.Where(module => kernels.Where(each => Is(module, each.Snake)).MaxBy(each => each.Snake.Length).Snake == snake)];
            foreach ((string module, int i) in modules.DefaultIfEmpty("").Select((module, i) => (module, i)))
            {
                table.Row(i == 0 ? name : "", module, i == 0 ? purpose : "");
            }
        }

        Tables.Console(surroundings.Terminal.Out).Write(table);
        return ExitCode.Done;
    }

    private static bool Is(string module, string snake) => module == snake || module.StartsWith(snake + "_", StringComparison.Ordinal);

    private static string Snake(string name) => string.Concat(name.Select((letter, i) => char.IsUpper(letter) ? (i == 0 ? "" : "_") + char.ToLowerInvariant(letter) : letter.ToString()));
}
